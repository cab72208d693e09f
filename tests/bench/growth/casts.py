"""Casts: rows of a mould's shape with other ids, times, places, days, texts and numbers; a million in some minutes."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from operator import itemgetter
from random import Random
from typing import Any, NamedTuple

from tests.bench.growth.moulds import HOST, Mould, Moulds
from tests.bench.growth.pages import Press

DAYS = 300
"""Over so many days the notices came, the last of them now."""
GREAT = 0.05
"""The share of the first column; all others have about `USUAL` each."""
USUAL = 500
WITHDRAWN, PARKED = 0.01, 0.005
_SERIALS = {
    ("searchable", "serial"): "searchable",
    ("sketches", "serial"): "sketches",
    ("sketch_bands", "sketch"): "sketches",
    ("statuses", "serial"): "statuses",
    ("agenda", "serial"): "agenda",
    ("events", "serial"): "events",
    ("events", "position"): "positions",
    ("deliveries", "position"): "positions",
}
"""Numbers that run through the ledger, and of which run each column's are."""
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = r"[a-z]{3}_[0-9a-z]{26}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"
_DATE = r"20\d\d-\d\d-\d\d"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = list[Any]
Cast = dict[str, list[Row]]


class Where(NamedTuple):
    """A source and its column."""

    source_id: str
    column_id: str
    host: str


class _Moment:
    """What stands in for a mould's tokens in one cast."""

    def __init__(self, foundry: "Foundry", at: datetime, where: Where, stem: str) -> None:
        self.foundry, self.at, self.where, self.stem = foundry, at, where, stem
        chance = foundry.chance
        self.delta = at - foundry.began
        self.days = timedelta(days=chance.randint(-700, 60))
        self.bases: dict[str, int] = {}
        self.crowded = chance.random() < 0.1  # of one template: it keeps the mould's bands


