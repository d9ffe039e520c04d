"""`make simulate`: python -m tests.simulation --seed 1 --messages 10000."""

import gc
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import django

if TYPE_CHECKING:
    from tests.simulation.world import World


@click.command()
@click.option("--seed", default=1, show_default=True, help="Decides everything that happens.")
@click.option("--messages", default=10_000, show_default=True, help="Documents times recipients.")
@click.option("--offices", default=50, show_default=True, help="Installations besides two axes.")
@click.option("--runs", default=1, show_default=True, help="So many seeds, one after the other.")
@click.option("--faults", default=0.3, show_default=True, help="How dense; tests: 1; none: 0.")
def main(seed: int, messages: int, offices: int, runs: int, faults: float) -> None:
    """Simulate offices and two axes; print what happened as JSON, a line for each seed.

    How far a run is, its standard error tells.
    """
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets belongs to the run
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])
    django.setup()
    from chauban.config.environment import Environment
    from tests import databases
    from tests.simulation.judging import faults_of
    from tests.simulation.world import Plan, simulated

    with tempfile.TemporaryDirectory(prefix="chauban-template-") as folder:
        databases.use(Environment(data=Path(folder)))
        databases.fill()
        databases.close()
        template = Path(folder) / "chauban.sqlite3"
        is_wrong = False
        for each in range(seed, seed + runs):
            start, cpu = time.monotonic(), time.process_time()
            gc.freeze()  # a run makes more objects than it is worth looking through often
            gc.set_threshold(50_000, 50, 50)
            with simulated(Plan(each, messages, offices, faults), template) as world:
                world.run(tell=partial(_tell, cpu))
                wrong = world.troubles or faults_of(world)
                result = {
                    "seed": each,
                    "messages": messages,
                    "faults_density": faults,
                    "documents": len(world.intents),
                    "recalled": sum(one.is_recalled for one in world.intents),
                    "replaced": len(world.replacements),
                    "offices": len(world.offices),
                    "axes": len(world.axes),
                    "wrong": len(wrong),
                    "faults": dict(sorted(world.faults.items())),
                    "network": dict(sorted(world.network.happened.items())),
                    "steps": sum(node.steps for node in world.nodes()),
                    "hours_simulated": round((world.now - world.began).total_seconds() / 3600, 1),
                    "seconds": round(time.monotonic() - start, 1),
                    "cpu_seconds": round(time.process_time() - cpu, 1),
                    "trace": world.trace(),
                }
            click.echo(json.dumps(result))
            if wrong:
                is_wrong = True
                click.echo("\n".join([*world.lines, *wrong[:40]]), err=True)
                again = f"--seed {each} --messages {messages} --offices {offices} --faults {faults}"
                click.echo(f"again: python -m tests.simulation {again}", err=True)
    sys.exit(is_wrong)


def _tell(cpu: float, world: "World") -> None:
    """Write how far a run is that began at so many seconds of processor time."""
    acts = len(world.intents) + sum(one.is_recalled for one in world.intents)
    line = {
        "at": f"{datetime.now(UTC):%H:%M:%S}",
        "hours_simulated": round((world.now - world.began).total_seconds() / 3600, 2),
        "cpu_seconds": round(time.process_time() - cpu),
        "acts_of_senders": f"{acts - world.undone} of {acts}",
        "deliveries": world.delivered(),
        "healed": world.is_healed,
    }
    click.echo(json.dumps(line), err=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
