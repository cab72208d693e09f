"""Numbers as notices write them: 32, ３２, 三十二, 二〇二二."""

import re

from worker.clean.text import narrow

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    # A zero is printed with whatever circle the typist found.
    **dict.fromkeys("〇○◯Oo0", 0),
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LONGEST = 9
_ARABIC = re.compile(r"[0-9]+", re.ASCII)


def number_of(text: str) -> int | None:
    """Return the number that the whole text is, up to nine characters; None where it is none."""
    text = narrow(text).strip()
    if not text or len(text) > _LONGEST:
        return None
    if _ARABIC.fullmatch(text):
        return int(text)
    if any(unit in text for unit in _UNITS):
        return _counted(text)
    digits = [_DIGITS.get(sign) for sign in text]
    if None in digits:
        return None
    return int("".join(map(str, digits)))


def _counted(text: str) -> int | None:
    """Read tens and hundreds: 三十二, 十二, 一百零五; units must fall."""
    total, digit, last_unit = 0, None, 10_000
    for sign in text:
        if sign in _UNITS:
            unit = _UNITS[sign]
            # Only ten may stand without a digit before it.
            if unit >= last_unit or (digit is None and (unit != 10 or total)):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last_unit = None, unit
        elif sign in _DIGITS and digit in (None, 0):
            digit = _DIGITS[sign]
        else:
            return None
    return total + (digit or 0)
