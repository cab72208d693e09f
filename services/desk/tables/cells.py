"""What a cell may begin with: a text of a stranger must not become a formula in somebody's spreadsheet. Pure.

Spreadsheets take a cell for a formula that begins with `=`, `+`, `-` or `@`, some also where white space or a mark that
nobody sees goes before, or where the character is the full-width one (OWASP, "CSV Injection"). Such a text gets an
apostrophe before it, and so does one that begins with an apostrophe: whoever takes one away reads what was written.
"""

import unicodedata

MARK = "'"
_STARTS = frozenset("=+-@")
_BREAKS = frozenset("\t\r\n")


def neutral(text: str) -> str:
    """Return `text` as a cell that is text to every spreadsheet."""
    return MARK + text if text.startswith(MARK) or is_risky(text) else text


def original(cell: str) -> str:
    """Return what `neutral` was given."""
    return cell.removeprefix(MARK)


def is_risky(text: str) -> bool:
    """Tell whether a spreadsheet might take `text` for a formula, or for several cells."""
    for character in text:
        if character in _BREAKS:
            return True
        if character.isspace() or unicodedata.category(character) in ("Cc", "Cf"):
            continue
        # The full-width, small, raised and lowered forms of a sign all come to the sign.
        return unicodedata.normalize("NFKC", character)[0] in _STARTS
    return False


def whole(text: str) -> str:
    """Return `text` with halves of characters (lone surrogates) replaced, which no file could hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
