"""`make deployments`: python -m tests.deployments --seed 1 --messages 300."""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
import django

from chauban.cli.processes import end_when_asked


@click.command()
@click.option("--seed", default=1, show_default=True, help="What is sent, killed and cut.")
@click.option("--messages", default=300, show_default=True, help="Documents times recipients.")
@click.option("--minutes", default=10.0, show_default=True, help="In which everything breaks.")
@click.option("--agencies", default=6, show_default=True, help="Of each office.")
@click.option("--pause", default=3.0, show_default=True, help="Seconds from one kill to the next.")
@click.option("--data", type=click.Path(path_type=Path), help="Empty folder that is kept.")
def main(
    seed: int, messages: int, minutes: float, agencies: int, pause: float, data: Path | None
) -> None:
    """Play two offices and an axis in real processes that are killed; print the result as JSON.

    Exit 0 when every rule holds, 1 when one does not.
    """
    django.setup()
    from chauban.config.environment import Environment
    from tests import databases
    from tests.deployments.playing import Scenario, play

    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    end_when_asked(exit_code=1)
    with ExitStack() as stack:
        if data is None:
            data = Path(tempfile.mkdtemp(prefix="chauban-deployments-"))
            stack.callback(shutil.rmtree, data, ignore_errors=True)
        data.mkdir(parents=True, exist_ok=True)
        template = Environment(data=data / "template")
        template.data.mkdir()
        databases.use(template)
        databases.fill()
        databases.close()
        began = time.monotonic()
        scenario = Scenario(
            seed, messages, seconds=minutes * 60, agencies=agencies, pause_seconds=pause
        )
        outcome = play(scenario, data, template)
    outcome["seconds_in_all"] = round(time.monotonic() - began, 1)
    click.echo(json.dumps(outcome, ensure_ascii=False, indent=1))
    sys.exit(not outcome["ok"])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
