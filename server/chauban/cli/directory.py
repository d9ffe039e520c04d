"""`chauban directory`: how it begins, and the organisations that the axis lists."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from chauban.accounts.administering import first_password
from chauban.accounts.changing.beginning import begin_installation
from chauban.accounts.errors import AccountError
from chauban.accounts.words import explain as explain_account
from chauban.directory.errors import DirectoryError
from chauban.directory.rules import legal_day
from chauban.directory.synchronising import put_off, synchronise
from chauban.directory.words import explain
from chauban.exchange.gateways import current_gateway
from chauban.exchange.ports import GatewayError
from chauban.office.pictures.outlines import MOST_BYTES, OutlinesRefused, keep_outlines


@click.group("directory")
def command() -> None:
    """The first agency, and the organisations that the axis lists."""


@command.command("begin")
@click.option("--agency", required=True, help="Name of the agency at the top.")
@click.option("--place", required=True, help="Place name on its documents, such as Huế.")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="Else today.")
@click.option("--administrator", required=True, help="Full name of its administrator.")
@click.option("--email", required=True, help="His official address; before the @: his user name.")
def begin(
    agency: str, place: str, valid_from: datetime | None, administrator: str, email: str
) -> None:
    """Enter the agency at the top of an empty installation, and its administrator.

    Prints his user name and first password, once; the pages do the rest.
    """
    now, password = datetime.now(UTC), first_password()
    try:
        user = begin_installation(
            agency=agency,
            place=place,
            valid_from=valid_from.date() if valid_from else legal_day(now),
            full_name=administrator,
            email=email,
            password=password,
            now=now,
        )
    except (DirectoryError, AccountError) as refusal:
        words = explain if isinstance(refusal, DirectoryError) else explain_account
        raise click.ClickException(words(refusal).en) from refusal
    click.echo(f"{user.username} {password}")


@command.command("sync")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def sync(as_json: bool) -> None:
    """Take over the axis's directory now; `chauban work` does so once a day.

    Only differences are written; who is listed no more is marked, not deleted.
    """
    gateway, now, began = current_gateway(), datetime.now(UTC), time.monotonic()
    try:
        counts = synchronise(gateway.organisations(now=now), gateway=gateway.name, now=now)
    except (GatewayError, DirectoryError) as error:
        put_off(gateway.name, now=now)
        words = explain(error).en if isinstance(error, DirectoryError) else str(error)
        raise click.ClickException(words) from error
    taken = {**vars(counts), "seconds": round(time.monotonic() - began, 2)}
    if as_json:
        click.echo(json.dumps(taken))
    else:
        click.echo(", ".join(f"{name} {value}" for name, value in taken.items()))


@command.command("outlines")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Who made them, by which licence; the map says it.")
def outlines(file: Path, source: str) -> None:
    """Draw the outlines of communes and wards in FILE (GeoJSON, WGS 84) on the map of agencies."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    try:
        kept = keep_outlines(content, source=source, now=datetime.now(UTC))
    except OutlinesRefused as refusal:
        raise click.ClickException(refusal.words.en) from refusal
    click.echo(f"{len(kept.features)} outlines")
