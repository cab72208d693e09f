"""Every row of the boilerplate table: a line it cuts, and a look-alike that it must leave alone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.clean.boilerplate import RULES, Cut, Rule
from worker.read import read

TEXT = ["本站今日起调整办事大厅的排队方式，请先取号。", "窗口增加到六个，中午不停办。"]
FOOTER = "某某局版权所有"

# name, how it cuts, furniture, look-alike
EXAMPLES: list[tuple[str, Cut, str, str]] = [
    ("next_page_marker", Cut.PIECE, "[NextPage][/NextPage]", "翻到下一页（NextPage）再看。"),
    ("font_size", Cut.PIECE, "【字体：大 中 小】", "标牌【字体加粗】后重新安装。"),
    ("print_close", Cut.PIECE, "【打印本页】【关闭窗口】", "请到三号窗口（打印点）取件。"),
    ("share", Cut.PIECE, "扫一扫在手机打开当前页", "用手机扫一扫柜台上的码即可排队。"),
    ("editor", Cut.PIECE, "（责任编辑：赵二）", "（责任编辑由办公室指定）"),
    ("visit_count", Cut.PIECE, "浏览次数：31次", "全年阅读量：三万册。"),
    ("font_size", Cut.LINE, "字号：默认 大 超大 |", "字体设计大赛开始报名"),
    ("print_close", Cut.LINE, "打印本页 | 关闭窗口", "打印店关闭一天"),
    ("share", Cut.LINE, "分享到：微信 微博 QQ空间", "分享到会人员的经验"),
    ("location", Cut.LINE, "您现在的位置：首页 > 通知公告", "项目位置：东街以北、河道以南"),
    ("visit_count", Cut.LINE, "浏览次数：128", "浏览次数较上月上升"),
    ("prev_next", Cut.LINE, "上一篇：关于停水的通知", "上一页所列三项已办结"),
    ("pager", Cut.LINE, "首页 上一页 [1] [2] 下一页 尾页", "1 2 3"),
    ("editor", Cut.LINE, "责任编辑：赵二", "责任编辑：赵二因事请假，由钱三代理。"),
    ("external_link", Cut.LINE, "您访问的链接即将离开“某某门户网站”，是否继续？", "施工队即将离开现场"),
    ("accessibility", Cut.LINE, "无障碍浏览", "无障碍设施改造完工"),
    ("attachments_label", Cut.LINE, "相关附件：", "附件：1.排队须知"),
    ("icp", Cut.LINE, "ICP备案号：京ICP备00000009号-1", "某应用，京ICP备00000009号，已下架。"),
    ("police_record", Cut.LINE, "京公网安备 11000002000009号", "应当办理公网安备手续。"),
    ("site_code", Cut.LINE, "网站标识码：1100000009", "各单位核对网站标识码。"),
    (
        "disclaimer",
        Cut.LINE,
        "声明：本网转载信息仅供参考，如有侵权请联系我们删除。",
        "声明：本局从未委托任何机构收费，请勿上当。",
    ),
    ("site_faults", Cut.LINE, "政府网站找错", "网站找错率有所下降"),
    ("related", Cut.REST, "相关新闻", "相关新闻已在三月发布"),
    ("icp", Cut.EDGE, "某局 京ICP备00000009号", "某局应在首页标明京ICP备00000009号。"),
    ("police_record", Cut.EDGE, "备案：京公网安备11000002000009号", "未办公网安备的须补办。"),
    ("site_code", Cut.EDGE, "政府网站标识码 1100000009 支持", "网站标识码由上级分配。"),
    ("copyright", Cut.EDGE, "版权所有：某某局", "画册的版权所有人为县档案馆。"),
    ("site_owner", Cut.EDGE, "网站主办单位：某某局办公室", "网站主办单位应当公示。"),
    ("site_reports", Cut.EDGE, "网站举报电话：010-55550199", "举报电话：010-55550198"),
    ("sponsor", Cut.EDGE, "主办单位：某某局办公室", "主办单位：县文化馆"),
    ("operator", Cut.EDGE, "技术支持：某某软件公司", "技术支持：县信息中心"),
    ("browser_hint", Cut.EDGE, "建议使用1024*768分辨率浏览", "分辨率不低于三百点"),
    ("site_map", Cut.EDGE, "网站地图 | 联系我们", "联系我们的三种方式如下"),
    ("site_map", Cut.EDGE, "联系我们 帮助", "联系我们请拨打热线"),
    ("navigation", Cut.EDGE, "首页 要闻动态 信访举报", "首页 第二版 刊登全文，欢迎查阅"),
    ("footer_address", Cut.CONTACT, "地址：某市长街2号 邮编：100996", "地址：某市长街2号"),
]


def _body_and_cuts(lines: list[str]) -> tuple[str, list[str]]:
    document = read("\n".join(lines).encode())
    return document.body, [removed.rule for removed in document.removed]


def test_every_rule_has_an_example() -> None:
    assert [(rule.name, rule.cut) for rule in RULES] == [(name, cut) for name, cut, _, _ in EXAMPLES]


@pytest.mark.parametrize(("name", "cut", "furniture", "_look_alike"), EXAMPLES)
def test_furniture_is_cut_and_the_rule_is_named(name: str, cut: Cut, furniture: str, _look_alike: str) -> None:
    if cut is Cut.PIECE:
        body, rules = _body_and_cuts([*TEXT[:1], TEXT[1] + furniture])
    elif cut in (Cut.LINE, Cut.REST):
        body, rules = _body_and_cuts([*TEXT, furniture])
    else:
        body, rules = _body_and_cuts([*TEXT, FOOTER, furniture])
    assert body == "\n".join(TEXT)
    assert name in rules


@pytest.mark.parametrize(("_name", "_cut", "_furniture", "look_alike"), EXAMPLES)
def test_a_look_alike_stays(_name: str, _cut: Cut, _furniture: str, look_alike: str) -> None:
    body, rules = _body_and_cuts([TEXT[0], look_alike, TEXT[1]])
    assert body.split("\n") == [TEXT[0], look_alike, TEXT[1]]
    assert rules == []


def test_the_publishers_own_contacts_stay_above_a_footer() -> None:
    own = ["电话：010-55550144", "邮政编码：100995"]
    body, rules = _body_and_cuts([*TEXT, *own, FOOTER, "联系地址：某市大道9号 邮政编码：100995"])
    assert body.split("\n")[-2:] == own
    assert rules == ["copyright", "footer_address"]


def test_contacts_at_the_end_without_any_footer_stay() -> None:
    body, rules = _body_and_cuts([*TEXT, "地址：某市长街2号", "邮编：100996"])
    assert body.endswith("邮编：100996")
    assert rules == []


def test_a_sponsor_named_by_a_notice_is_no_footer() -> None:
    body, _ = _body_and_cuts([*TEXT, "主办单位：县文化馆"])
    assert body.endswith("县文化馆")


def test_registration_numbers_listed_by_a_notice_stay() -> None:
    row = "某某应用 某某公司 京ICP备00000008号-2A 超范围收集"
    body, _ = _body_and_cuts([TEXT[0], row, TEXT[1]])
    assert row in body


def test_furniture_above_the_text_is_cut_when_a_number_proves_it() -> None:
    body, rules = _body_and_cuts(["主办单位：某某局", "合作单位：某某网", "京ICP备00000009号", *TEXT])
    assert body == "\n".join(TEXT)
    assert rules == ["sponsor", "sponsor", "icp"]


def test_a_marker_glued_to_a_heading_leaves_the_heading() -> None:
    body, rules = _body_and_cuts([TEXT[0], "[NextPage][/NextPage]二、下一步", TEXT[1]])
    assert body.split("\n")[1] == "二、下一步"
    assert rules == ["next_page_marker"]


def test_furniture_between_the_dateline_and_the_text_is_cut_by_name() -> None:
    page = """<html><body><h1>关于堤防整改的通报</h1><p>发布时间：2024-03-05</p>
    <p>主办单位：溪口县水务局</p><p>协办单位：溪口县新闻中心</p><p>浙ICP备12345678号</p>
    <p>二〇二四年二月，县水务局对堤防开展了检查，现将整改情况通报如下。</p></body></html>"""
    document = read(page.encode())
    assert document.body == "二〇二四年二月，县水务局对堤防开展了检查，现将整改情况通报如下。"
    assert {"sponsor", "icp"} <= {cut.rule for cut in document.removed}


NOTICE = [
    "根据区委统一部署，区委第一巡察组对云岭镇党委开展了巡察，现将整改进展情况予以公布。",
    "一、强化责任",
    "镇党委先后召开会议六次，研究整改事项。",
    "联系电话：0599-5550123；邮政编码：354999。",
    "中共云岭镇委员会",
    "2024年5月6日",
]
PROOF = "清源区人民政府版权所有 闽ICP备05000001号"
# What is furniture wherever it stands: in a line of its own, or behind the last line.
ANYWHERE = [
    "闽ICP备05000001号-1",
    "备案号：闽ICP备05000001号",
    "ICP备案号：闽ICP备05000001号-1 闽公网安备 35070002000123号",
    "闽公网安备 35070002000123号 闽ICP备05000001号-1 网站标识码：3507000001",
    "政府网站标识码3507000001",
    "字体：【大】【中】【小】",
    "【 字体：大 中 小 】",
    "[字号：大 中 小]",
    "字体： 大 中 小 | 打印 | 关闭",
    "A+ A-",
    "分享：微信 微博",
    "扫一扫在手机打开当前页",
    "扫码分享",
    "【打印】【关闭】",
    "打印本页 关闭窗口",
    "【我要打印】【我要纠错】",
    "无障碍浏览",
    "您访问的链接即将离开“清源区人民政府”门户网站 是否继续？",
    "您现在的位置：首页 > 政务公开 > 通知公告",
    "首页 > 政务公开 > 通知公告 > 正文",
    "浏览次数：123",
    "您是第12345位访客",
    "责任编辑：赵二",
    "编辑：赵二 审核：钱三",
    "（责任编辑：赵二）",
    "上一篇：关于停水的通知 下一篇：关于停电的通知",
    "下一条: 无",
    "相关附件：",
    "文件下载：",
    "政府网站找错",
    "返回顶部",
]
# What is furniture only at an edge, where something proves it.
AT_AN_EDGE = [
    "主办单位：清源区人民政府办公室",
    "主办：清源区人民政府 承办：清源区大数据中心",
    "Copyright © 2020-2024 清源区人民政府 All Rights Reserved",
    "清源区人民政府 版权所有",
    "技术支持：某某科技有限公司",
    "网站地图 | 联系我们 | 关于我们",
    "联系我们",
    "建议使用IE9以上浏览器，1920*1080分辨率浏览",
    "网站支持IPv6",
    "网站举报电话：0599-5550001",
    "违法和不良信息举报电话：0599-5550001",
    "微信公众号",
]


def _lines_of(lines: list[str]) -> list[list[str]]:
    """Read the lines as a text, as paragraphs of a page, and as one block with breaks."""
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    pages = ["\n".join(lines), f"<div id='zoom'>{paragraphs}</div>", f"<div id='zoom'>{'<br>'.join(lines)}</div>"]
    return [read(page.encode()).body.split("\n") for page in pages]


@pytest.mark.parametrize("furniture", ANYWHERE)
def test_unmistakable_furniture_is_cut_wherever_it_stands(furniture: str) -> None:
    end, glued = [*NOTICE, furniture], [*NOTICE[:-1], f"{NOTICE[-1]} {furniture}"]
    for lines in (end, glued, [furniture, *NOTICE], [*NOTICE[:3], furniture, *NOTICE[3:]]):
        assert _lines_of(lines) == [NOTICE] * 3


@pytest.mark.parametrize("furniture", [*ANYWHERE, *AT_AN_EDGE])
def test_furniture_is_cut_at_an_edge_where_something_proves_it(furniture: str) -> None:
    around = ([*NOTICE, PROOF, furniture], [*NOTICE, furniture, PROOF], [PROOF, furniture, *NOTICE])
    for lines in (*around, [*NOTICE, furniture], [*NOTICE, f"{furniture} {PROOF}"]):
        assert _lines_of(lines) == [NOTICE] * 3


def test_a_last_line_that_only_names_the_source_gives_it() -> None:
    document = read("\n".join([*NOTICE, "来源：清源区纪委监委"]).encode())
    assert document.body.split("\n") == NOTICE
    assert document.source == "清源区纪委监委"
    figure = read("\n".join([*NOTICE[:3], "来源：统计年鉴", *NOTICE[3:]]).encode())
    assert "来源：统计年鉴" in figure.body


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.cut.value}")
def test_whatever_a_rule_matches_holds_one_of_its_marks(rule: Rule) -> None:
    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(st.from_regex(rule.pattern))
    def check(text: str) -> None:
        assert not rule.marks.isdisjoint(text)

    check()
