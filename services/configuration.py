"""The configuration page, written from the settings: `python -m services.configuration > docs/configuration.md`."""

import sys

from shared.settings import PREFIX, Settings

HEAD = """# Configuration

Every setting is an environment variable. `…_FILE` appended to a name gives the value's file instead, which is how
secrets are handed over. An unknown `NOTICEWIRE_…` name is refused: it is usually a slip of the pen. Durations are in
seconds.

`noticewire doctor` checks the whole set-up and says what to mend.

| setting | default | meaning |
|---|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    return HEAD + "".join(_row(name) for name in Settings.model_fields)


def _row(name: str) -> str:
    field = Settings.model_fields[name]
    default = "–" if field.default is None else f"`{field.default}`"
    return f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
