"""The language of a body, by its script; the page's own word only refines it, for templates copy `lang="en"`."""

import re

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bo", re.compile("[\u0f00-\u0fff]+")),
    ("mn", re.compile("[\u1800-\u18af]+")),
    ("ug", re.compile("[\u0600-\u06ff]+")),
    ("ko", re.compile("[\uac00-\ud7af]+")),
    ("ja", re.compile("[\u3040-\u30ff]+")),
    ("zh", re.compile("[\u4e00-\u9fff]+")),
    ("en", re.compile("[A-Za-z]+")),
)
_COMMON = _SCRIPTS[-2:]
_RARE = re.compile("[\u0600-\u06ff\u0f00-\u0fff\u1800-\u18af\u3040-\u30ff\uac00-\ud7af]")
_SAMPLE = 4000
_ENOUGH = 0.2


def language_of(text: str, declared: str | None) -> str | None:
    """Return a BCP 47 tag: the first script that makes a fifth of the letters, refined by a matching declaration."""
    sample = text[:_SAMPLE]
    scripts = _SCRIPTS if _RARE.search(sample) else _COMMON
    counts = {name: sum(map(len, pattern.findall(sample))) for name, pattern in scripts}
    letters = sum(counts.values())
    if not letters:
        return None
    found = next((name for name, count in counts.items() if count >= letters * _ENOUGH), None)
    if found and declared and re.fullmatch(rf"{found}(?:-[A-Za-z0-9]{{2,8}}){{0,3}}", declared.strip(), re.IGNORECASE):
        return declared.strip()
    return found
