"""Bodies that are inspected: when two names mean the same one."""

import re
from functools import lru_cache

from shared.width import narrow

LONGEST = 200
"""Characters; what is longer is no name, and an index has its limits."""

_COMMITTEE = re.compile(r"^(?:中国共产党|中共)(.+?)(?:工作)?委员会$|^(?:中国共产党|中共)?(.+?)(?:党工委|党委|党组)$")

# What offices are called in short, as signs on their doors and notices have it. A row's left side gives way to its
# right; of two that fit at one place the longer does.
_SHORT = {
    "人民政府办公室": "政府办",
    "人民政府办公厅": "政府办",
    "人民政府": "政府",
    "政府办公室": "政府办",
    "人民代表大会常务委员会": "人大常委会",
    "人民政治协商会议": "政协",
    "纪律检查委员会": "纪委",
    "监察委员会": "监委",
    "政法委员会": "政法委",
    "统一战线工作部": "统战部",
    "机构编制委员会办公室": "编办",
    "巡察工作领导小组办公室": "巡察办",
    "发展和改革委员会": "发改委",
    "发展和改革局": "发改局",
    "国有资产监督管理委员会": "国资委",
    "国有资产监督管理局": "国资局",
    "卫生健康委员会": "卫健委",
    "卫生健康局": "卫健局",
    "住房和城乡建设委员会": "住建委",
    "住房和城乡建设局": "住建局",
    "住房城乡建设局": "住建局",
    "人力资源和社会保障局": "人社局",
    "人力资源社会保障局": "人社局",
    "市场监督管理局": "市场监管局",
    "自然资源和规划局": "自然资源局",
    "农业和农村局": "农业农村局",
    "教育和体育局": "教体局",
    "教育体育局": "教体局",
    "文化广电旅游体育局": "文旅局",
    "文化广电和旅游局": "文旅局",
    "文化和旅游局": "文旅局",
    "退役军人事务局": "退役军人局",
    "应急管理局": "应急局",
    "医疗保障局": "医保局",
    "行政审批服务局": "审批局",
    "行政审批局": "审批局",
    "城市管理和综合执法局": "城管局",
    "城市管理综合执法局": "城管局",
    "城市管理局": "城管局",
    "综合行政执法局": "综合执法局",
    "交通运输局": "交通局",
    "工业和信息化局": "工信局",
    "科学技术局": "科技局",
    "民族宗教事务局": "民宗局",
    "机关事务管理局": "机关事务局",
    "管理委员会": "管委会",
    "总工会委员会": "总工会",
    "妇女联合会": "妇联",
    "残疾人联合会": "残联",
    "工商业联合会": "工商联",
    "科学技术协会": "科协",
    "供销合作社联合社": "供销社",
    "供销合作联社": "供销社",
    "街道办事处": "街道",
    "有限责任公司": "公司",
    "有限公司": "公司",
}
_LONG = re.compile("|".join(sorted(map(re.escape, _SHORT), key=len, reverse=True)))
_OWN_GOVERNMENT = re.compile("(?<=[镇乡])政府$")  # the government of a town is the town
_UNIT = "(?:自治区|自治州|自治县|省|市|州|盟|县|区|旗)"
_PLACE = re.compile(f"^[^局部办委院校会]{{2,8}}?{_UNIT}")
_LED_BY_PLACE = re.compile(f"^[^局部办委院校会]{{2,6}}?(?:{_UNIT}|[镇乡]|街道|苏木)")


def body_key(name: str | None) -> str | None:
    """Return what is compared when two names are asked to mean the same body; None where there is no name.

    The party committee of a body is the body: 中共X委员会, 中共X工作委员会, X党委, X党组 and X党工委 are all X.
    Width and white space do not count.
    """
    plain = "".join(narrow(name or "").split())[:LONGEST]
    found = _COMMITTEE.match(plain)
    key = (found[1] or found[2]) if found else plain
    return key or None


@lru_cache(20_000)
def forms(name: str) -> tuple[str, ...]:
    """Return the names that a body goes by, from the fullest on, all in short form; empty where there is no name.

    省X市Y区Z is also called X市Y区Z and Y区Z, as long as a place is still named: Z alone would be anybody's.
    """
    key = body_key(name)
    if key is None:
        return ()
    short = _OWN_GOVERNMENT.sub("", _LONG.sub(lambda found: _SHORT[found[0]], key))
    found = [short]
    while (place := _PLACE.match(found[-1])) and _LED_BY_PLACE.match(rest := found[-1][place.end() :]):
        found.append(rest)
    return tuple(found)


def same_body(one: str, other: str) -> bool:
    """Tell whether two names may mean the same body: one is the other, or the other without places before it."""
    ours, theirs = forms(one), forms(other)
    return bool(ours and theirs) and (ours[0] in theirs or theirs[0] in ours)
