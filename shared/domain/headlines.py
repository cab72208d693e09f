"""An event in one short sentence, in Chinese or English, for people who read it in a feed, a chat or a terminal. Pure.

`headline` is one line; `lines` are what stands beneath it. Both are plain text of bounded length: what they quote comes
from pages, so whoever puts it into HTML or Markdown escapes it there. Data of older releases, which tell less, will do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from shared.domain import events

Language = Literal["zh", "en"]
Data = Mapping[str, Any]

LONGEST = 200
"""Characters of a line."""
LONGEST_NAME = 80
"""Characters of a title or a name in it."""
MOST_DIFF_LINES = 6

_HEADLINES: Mapping[str, tuple[str, str]] = {
    events.NOTICE_PUBLISHED: ("发布：《{notice}》", "Published: {notice}"),
    events.NOTICE_REVISED: ("修订：《{notice}》（第 {revision} 版）", "Revised: {notice} (revision {revision})"),
    events.NOTICE_WITHDRAWN: ("撤下：《{notice}》", "Withdrawn: {notice}"),
    events.NOTICE_RESTORED: ("恢复：《{notice}》", "Back again: {notice}"),
    events.NOTICE_REPUBLISHED: ("转载：《{notice}》", "The same text elsewhere: {notice}"),
    events.NOTICE_MOVED: ("迁址：《{notice}》", "Moved: {notice}"),
    events.PROBLEM_STATUS_CHANGED: ("整改状态：{problem}：{before} → {after}", "Status: {problem}: {before} → {after}"),
    events.COMMITMENT_DUE: ("承诺到期：{problem}（{due_by}）", "Due: {problem} ({due_by})"),
    events.COMMITMENT_OVERDUE: (
        "承诺逾期：{problem}（{due_by}，{status}）",
        "Overdue: {problem} ({due_by}, {status})",
    ),
    events.COMMENT_WINDOW_OPENED: ("公开期限开始：《{notice}》（{window}）", "Open for comment: {notice} ({window})"),
    events.COMMENT_WINDOW_CLOSING: (
        "公开期限将满：《{notice}》（{closes_on}）",
        "Closing for comment: {notice} ({closes_on})",
    ),
    events.COMMENT_WINDOW_CLOSED: (
        "公开期限结束：《{notice}》（{closes_on}）",
        "Closed for comment: {notice} ({closes_on})",
    ),
    events.SOURCE_SILENT: ("栏目久未更新：{column}", "Silent: {column}"),
    events.SOURCE_DRIFTED: ("栏目列表异常：{column}", "Its listing reads otherwise: {column}"),
    events.SOURCE_BLOCKED: ("栏目被拦截：{column}", "Blocked: {column}"),
    events.SOURCE_RECOVERED: ("栏目恢复正常：{column}", "Well again: {column}"),
}
_STATUSES: Mapping[str, tuple[str, str]] = {
    "completed": ("已完成", "completed"),
    "completed_sustained": ("已完成并长期坚持", "completed, kept up"),
    "staged": ("阶段性完成", "completed for this stage"),
    "in_progress": ("整改中", "in progress"),
    "not_started": ("未启动", "not started"),
    "conditions_lacking": ("暂不具备整改条件", "conditions lacking"),
}
_NO_STATUS = ("未说明", "no status given")
_UNTITLED = ("无标题", "untitled")
_LATE_HOURS = ("迟报 {} 小时", "told {} h late")
_LATE_DAYS = ("迟报 {} 天", "told {} days late")


def headline(kind: str, data: Data, language: Language = "zh") -> str:
    """Return an event in one line: `kind` is its type without the prefix, `data` as the envelope has it."""
    at = _column_of(language)
    sentence = _HEADLINES.get(kind, ("{kind}：{notice}", "{kind}: {notice}"))[at]
    return _cut(sentence.format_map(_Words(kind, data, at)), LONGEST)


def lines(kind: str, data: Data, language: Language = "zh") -> list[str]:
    """Return some lines of detail: whose problem it is, what changed, where it is found, whether it is told late."""
    at, notice = _column_of(language), data.get("notice") or {}
    shown: list[str | None] = []
    if "problem" in data:
        shown.append(notice.get("title"))
    text = data.get("status_text") or (data.get("commitment") or {}).get("text")
    shown.append(text)
    shown += _diff(data.get("diff") or {})
    if kind == events.NOTICE_MOVED:
        shown.append(f"{data.get('from')} → {data.get('to')}")
    elif kind == events.NOTICE_REPUBLISHED:
        shown += [(data.get(place) or {}).get("url") for place in ("original", "republication")]
    else:
        shown.append(notice.get("url") or (data.get("column") or {}).get("url"))
    if data.get("late"):
        shown.append(_lateness(data.get("late_seconds", 0), at))
    return [_cut(_plain(line), LONGEST) for line in shown if line]


def _column_of(language: Language) -> int:
    return ("zh", "en").index(language)


def _lateness(seconds: float, at: int) -> str:
    hours = round(seconds / 3600)
    return _LATE_HOURS[at].format(hours) if hours < 48 else _LATE_DAYS[at].format(round(hours / 24))


def _diff(diff: Data) -> list[str]:
    fields = [f"{name}: {_plain(old)} → {_plain(new)}" for name, (old, new) in (diff.get("fields") or {}).items()]
    text = [line for line in diff.get("text") or () if line[:1] in "+-"]
    return (fields + text)[:MOST_DIFF_LINES]


class _Words(dict[str, str]):
    """The words that a sentence asks for, found when it asks."""

    def __init__(self, kind: str, data: Data, at: int) -> None:
        super().__init__(kind=kind)
        self._data = data
        self._at = at

    def __missing__(self, name: str) -> str:
        return _WORDS[name](self._data, self._at)


def _named(key: str) -> Callable[[Data, int], str]:
    def name(data: Data, at: int) -> str:
        return _cut(_plain((data.get(key) or {}).get("title") or _UNTITLED[at]), LONGEST_NAME)

    return name


def _status(value: Any, at: int) -> str:
    return _STATUSES[value][at] if value in _STATUSES else _plain(value or _NO_STATUS[at])


def _column(data: Data, at: int) -> str:
    source, column = data.get("source") or {}, data.get("column") or {}
    names = [one for one in (source.get("name") or source.get("id"), column.get("name")) if one]
    return _cut(_plain(" · ".join(names) or _UNTITLED[at]), LONGEST_NAME)


def _window(data: Data, _at: int) -> str:
    window = data.get("window") or {}
    return " — ".join(str(window.get(end) or "…") for end in ("opens_on", "closes_on"))


_WORDS: Mapping[str, Callable[[Data, int], str]] = {
    "notice": _named("notice"),
    "problem": _named("problem"),
    "column": _column,
    "window": _window,
    "revision": lambda data, _: str((data.get("revision") or {}).get("number", "?")),
    "before": lambda data, at: _status(data.get("from"), at),
    "after": lambda data, at: _status(data.get("to"), at),
    "status": lambda data, at: _status((data.get("problem") or {}).get("status"), at),
    "due_by": lambda data, _: str((data.get("commitment") or {}).get("due_by", "?")),
    "closes_on": lambda data, _: str((data.get("window") or {}).get("closes_on", "?")),
}


def _plain(value: Any) -> str:
    """Return a value as one line without what no line shows."""
    if isinstance(value, Mapping):
        return " — ".join(_plain(one) or "…" for one in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_plain(one) for one in value)
    text = "" if value is None else str(value)
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