class Foundry:
    """Casts places and notices one after the other, in order of time."""

    def __init__(self, made: Moulds, subscriptions: Sequence[str], number: int, seed: int = 3) -> None:
        """Prepare `number` notices, for the ledger's own subscriptions."""
        self.chance = Random(seed)
        self.press = Press(seed)
        self.now = datetime.now(UTC)
        self.today = self.now.date().isoformat()
        self.began = _began(made)
        self.runs: Counter[str] = Counter()
        self._number = number
        self._ids = count()
        names = dict(zip(made.subscriptions, subscriptions, strict=True))
        (source,), (column,) = made.place.rows["sources"], made.place.rows["columns"]
        self._own = (source["id"], column["id"])
        self._place = _Form(made.place, names, self._own)
        self._notices = [_Form(one, names, self._own) for one in made.notices]
        self.places: list[Where] = []
        towns = max(20, number // 20)
        self.towns = [self.press.place() for _ in range(towns)]

    def casts(self) -> Iterator[Cast]:
        """Yield every place, then every notice."""
        for place in range(max(4, self._number // USUAL)):
            at = self.now - timedelta(days=DAYS + 1)
            where = Where(self.new_id("src", at), self.new_id("col", at), f"s{place}.gov.example")
            self.places.append(where)
            yield self._place.cast(_Moment(self, at, where, ""))
        for number in range(self._number):
            at = self.now - timedelta(days=DAYS) * (1 - number / self._number)
            where = self.places[0] if self.chance.random() < GREAT else self.chance.choice(self.places)
            moment = _Moment(self, at, where, f"t20260930_{100_000 + number}")
            yield self.chance.choice(self._notices).cast(moment)

    @property
    def columns(self) -> dict[str, list[str]]:
        """The names of the columns of each table's rows."""
        return self._place.columns | {name: names for one in self._notices for name, names in one.columns.items()}

    def new_id(self, prefix: str, at: datetime) -> str:
        """Return an id that sorts by time, as `shared.ids` makes them."""
        milliseconds, number = int((at - _EPOCH).total_seconds() * 1000), next(self._ids)
        return f"{prefix}_{_digits(milliseconds, 10)}{_digits(self.chance.getrandbits(30), 6)}{_digits(number, 10)}"


_Written = tuple[int, str, Callable[[Sequence[str]], Any]]
"""A cell, the form of its text (empty: a token is all of it), and which words stand in for its tokens."""
_Numbered = tuple[int, Callable[[_Moment], Any]]


class _Form:
    """A mould prepared: each cell is a constant, or what makes it in the moment of a cast."""

    def __init__(self, mould: Mould, names: Mapping[str, str], own: tuple[str, str]) -> None:
        self._names = dict(names)
        self._own = own
        self._phrases = set(mould.paper.phrases) if mould.paper else set()
        self._town = mould.paper.place if mould.paper else None
        self._stem = mould.stem
        literal = [re.escape(one) for one in sorted(self._phrases, key=len, reverse=True)]
        literal += [re.escape(one) for one in (self._town, self._stem, HOST) if one]
        self._tokens = re.compile("|".join([*literal, _ID, _UUID, "[0-9a-f]{64}", _TIME, _DATE]))
        self._ranks = _ranks(mould)
        self._places: dict[str, int] = {}
        self._makers: list[Callable[[_Moment], str]] = []
        self.columns = {table: list(rows[0]) for table, rows in mould.rows.items()}
        self._rows = [
            (table, *self._prepared(table, row), FINISHED.get(table))
            for table, rows in mould.rows.items()
            for row in rows
        ]

    def cast(self, moment: _Moment) -> Cast:
        """Return the rows anew."""
        runs = moment.foundry.runs
        for run, ranks in self._ranks.items():
            moment.bases[run] = runs[run] + 1
            runs[run] += len(ranks)
        words = [make(moment) for make in self._makers]
        made: Cast = {}
        for table, constant, written, numbered, finish in self._rows:
            row = constant.copy()
            for place, form, chosen in written:
                row[place] = form % chosen(words) if form else chosen(words)
            for place, make in numbered:
                row[place] = make(moment)
            if finish:
                finish(row, self.columns[table], moment)
            made.setdefault(table, []).append(row)
        return made

    def _prepared(self, table: str, row: Mapping[str, Any]) -> tuple[Row, list[_Written], list[_Numbered]]:
        written: list[_Written] = []
        numbered: list[_Numbered] = []
        for place, (name, value) in enumerate(row.items()):
            if make := self._number(table, name, value):
                numbered.append((place, make))
            elif isinstance(value, str) and (tokens := self._tokens.findall(value)):
                form = "%s".join(one.replace("%", "%%") for one in self._tokens.split(value))
                chosen = itemgetter(*map(self._word, tokens))
                written.append((place, "" if form == "%s" else form, chosen))
        return list(row.values()), written, numbered

    def _number(self, table: str, name: str, value: Any) -> Callable[[_Moment], Any] | None:
        if run := _SERIALS.get((table, name)):
            rank = self._ranks[run].index(value)
            return lambda moment: moment.bases[run] + rank
        if (table, name) == ("sketch_bands", "band"):
            return lambda moment: value if moment.crowded else moment.foundry.chance.getrandbits(63)
        if isinstance(value, bytes) and table == "sketches":
            return lambda moment: moment.foundry.chance.randbytes(len(value))
        return None

    def _word(self, token: str) -> int:
        """Return the place of what stands in for a token, which is the same throughout a cast."""
        if token not in self._places:
            self._places[token] = len(self._makers)
            self._makers.append(self._maker(token))
        return self._places[token]

    def _maker(self, token: str) -> Callable[[_Moment], str]:
        if token == HOST:
            return lambda moment: moment.where.host
        if token in self._names:
            return lambda _: self._names[token]
        if token in self._own:
            at = self._own.index(token)
            return lambda moment: moment.where[at]
        if token == self._stem:
            return lambda moment: moment.stem
        if re.fullmatch(_TIME, token):
            told = datetime.fromisoformat(token)
            return lambda moment: (told + moment.delta).isoformat(" ", "microseconds")
        if re.fullmatch(_DATE, token):
            day = date.fromisoformat(token)
            return lambda moment: (day + moment.days).isoformat()
        return self._inventor(token)

    def _inventor(self, token: str) -> Callable[[_Moment], str]:
        if token in self._phrases:
            return lambda moment: moment.foundry.press.phrase(len(token))
        if token == self._town:
            return lambda moment: moment.foundry.chance.choice(moment.foundry.towns)
        if re.fullmatch(_ID, token):
            prefix, told = token[:3], _EPOCH + timedelta(milliseconds=_milliseconds(token))
            return lambda moment: moment.foundry.new_id(prefix, told + moment.delta)
        if len(token) == 64:
            return lambda moment: f"{moment.foundry.chance.getrandbits(256):064x}"
        if re.fullmatch(_UUID, token):
            return lambda moment: _uuid(moment.foundry.chance)
        return lambda _: token


_PAIRS = [one + other for one in _CROCKFORD for other in _CROCKFORD]


def _digits(number: int, length: int) -> str:
    """Return the last `length` digits, an even number of them, in base 32."""
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(5 * length - 10, -1, -10)])


def _uuid(chance: Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _milliseconds(identifier: str) -> int:
    """Return the time in an id: the first ten of its digits are the milliseconds."""
    number = 0
    for digit in identifier[4:14]:
        number = number * 32 + _CROCKFORD.index(digit)
    return number


def _began(made: Moulds) -> datetime:
    first = min(row["created_at"] for mould in made.notices for row in mould.rows["targets"])
    return datetime.fromisoformat(first).replace(tzinfo=UTC)


def _ranks(mould: Mould) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for (table, name), run in _SERIALS.items():
        for row in mould.rows.get(table, ()):
            if row[name] is not None:
                found.setdefault(run, set()).add(row[name])
    return {run: sorted(values) for run, values in found.items()}


def _finish_target(row: Row, names: Sequence[str], moment: _Moment) -> None:
    # Nothing is due while the line is measured, but what it is given then.
    due = moment.foundry.now + timedelta(days=1, seconds=moment.foundry.chance.randrange(60 * 86_400))
    row[names.index("due_at")] = due.strftime("%Y-%m-%d %H:%M:%S.%f")


def _finish_notice(row: Row, names: Sequence[str], moment: _Moment) -> None:
    if moment.foundry.chance.random() < WITHDRAWN:
        row[names.index("state")] = "withdrawn"


def _finish_delivery(row: Row, names: Sequence[str], moment: _Moment) -> None:
    if moment.foundry.chance.random() < PARKED:
        row[names.index("state")], row[names.index("parked_reason")] = "parked", "no answer for days"


def _finish_appointment(row: Row, names: Sequence[str], moment: _Moment) -> None:
    if row[names.index("day")] < moment.foundry.today:
        row[names.index("judged_at")], row[names.index("rule")] = row[names.index("made_at")], "told"


FINISHED: Mapping[str, Callable[[Row, Sequence[str], _Moment], None]] = {
    "targets": _finish_target,
    "notices": _finish_notice,
    "deliveries": _finish_delivery,
    "agenda": _finish_appointment,
}
"""What is different from cast to cast beyond its words, by table."""
