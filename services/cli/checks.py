"""What `doctor` looks at: each check is one function that returns one finding, and says what to mend."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from shared.errors import NoticewireError

if TYPE_CHECKING:
    from services.wiring import Wiring

OK, NOTE, MEND = "ok", "note", "mend"
TRIGRAM_INDEX = "CREATE INDEX ix_searchable_text ON searchable USING gin (text gin_trgm_ops)"
LITTLE_SPACE = 2 * 1024**3
NO_SPACE = 256 * 1024**2
CLOCKS_DIFFER_SECONDS = 5.0
RELAY_SILENT_SECONDS = 60.0
"""A relay shows every two seconds that it lives; a minute covers a restart and a slow database."""


@dataclass(frozen=True)
class Finding:
    """What one check found: `ok`, a `note` worth knowing, or something to `mend`, with the remedy."""

    check: str
    state: str
    detail: str
    remedy: str | None = None


def findings(data: Path | None) -> Iterator[Finding]:
    """Yield a finding for each check; those that need the database are left out where it is not usable."""
    from services.wiring import wire

    try:
        wiring = wire(data_dir=data)
    except NoticewireError as error:
        yield Finding(
            "settings", MEND, str(error), "correct the environment; docs/configuration.md lists every setting"
        )
        return
    yield Finding("settings", OK, f"the data folder is {wiring.settings.data_dir.absolute()}")
    try:
        for check in (_contact, _manners, _data_folder, _secret_key, _snapshots, _queue):
            yield _guarded(check, wiring)
        database = _guarded(_database, wiring)
        yield database
        if database.state == OK:
            for check in (_search, _clocks, _sources, _relay, _tokens, _quarantine, _retention):
                yield _guarded(check, wiring)
    finally:
        wiring.close()


def _guarded(check: Callable[[Wiring], Finding], wiring: Wiring) -> Finding:
    try:
        return check(wiring)
    except (NoticewireError, OSError) as error:
        return Finding(check.__name__.strip("_").replace("_", " "), MEND, str(error), "see the message")


def _contact(wiring: Wiring) -> Finding:
    from crawler.politeness import user_agent
    from services.wiring import VERSION

    remedy = "set NOTICEWIRE_CONTACT to a URL or mail address where a site's people reach you"
    try:
        return Finding("contact", OK, f"we ask as {user_agent(VERSION, wiring.settings.contact)}")
    except NoticewireError as error:
        return Finding("contact", MEND, str(error), remedy)


def _manners(wiring: Wiring) -> Finding:
    from services.processes.crawling import manners_of

    terms = manners_of(wiring.settings, "noticewire").terms
    return Finding(
        "manners", OK, f"at most {terms.requests} requests to a host in one day, by the clock of {terms.zone}"
    )


def _data_folder(wiring: Wiring) -> Finding:
    folder = wiring.settings.data_dir.absolute()
    if not folder.exists():
        above = next(parent for parent in folder.parents if parent.exists())
        if os.access(above, os.W_OK | os.X_OK):
            return Finding("data folder", OK, f"{folder} will be made when first needed")
        return Finding("data folder", MEND, f"{folder} cannot be made", f"make it, or make {above} writable")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "data folder", MEND, f"{folder} is not a folder that can be written", "correct its owner or mode"
        )
    if folder.stat().st_mode & 0o002:
        return Finding("data folder", MEND, f"everybody may write in {folder}", f"chmod o-w {folder}")
    return Finding("data folder", OK, f"{folder} can be written")


def _secret_key(wiring: Wiring) -> Finding:
    from shared.secrets import SecretBox

    if wiring.settings.secret_key is not None:
        try:
            SecretBox(wiring.settings.secret_key)
        except NoticewireError as error:
            return Finding("secret key", MEND, str(error), "noticewire token key")
        return Finding("secret key", OK, "it comes from the settings")
    path = wiring.settings.data_dir / "secret.key"
    if not path.exists():
        return Finding("secret key", OK, f"{path} will be made when first needed")
    if path.stat().st_mode & 0o077:
        return Finding("secret key", MEND, f"others may read {path}", f"chmod 600 {path}")
    SecretBox(path.read_text().strip())
    return Finding("secret key", OK, f"it lies in {path}; keep a copy of it with your backups")


def _snapshots(wiring: Wiring) -> Finding:
    probe = b"noticewire doctor: snapshots can be written and read"
    digest = wiring.blobs.put(probe)
    if wiring.blobs.get(digest) != probe:
        return Finding("snapshots", MEND, "what was written is not what was read", "check the disk")
    folder = unquote(urlsplit(wiring.settings.blobs).path)
    free = shutil.disk_usage(folder).free
    detail = f"{folder} can be written; {free / 1024**3:.1f} GiB are free"
    if free < LITTLE_SPACE:
        return Finding(
            "snapshots", MEND if free < NO_SPACE else NOTE, detail, "make room, or move NOTICEWIRE_BLOBS_URL"
        )
    return Finding("snapshots", OK, detail)


def _queue(wiring: Wiring) -> Finding:
    if wiring.settings.redis_url is None:
        from services.queue_server import find_server

        try:
            detail = f"`noticewire up` starts {find_server()}; single processes need NOTICEWIRE_REDIS_URL"
        except NoticewireError as error:
            return Finding("queue", MEND, str(error), "do one of the three")
        return Finding("queue", OK, detail)
    try:
        waiting = wiring.bell.waiting()
    except ValueError:  # how the client reports a malformed URL
        return Finding("queue", MEND, "NOTICEWIRE_REDIS_URL is not a Redis URL", "write redis://host:6379/0")
    if waiting is None:
        return Finding("queue", MEND, "the queue does not answer", "start the server that NOTICEWIRE_REDIS_URL names")
    return Finding("queue", OK, f"it answers; {waiting} bells wait")


def _database(wiring: Wiring) -> Finding:
    from shared.db.engine import parse_url
    from shared.migrations import require_current

    url = parse_url(wiring.settings.database)
    name = "database"
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Finding(name, MEND, f"there is none at {url.database} yet", "noticewire db upgrade, or noticewire up")
    try:
        require_current(wiring.ledger)
    except NoticewireError as error:
        return Finding(name, MEND, str(error), "start it, correct NOTICEWIRE_DATABASE_URL, or noticewire db upgrade")
    return Finding(name, OK, f"{url.render_as_string(hide_password=True)} is at this release's migration")


def _search(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        indexed = uow.ages.search_indexed()
    if not indexed:
        detail = "the index of texts is missing, so searching is slow or fails"
        mend = f"on PostgreSQL: CREATE EXTENSION IF NOT EXISTS pg_trgm; {TRIGRAM_INDEX}; a SQLite file: from a backup"
        return Finding("search", MEND, detail, mend)
    return Finding("search", OK, "texts are indexed")


def _clocks(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        uow.sources.page(limit=1)  # connecting is not to count as a difference
        before = wiring.clock.now()
        apart = abs((uow.now() - before).total_seconds())
    if apart > CLOCKS_DIFFER_SECONDS:
        return Finding("clocks", MEND, f"the database's clock is {apart:.0f} s apart from ours", "let NTP set both")
    return Finding("clocks", OK, "ours and the database's agree")


def _sources(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        found = uow.sources.page(limit=500)
        odd = uow.ages.column_warnings(limit=5)
    if not found:
        return Finding("sources", MEND, "nothing is watched", "noticewire source add URL")
    if odd:
        detail = "; ".join(f"{url}: {warning}" for url, warning in odd)
        return Finding("sources", NOTE, f"some listings read oddly: {detail}", "look at them: noticewire why URL")
    paused = sum(one.paused_at is not None for one in found)
    return Finding("sources", OK, f"{len(found)} watched, {paused} of them paused")


def _relay(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        age = uow.ages.relay_beat(uow.now())
    remedy = "noticewire up, or noticewire relay"
    if age is None:
        return Finding("relay", MEND, "none has ever run: events get no position and nobody is told", remedy)
    if age > RELAY_SILENT_SECONDS:
        return Finding("relay", MEND, f"it has been silent for {age:.0f} s", remedy)
    return Finding("relay", OK, f"it showed {age:.1f} s ago that it lives")


def _tokens(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        now = uow.now()
        live = [
            one
            for one in uow.tokens.page(limit=1000)
            if one.revoked_at is None and (one.expires_at is None or one.expires_at > now)
        ]
    if not live:
        return Finding("tokens", NOTE, "nobody can use the API", "noticewire token create --scope read")
    return Finding("tokens", OK, f"{len(live)} are good")


def _quarantine(wiring: Wiring) -> Finding:
    with wiring.ledger.reading() as uow:
        count = uow.ages.quarantined()
    if count:
        remedy = "see why: noticewire why URL; then: noticewire reprocess --quarantined"
        return Finding("quarantine", NOTE, f"{count} fetches could not be read", remedy)
    return Finding("quarantine", OK, "empty")


def _retention(wiring: Wiring) -> Finding:
    from services.processes.relaying import keep_rules
    from worker.keep import WHATS

    rules, told = keep_rules(wiring.settings), []
    with wiring.ledger.reading() as uow:
        now, gone = uow.now(), uow.retention.totals()
        for what in WHATS:
            days = rules.days(what)
            old = f"{uow.retention.older(what, now - timedelta(days=days))} older" if days else "for ever"
            told.append(f"{what} {f'{days} days, ' if days else ''}{old}, {gone.get(what, 0)} gone so far")
    return Finding("retention", OK, "; ".join(told))
