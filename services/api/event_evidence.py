"""By what one could tell that something is wrong with a column's listing: the numbers that decided, an illness each.

What has a default here is missing in events that were recorded before it was told.
"""

from pydantic import AwareDatetime, BaseModel, Field

from services.api.event_parts import Rule, Shortened


class Silence(BaseModel):
    """A column's habit, and how long it has been quiet."""

    quiet_days: float = Field(ge=0, description="Since the last news; time in which nobody could read it is none.")
    news_at: AwareDatetime | None = Field(None, description="When that time begins.")
    notices_a_day: float = Field(ge=0, description="Its habit until then, by hours in which anything is published.")
    chance: float = Field(ge=0, le=1, description="How likely so long a silence is by that habit.")
    chance_below: float | None = Field(None, description="Below which chance a silence is told.")


class Drift(BaseModel):
    """What a listing used to show, and what it shows."""

    oddity: Shortened = Field(description="What is odd, in words.")
    looks: int = Field(ge=1, description="How many looks in a row found that.")
    usual_links: int | None = Field(ge=0, description="Links that it used to show; null where it never showed one.")
    usual_dated: float | None = Field(None, ge=0, le=1, description="Which share of those had a date.")
    links: int | None = Field(
        None, ge=0, description="Links that it shows; null where the page had not changed since the look before."
    )
    dated: float | None = Field(None, ge=0, le=1, description="Which share of those has a date.")


class Block(BaseModel):
    """Visits that brought no list."""

    rule: Rule = Field(description="What judged the last of them; `robots: …` where robots.txt forbade it.")
    status: int | None = Field(None, description="Of HTTP, of the last; null where nothing was answered.")
    visits: int = Field(ge=1, description="How many there were in a row.")
    since: AwareDatetime | None = Field(None, description="When the first was.")
    missed: float | None = Field(None, ge=0, description="Notices to be expected of that time by the column's habit.")
