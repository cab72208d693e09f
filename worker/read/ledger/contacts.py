"""Contacts of the publisher: phones, mail addresses, postal addresses and postcodes."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from worker.clean.lines import Line
from worker.read.ledger.closing import closing_of, said
from worker.read.ledger.values import Contacts

# A label says what the words up to the next label are; blanks inside it are typography (电  话). With what labels begin
# is asked first: most characters begin none.
_LABELS = re.compile(
    r"(?=[EeT专传信值公办单反受咨地寄工微意手投拨接收服来热现电监短网联致举请通邮])(?:(?P<postcode>邮政编码|邮 {0,4}编)"
    r"|(?P<email>(?:电子)?邮 {0,4}[箱件](?:地址)?|电子信箱|电邮|[Ee]-?[Mm]ail)"
    r"|(?P<other>传 {0,4}真(?!\))|网 {0,4}址|网站|微信(?:公众号)?|(?:收信|收件)人|(?:联系|受理|办理)(?:单位|部门)"
    r"|(?:办公|工作|受理|接访|接待|值班|公示|公开)(?:时间|期限))"
    r"|(?P<address>(?<![号0-9])邮政(?:专用)?信箱|(?<!\w)(?:专[门用]|联系|意见|举报)?信箱(?=[:为])|(?:来?信[件函]?)?请寄[送往至到]{0,2}|来访接待(?=:)|寄[送往至到]"
    r"|(?:通讯|通信|联系|邮寄|邮政|来信|来访|接访|接待|信访|受理|办公|单位|寄送|收件|现场|反映)(?:接待)?地 {0,4}[址点]"
    r"|来信来访(?=[:寄请])|来[信访](?:请寄)?(?=:)|地 {0,4}[址点](?=[ :]))"
    r"|(?P<phone>(?:联系|咨询|监督|举报|值班|办公|受理|投诉|服务|信访|专[门用])?电 {0,4}话(?:号码)?"
    r"|热 {0,2}线|手 {0,4}机(?:号码?)?|联 {0,4}系 {0,4}(?:方 {0,4}式|人)"
    r"|来电(?![来和及])|致电|拨打|短信|T[Ee][Ll]))"
)
# Outside the closing lines a contact must be all that its line is for: 1.联系电话:…
_OWN_LINE = re.compile(
    r"\s{0,4}(?:[0-9一二三四五六七八九十]{1,3}[.、]|\([0-9一二三四五六七八九十]{1,3}\))?\s?[\u4e00-\u9fff ]{0,8}"
    r"(?:电 {0,4}话|热线|邮 {0,4}[编箱]|邮政编码|信箱|地 {0,4}[址点]|联系方式)[\u4e00-\u9fff()]{0,6}:"
)
_HINT = re.compile("[电邮址联]|信箱|地点|热线")
# Every label has one of these; most lines have none, and are not looked at for labels.
_MAY_TELL = re.compile("[@电邮寄箱址点线机联拨信访]|ail|AIL|T[Ee][Ll]")
# And every value: digits, or a sign that is no digit's, or the label of an address.
_MAY_GIVE = re.compile("[0-9]{3}|@|[箱寄址]|地 {0,4}点|来[信访]")
_HEAD = 16
# No footer is a contact, even where it was not cut.
_FOOTER = re.compile("版权所有|ICP备|网站标识码|主办单位:|公网安备|技术支持")

_HYPHEN = "(?: ?[-—–‐‑] ?){1,2}"
_PHONE = re.compile(
    rf"(?<![0-9A-Za-z.@])(?:\(?(?P<area>0[0-9]{{2,3}})(?P<gap>\) ?(?:{_HYPHEN})?|{_HYPHEN}| {{1,2}}|))?"
    r"(?P<number>[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}|[2-9][0-9]{2,3}[- ]?[0-9]{4}|1[3-9][0-9](?:[ -]?[0-9]{4}){2})"
    rf"(?P<extension>(?:转|{_HYPHEN})[0-9]{{1,5}})?(?![0-9])",
    re.ASCII,
)
# A number of five signs is one with an area code, or as the first thing behind its label.
_HOTLINE = re.compile(
    r"(?<![0-9-])0[0-9]{2,3}-?12[0-9]{3}(?![0-9])|^[\s:为是]{0,3}(?:12[0-9]{3}|9[56][0-9]{3,4})(?![0-9])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64} ?@ ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII
)
_POSTCODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])", re.ASCII)
_PLACE = re.compile("[省市区县旗州镇乡村街道路巷楼室院厦园号箱栋层座府局委办]")
_ADDRESS_ENDS = re.compile(r"[;。,\n]")
# (信封请注明…), (…组收): what to write on the envelope.
_REMARK = re.compile(r"\([^()]{0,40}(?:请|注明|字样|收)[^()]{0,20}\)$")
_SHORTEST_ADDRESS = 4
# A page with more of them is a directory.
_MOST_OWN_LINES = 100


class _Part(NamedTuple):
    """What a label says, and the words up to the next label."""

    label: str
    value: str


def contacts_in(lines: Sequence[Line]) -> Contacts:
    """Return how to reach the publisher: narrow, distinct, in order, from the closing lines and lines that are nothing
    but a contact. A telephone in an account of measures is none, nor one without a label; an area code in brackets
    is written with a hyphen.
    """
    parts = [
        part for text in _texts(lines) if _MAY_TELL.search(text) and _MAY_GIVE.search(text) for part in _parts(text)
    ]
    return Contacts(
        phones=_distinct(phone for part in parts if part.label == "phone" for phone in _phones(part.value)),
        emails=_distinct(email for part in parts for email in _emails(part.value)),
        addresses=_distinct(address for part in parts if part.label == "address" for address in _address(part.value)),
        postcodes=_distinct(code for part in parts for code in _postcodes(part)),
    )


def _texts(lines: Sequence[Line]) -> Iterator[str]:
    closing = closing_of(lines)
    yield from islice(_own_lines(lines[: closing[0].place if closing else None]), _MOST_OWN_LINES)
    yield from (text for _, text in closing if not _FOOTER.search(text))


def _own_lines(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if _HINT.search(line.text, 0, _HEAD) and _OWN_LINE.match(text := said(line)):
            yield text


def _parts(text: str) -> Iterator[_Part]:
    label, start = "", 0
    for found in _LABELS.finditer(text):
        yield _Part(label, text[start : found.start()])
        label, start = found.lastgroup or "", found.end()
    yield _Part(label, text[start:])


def _distinct(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _phones(value: str) -> Iterator[str]:
    value = value.partition("。")[0]
    yield from (hotline.strip(" :为是") for hotline in _HOTLINE.findall(value))
    for found in _PHONE.finditer(value):
        area = f"{found['area']}{'-' if found['gap'] else ''}" if found["area"] else ""
        extension = re.sub("[ —–‐‑-]+", "-", found["extension"] or "")
        yield area + found["number"].replace(" ", "") + extension


def _emails(value: str) -> Iterator[str]:
    if "@" in value:
        yield from (found[0].replace(" ", "") for found in _EMAIL.finditer(value))


def _address(value: str) -> Iterator[str]:
    value = _ADDRESS_ENDS.split(value.lstrip(" :为是在设于至到往"), maxsplit=1)[0]
    value = _REMARK.sub("", _POSTCODE.split(value, maxsplit=1)[0].rstrip(" (:"))
    if "(" in value and ")" not in value.rpartition("(")[2]:
        value = value.rpartition("(")[0].rstrip()
    if len(value) >= _SHORTEST_ADDRESS and _PLACE.search(value) and "@" not in value:
        yield " ".join(value.split())


def _postcodes(part: _Part) -> Iterator[str]:
    if part.label in ("postcode", "address"):
        yield from _POSTCODE.findall(part.value)[:1]
