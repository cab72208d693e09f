"""Furniture of a web site inside its text: a table of named rules.

A rule says what it matches and how much that proves:

- `piece`   a fragment that is cut wherever it stands, also out of a sentence;
- `line`    a whole line that is cut wherever it stands;
- `edge`    a line that is furniture only among others of its kind at the very top or end of a text (see `trim`);
  a `certain` one proves that such a block is a footer, the others only go along with it;
- `contact` goes along like an edge, but never at the upper end of a block: the last lines of a notice may be its own
  address, and a postcode looks the same in both;
- `rest`    a line after which nothing but links follows, at the end of a text.

Patterns see the text in half width and in lower case (`boilerplate.plain`); ignoring case would be four times as slow.
Every rule has an example and a look-alike in the tests.
"""

import re
from dataclasses import dataclass
from enum import Enum

from worker.clean.text import SHORT

# Furniture is short; only what brackets make unmistakable is cut out of a paragraph of any length.
_ANY = 10**9


class Cut(Enum):
    """How much of the text a rule cuts, and where."""

    PIECE = "piece"
    LINE = "line"
    EDGE = "edge"
    CONTACT = "contact"
    REST = "rest"


@dataclass(frozen=True)
class Rule:
    """One row: a name, how it cuts, what it matches; `certain` as above, and the `longest` line it looks at.

    Whatever matches holds one of the `marks` (in lower case): most rules need not be asked about most lines.
    """

    name: str
    cut: Cut
    marks: frozenset[str]
    pattern: re.Pattern[str]
    certain: bool = False
    longest: int = SHORT


_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ICP = rf"[{_PROVINCES}]\s?icp\s?[备证]\s?[a-z]?\d+\s?号?(?:\s?-\s?\d+[a-z]?)?"
_ICP_LABEL = r"(?:(?:网站)?(?:icp)?备案(?:编?号|序号)?\s?:?|icp\s?:)?\s?"
_SITE_CODE = r"(?:政府)?网站标识码\s?:?\s?[a-z]{0,2}\d+"
_POLICE = rf"[{_PROVINCES}]?\s?公网安备\s?(?:第|:)?\s?\d*\s?号?"
_BUTTON = (
    r"(?:打印(?:本页|此页|文章|本文|内容)?|我要打印|关闭(?:窗口|本页|页面|此页)?|收藏(?:本页|本站|此页|文章)?|返回(?:顶部|首页|列表|上页|上一页)?"
    r"|我要纠错|纠错|内容纠错|我要分享|分享(?:本文)?|推荐|转发|复制链接|下载(?:pdf|word|文字版|图片版)?|保存)"
)
_SIZE = r"(?:默认|超大|特大|较大|大|中|小|标准|正常|放大|缩小|a\s?[+-]|[a+\-t])"
_NETWORK = r"(?:新浪微博|腾讯微博|qq(?:空间|好友)?|朋友圈|人人网|豆瓣网?)"
_SHARES = rf"(?:{_NETWORK}|微信(?:好友)?|微博|头条|空间|更多|邮件)"
# What only a web site says of itself, and what a notice may have as a heading too.
_SITE_MENU = (
    r"(?:网站首页|返回首页|网站地图|站点地图|关于我们|关于本网|关于本站|网站声明|版权声明|法律声明|隐私声明|免责声明|设为首页|加入收藏|添加收藏夹?"
    r"|收藏本站|网站纠错|网站帮助|rss订阅|繁體(?:版|中文)?|繁体版?|简体版?|返回顶部)"
)
_MENU = (
    rf"(?:{_SITE_MENU}|首页|联系我们|联系方式|我要纠错|使用帮助|帮助|无障碍(?:浏览|阅读)?|适老版|长者(?:模式|助手|专区)"
    r"|关怀版|手机版|电脑版|移动版|客户端|官方微信|官方微博|微信公众号|english|信访举报|举报邮箱|党政机关|事业单位)"
)
_BETWEEN = r"[\s\[\]【】()|/、:·]"


def _rule(name: str, cut: Cut, marks: str, pattern: str, *, certain: bool = False, longest: int = SHORT) -> Rule:
    return Rule(name, cut, frozenset(marks), re.compile(pattern), certain=certain, longest=longest)


