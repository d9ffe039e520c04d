"""`chauban axis`: neighbouring axes. Each change is an act; exit 0 done, 1 refused, 2 misuse."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chauban.axis import neighbours, operating
from chauban.axis.errors import NoNeighbour
from chauban.axis.models import Neighbour, System
from chauban.axis.words import operating_words
from chauban.exchange.ports import GatewayError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("axis")
def command() -> None:
    """Axes beside this one: what is forwarded to them, and what is fetched there."""


@command.command("neighbours")
@as_json
def list_neighbours(as_json: bool) -> None:
    """Each neighbour: where it is, what waits for it, when it answered last."""
    _print([_shown(one) for one in neighbours.listed()], as_json=as_json)


@command.command()
@click.argument("system_id")
@click.option("--url", required=True, help="Address of its API, such as https://…/axis.")
@click.option("--as", "our_system_id", required=True, help="Our system id there.")
@click.option("--secret-file", type=FILE, required=True, help="Holds our secret there.")
@click.option("--name", default="", help="For people; of a system that is not registered yet.")
@click.option("--polled/--not-polled", default=True, help="Whether we fetch what it keeps for us.")
@as_json
def connect(
    system_id: str,
    url: str,
    our_system_id: str,
    secret_file: Path,
    name: str,
    polled: bool,
    as_json: bool,
) -> None:
    """Make SYSTEM_ID a neighbour, or change where it is and who we are there."""
    now = datetime.now(UTC)
    system = System.objects.filter(system_id=system_id).first()
    if system is None and not name:
        raise click.UsageError(f"{system_id}: chưa đăng ký, cần --name / not registered: --name")
    neighbour = neighbours.connect_neighbour(
        system or operating.open_system(system_id, name, officer=None, now=now),
        url=url,
        our_system_id=our_system_id,
        our_secret=secret_file.read_text("utf-8").strip(),
        is_polled=polled,
        officer=None,
        now=now,
    )
    _print([_shown(neighbours.listed().get(pk=neighbour.pk))], as_json=as_json)


@command.command()
@click.argument("system_id")
@as_json
def sync(system_id: str, as_json: bool) -> None:
    """Take over which agencies are beyond SYSTEM_ID, as it lists them; nobody is removed."""
    neighbour, now = _neighbour(system_id), datetime.now(UTC)
    try:
        listed = neighbours.gateway_of(neighbour).organisations(now=now)
        counts = neighbours.take_members(neighbour, listed, now=now)
    except GatewayError as error:
        raise click.ClickException(str(error)) from error
    _print([{"system_id": system_id, **counts}], as_json=as_json)


@command.command()
@click.argument("system_id")
def call(system_id: str) -> None:
    """Let the worker call SYSTEM_ID now, although it was silent."""
    neighbours.call_now(_neighbour(system_id), officer=None, now=datetime.now(UTC))


def _neighbour(system_id: str) -> Neighbour:
    found = Neighbour.objects.filter(system__system_id=system_id).select_related("system").first()
    if found is None:
        words = operating_words(NoNeighbour(system_id))
        raise click.ClickException(f"{words.vi} / {words.en}")
    return found


def _shown(one: Neighbour) -> dict[str, Any]:
    return {
        "system_id": one.system.system_id,
        "name": one.system.name,
        "url": one.url,
        "as": one.our_system_id,
        "polled": one.is_polled,
        "waiting": one.length,
        "oldest": one.oldest.isoformat() if one.oldest else None,
        "followed": one.followed,
        "last_contact": one.last_contact_at.isoformat() if one.last_contact_at else None,
        "trouble": one.trouble,
    }


def _print(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("  ".join(f"{name} {value}" for name, value in row.items() if value != ""))
