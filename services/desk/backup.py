"""The whole state, out and in again: rows, snapshots and the key to secrets, as files of no particular database.

A folder holds any number of backups: `blobs/` for all of them together, and for each a folder named by its time, with
`rows/` and, last, `backup.json`; one without it was cut short, and is no backup. Rows are written before snapshots are
copied: bytes come before the rows that name them, so that whatever the rows name was there by then. Restoring goes the
other way round, and the rows appear in one transaction: before it there is nothing, and after it everything.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

import zstandard

from services.desk.appearing import appearing
from services.wiring import VERSION, Wiring
from shared.blobs import FolderBlobs
from shared.db.dump import lines_of, read_in, standing_still, table_names
from shared.db.restores import Gap
from shared.errors import Invalid
from shared.migrations import found_at, head, migrate, require_current

FORMAT = 1
MANIFEST = "backup.json"


@dataclass(frozen=True)
class Backup:
    """What `backup.json` tells."""

    format: int
    noticewire: str
    migration: str
    made_at: str
    last_position: int
    rows: dict[str, int]
    snapshots: int
    """How many were copied for this backup; the earlier ones were there."""


@dataclass(frozen=True)
class Restored:
    """A backup that was brought back, and the positions that it leaves out."""

    backup: Backup
    gap: Gap


def back_up(wiring: Wiring, folder: Path) -> tuple[Path, Backup]:
    """Write a backup into `folder`, while everything runs; return its own folder and what it holds.

    Raises `Invalid` where the tables are not this release's, `Unavailable` where snapshots cannot be copied.
    """
    require_current(wiring.ledger)
    now = wiring.clock.now()
    place = folder / f"{now:%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        place.mkdir(mode=0o700)  # it holds the key to secrets
    except FileExistsError as error:
        raise Invalid(f"{place} is there already; try again in a second") from error
    (place / "rows").mkdir()
    with wiring.ledger.reading() as uow:
        position = uow.events.last_position()
    with standing_still(wiring.ledger) as connection:
        rows = {name: _write(place, name, lines_of(connection, name)) for name in table_names()}
    copied = wiring.blobs.copy_to(FolderBlobs(folder / "blobs"))
    key = wiring.settings.data_dir / "secret.key"
    if wiring.settings.secret_key is None and key.exists():
        _keep(place / key.name, key.read_text())
    made = Backup(FORMAT, VERSION, head(), now.astimezone(UTC).isoformat(), position, rows, copied)
    with appearing(place / MANIFEST) as file:
        file.write(json.dumps(asdict(made), indent=1).encode())
    return place, made


def restore(wiring: Wiring, folder: Path) -> Restored:
    """Bring a backup back, the newest of `folder` or the one that it is; nothing may run meanwhile.

    Raises `Invalid` where there is none, where something is there already that it would replace, or where it was made
    by a later release.
    """
    place = _newest(folder)
    made = Backup(**json.loads((place / MANIFEST).read_text()))
    if made.format != FORMAT or made.migration > head():
        raise Invalid(f"{place} was made by noticewire {made.noticewire}; restore it with that release, or a later one")
    with standing_still(wiring.ledger) as connection:
        if (found := found_at(connection)) is not None:
            raise Invalid(f"there is a database already (at migration {found}); restore into an empty one")
    kept = place / "secret.key"
    if wiring.settings.secret_key is None and kept.exists():
        _keep(wiring.settings.data_dir / kept.name, kept.read_text())
    FolderBlobs(place.parent / "blobs").copy_to(wiring.blobs)
    with wiring.ledger.begin() as uow:
        connection = uow.connection
        migrate(connection, made.migration)
        counts = read_in(connection, made.rows, lambda name: _read(place, name))
        if counts != made.rows:
            wrong = sorted(name for name in counts if counts[name] != made.rows[name])
            raise Invalid(f"{place} is damaged: {', '.join(wrong)} should have other numbers of rows")
        migrate(connection)
        gap = uow.restores.note(uow.now())
        uow.commit()
    return Restored(made, gap)


def note_restored(wiring: Wiring) -> Gap:
    """Note that the database was restored by other means; nothing may run meanwhile. Positions leave a gap."""
    with wiring.ledger.begin() as uow:
        gap = uow.restores.note(uow.now())
        uow.commit()
    return gap


def _newest(folder: Path) -> Path:
    """Return the newest backup that is whole."""
    if (folder / MANIFEST).exists():
        return folder
    whole = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not whole:
        raise Invalid(f"there is no backup in {folder}: none of its folders has a {MANIFEST}")
    return whole[-1]


def _keep(path: Path, key: str) -> None:
    """Write a key where there is none; raises `Invalid` where there is another."""
    if path.exists():
        if path.read_text().strip() != key.strip():
            raise Invalid(f"{path} holds another key than the backup; move it away, or restore into another folder")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing(path) as file:  # readable by its owner alone
        file.write(key.encode())


def _write(place: Path, name: str, lines: Iterator[str]) -> int:
    """Write a table's lines; return how many rows there are."""
    count = -1
    packing = zstandard.ZstdCompressor(level=6)
    with appearing(_file(place, name)) as file, packing.stream_writer(file, closefd=False) as packed:
        for line in lines:
            packed.write(line.encode() + b"\n")
            count += 1
    return count


def _read(place: Path, name: str) -> Iterator[str]:
    with zstandard.open(_file(place, name), "rt", encoding="utf-8", newline="\n") as lines:
        yield from lines


def _file(place: Path, name: str) -> Path:
    return place / "rows" / f"{name}.jsonl.zst"