RULES: tuple[Rule, ...] = (
    # pieces: unmistakable wherever they stand
    _rule("next_page_marker", Cut.PIECE, "[", r"(?:\[/?nextpage\]){1,2}", longest=_ANY),
    _rule(
        "font_size",
        Cut.PIECE,
        "字",
        rf"[【\[(]\s?(?:字\s?体|字\s?号)(?:\s?大小)?\s?:?[\s\[|/]*+(?:{_SIZE}[\s|/、\]]*+)*+(?:[】\])]|$)",
    ),
    _rule("print_close", Cut.PIECE, "([【〖", rf"(?:[【\[〖(]\s?{_BUTTON}\s?[】\]〗)]\s?)+", longest=_ANY),
    _rule("share", Cut.PIECE, "扫", r"扫一扫在手机(?:上)?(?:打开|浏览)(?:当前|此|本)页(?:面)?"),
    _rule(
        "editor", Cut.PIECE, "编", r"[(【\[]\s?(?:责任编辑|责编|编辑)\s?:[^()【】\[\]]{0,20}[)】\]]\s?$", longest=_ANY
    ),
    _rule(
        "visit_count", Cut.PIECE, "览读击问", r"(?:浏览|阅读|点击|访问)(?:次数|人数|量|数)\s?:\s?\d+\s?次?$", longest=80
    ),
    # whole lines
    _rule(
        "font_size",
        Cut.LINE,
        "a字",
        rf"^(?:{_BETWEEN}*(?:字\s?体|字\s?号)(?:\s?大小)?|a\s?\+?(?=[\s|/]+a))"
        rf"(?:{_BETWEEN}*+(?:{_SIZE}|{_BUTTON}|{_SHARES}))*+{_BETWEEN}*+$",
    ),
    _rule(
        "print_close",
        Cut.LINE,
        "t↑▲下保关内分复我打推收纠转返",
        rf"^[【\[]?\s?(?:{_BUTTON}[\s|【】\[\]/、]*+)++$|^(?:top|▲|↑)$",
    ),
    _rule(
        "share",
        Cut.LINE,
        "q二人分扫新朋用腾豆",
        rf"^(?:(?:一键|我要)?分享(?:到|至)?\s?:?\s?(?:{_SHARES}[\s|]*+)*+|(?:手机|请?用?微信)?(?:扫一扫|扫码)[^。]{{0,40}}|用微信扫[^。]{{0,60}}。?"
        rf"|(?:{_SHARES}[\s|]+)*{_NETWORK}(?:[\s|]+{_SHARES})*)$"
        r"|^[^。]{0,40}(?:扫一扫|扫一下|扫码|扫描|二维码)[^。]{0,40}(?:分享|朋友圈)[^。]{0,20}。?$",
    ),
    _rule(
        "location",
        Cut.LINE,
        "位首",
        r"^[|\s]{0,4}(?:(?:您|你)?(?:现在|当前|目前)|您|你|我)(?:所在)?(?:的|所在)?(?:页面)?位置\s?(?:是)?\s?:"
        r"|^(?:网站|本站)?首页\s?(?:>+|»|›|→|/|\\)(?:[^。,;:]{1,40}(?:>+|»|›|→|/|\\)){0,6}[^。,;:]{0,60}$",
    ),
    _rule(
        "visit_count",
        Cut.LINE,
        "览读击问看您",
        r"^(?:本文|文章|信息|本站|总|今日|累计){0,2}(?:浏览|阅读|点击|访问|查看)(?:次数|人数|总?量|数|率)?\s?:\s?[-\d,]*\s?(?:次|人)?$"
        r"|^您是(?:本站)?第\s?\d*\s?位(?:访客|访问者|浏览者|访问的朋友)$",
    ),
    _rule(
        "prev_next",
        Cut.LINE,
        "条篇页",
        r"^[【\[(<]?\s?(?:上|下|前|后)一?(?:篇|条|页)(?:文章|新闻)?\s?[】\])>]?\s?(?::|>|$)",
    ),
    _rule(
        "pager",
        Cut.LINE,
        "[共第页",
        r"^(?=.*(?:[上下]一?页|[尾末]页|\[\d{1,2}\]\s*\[\d|共\s?\d+\s?页|第\s?\d+\s?页))"
        r"(?:(?:首页|[尾末]页|[上下]一?页|前一页|后一页|共\s?\d+\s?页|第\s?\d+\s?页|当前第?|跳转到?|[到第]|页|转到|\d{1,3})[\s\[\]()<>|/,:.…]*+)++$",
        longest=120,
    ),
    _rule(
        "editor",
        Cut.LINE,
        "审校编",
        r"^[(【\[]?\s?(?:责任编辑|网站编辑|值班编辑|责编|编辑|校对|初审|复审|终审|一审|二审|三审|审核人?)\s?:[^。]{0,50}$",
    ),
    _rule(
        "external_link",
        Cut.LINE,
        "即",
        r"您?(?:访问|点击|打开)的链接即将离开|即将(?:离开|跳转)[^。]{0,30}(?:网站|门户)[^。]{0,20}是否继续",
    ),
    _rule(
        "accessibility",
        Cut.LINE,
        "关听无朗老语适长",
        r"^(?:无障碍(?:浏览|阅读|版|模式)?|适老(?:版|化|模式)|长者(?:模式|助手|专区|版)|关怀(?:版|模式)|老年模式|语[音言]播报|听全文|朗读)$",
    ),
    _rule(
        "attachments_label",
        Cut.LINE,
        "下关文相附",
        r"^[【\[]?(?:相关附件|附件下载|下载附件|文件下载|关联文件|附件信息|附件列表|相关下载|相关文档)[】\]]?\s?:?$",
    ),
    # the numbers that only a footer bears, on a line of their own
    _rule(
        "icp",
        Cut.LINE,
        "i",
        rf"^(?:{_ICP_LABEL}{_ICP}(?:[\s|]*+(?:{_ICP_LABEL}{_ICP}|{_POLICE}|{_SITE_CODE}))*+[\s|]*|{_POLICE}[\s|]*{_ICP_LABEL}{_ICP}(?:[\s|]*+{_SITE_CODE})?+)$",
        certain=True,
    ),
    _rule("police_record", Cut.LINE, "备", r"^" + _POLICE + r"$", certain=True),
    _rule("site_code", Cut.LINE, "识", rf"^{_SITE_CODE}$", certain=True),
    _rule(
        "disclaimer",
        Cut.LINE,
        "声提",
        r"^[【\[(]?(?:免责|版权|特别|郑重)?(?:声\s?明|提示)[】\])]?\s?:?(?=[^\n]{0,180}(?:本网|本站|转载|转发|来源))[^\n]{0,180}"
        r"(?:侵权|侵犯|删除|观点|立场|仅供参考)[^\n]{0,60}$",
    ),
    _rule("site_faults", Cut.LINE, "找", r"^(?:我为)?(?:政府)?网站找错$", certain=True),
    # a heading over links, at the end
    _rule(
        "related",
        Cut.REST,
        "延推热猜相",
        r"^[【\[>]*(?:相关(?:新闻|稿件|链接|信息|文章|阅读|解读|政策|报道|内容|推荐|文件)|延伸阅读|推荐阅读|热门(?:文章|推荐|新闻)|猜你喜欢)[】\]]?\s?:?$",
    ),
    # footers
    _rule("icp", Cut.EDGE, "i", _ICP, certain=True),
    _rule("police_record", Cut.EDGE, "备", r"公网安备", certain=True),
    _rule("site_code", Cut.EDGE, "识", r"网站标识码", certain=True),
    _rule("copyright", Cut.EDGE, "ac©版", r"版权所有|copyright|©|all rights reserved", certain=True),
    _rule(
        "site_owner",
        Cut.EDGE,
        "网",
        r"^网站(?:主办|主管|承办|运维|管理|维护|建设|开发|制作|技术支持)(?:单位|方)?\s?:",
        certain=True,
    ),
    _rule(
        "site_reports",
        Cut.EDGE,
        "举",
        r"^(?:网站|违法和不良信息|网上有害信息|涉未成年人)[^。:]{0,10}举报",
        certain=True,
    ),
    _rule("sponsor", Cut.EDGE, ":主", r"^(?:主办|主管|协办|合作)(?:单位|方)?\s?:|(?:主办|主管)(?:单位)?$"),
    _rule(
        "operator",
        Cut.EDGE,
        ":",
        r"^(?:承办|运维|运行维护|运营|技术支持|维护|建设|开发|制作|管理|设计)(?:单位|支持|管理|电话)?\s?:",
    ),
    _rule(
        "browser_hint",
        Cut.EDGE,
        "分建推支最",
        r"(?:建议|推荐|最佳)[^。]{0,12}(?:浏览器|分辨率|ie)[^。]{0,20}(?:浏览|访问|以上|分辨率)?|分辨率\s?:?\s?\d{3,4}\s?[*×x]|支持\s?ipv6",
        certain=True,
    ),
    _rule(
        "site_map",
        Cut.EDGE,
        "r免关加收法添版站简繁网设返隐",
        rf"^(?=.{{0,150}}{_SITE_MENU})[\s|]*(?:{_MENU}[\s|·,>]*+)++$",
        certain=True,
    ),
    _rule(
        "site_map",
        Cut.EDGE,
        "er举事使信免党关加官客帮微我手收无法添版电移站简繁网联设返适长隐首",
        rf"^[\s|]*(?:{_MENU}[\s|·,>]*+)++$",
    ),
    _rule(
        "navigation",
        Cut.EDGE,
        "er举事使信免党关加官客帮微我手收无法添版电移站简繁网联设返适长隐首",
        rf"^{_MENU}(?:[\s|]+[^\s|。,;:]{{2,10}}){{1,15}}\s?\|?$",
    ),
    _rule(
        "footer_address",
        Cut.CONTACT,
        "e传地电邮",
        r"^(?:(?:联系|通讯|单位|办公)?地\s?址|邮政?编码?|邮编|(?:联系|咨询|值班|总机)?电\s?话|传\s?真|(?:电子)?邮箱|e-?mail)\s?:?",
    ),
)
