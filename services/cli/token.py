"""`token`: keys to the API, and the key that seals stored secrets."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.records import TOKEN, every, record
from services.cli.screen import emit, note, say, table
from shared.domain.states import Scope

commands = typer.Typer(no_args_is_help=True, help="Keys to the API.")


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    app.add_typer(commands, name="token")


@commands.command("create")
def create(
    scopes: Annotated[list[Scope], typer.Option("--scope", help="What it may do; repeatable.")],
    name: Annotated[str, typer.Option(help="Whose it is, or what for.")] = "",
    days: Annotated[float | None, typer.Option(min=0, help="How long it is good for; for ever if not given.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a token and print it, this once."""
    from services.desk.tokens import create_token

    with opened(data, make=True) as wiring:
        token, text = create_token(wiring.ledger, name=name, scopes=scopes, days=days)
    if json:
        emit(record(token, TOKEN) | {"token": text})
        return
    say(text)
    note(f"This is {token.id}. It is not shown again.")


@commands.command("list")
def list_all(data: Data = None, json: Json = False) -> None:
    """List the tokens, without their secrets."""
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        found = [record(one, TOKEN) for one in every(lambda after: uow.tokens.page(after=after))]
    if json:
        for one in found:
            emit(one)
        return
    names = ("id", "name", "scopes", "expires_at", "last_used_at", "revoked_at")
    table([name.replace("_", " ") for name in names], ([one[name] for name in names] for one in found))


@commands.command("rotate")
def rotate(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id (tok_…).")],
    overlap: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long the old secret is still good; not at all if 0.")
    ] = 0.0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Give a token another secret and print it, this once; its id, scopes and expiry stay."""
    from services.desk import tokens

    with opened(data) as wiring:
        token, text = tokens.rotate(wiring.ledger, token_id, overlap_seconds=overlap)
    if json:
        emit(record(token, TOKEN) | {"token": text})
        return
    say(text)
    note(f"The old secret is good for {overlap:g} s more." if overlap else "The old secret is useless from now on.")


@commands.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id (tok_…).")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a token useless, from its next request on."""
    from services.desk import tokens

    with opened(data) as wiring:
        tokens.revoke(wiring.ledger, token_id)
    if json:
        emit({"revoked": token_id})
    else:
        say(f"{token_id} is revoked.")


@commands.command("key")
def key(json: Json = False) -> None:
    """Print a fresh value for NOTICEWIRE_SECRET_KEY; nothing is stored."""
    from cryptography.fernet import Fernet

    fresh = Fernet.generate_key().decode()
    if json:
        emit({"key": fresh})
    else:
        say(fresh)
