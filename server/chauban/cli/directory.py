"""`chauban directory`: the organisations that the axis lists, taken over into the directory."""

import json
import time
from datetime import UTC, datetime

import click

from chauban.directory.errors import DirectoryError
from chauban.directory.synchronising import put_off, synchronise
from chauban.directory.words import explain
from chauban.exchange.gateways import current_gateway
from chauban.exchange.ports import GatewayError


@click.group("directory")
def command() -> None:
    """The organisations that the axis lists."""


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
