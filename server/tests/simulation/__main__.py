"""`make simulate`: python -m tests.simulation --seed 1 --messages 10000."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import click
import django


@click.command()
@click.option("--seed", default=1, show_default=True, help="Decides everything that happens.")
@click.option("--messages", default=10_000, show_default=True, help="Documents times recipients.")
@click.option("--offices", default=50, show_default=True, help="Installations besides two axes.")
@click.option("--runs", default=1, show_default=True, help="So many seeds, one after the other.")
@click.option("--quiet-network", is_flag=True, help="Without faults: how long the work takes.")
def main(seed: int, messages: int, offices: int, runs: int, quiet_network: bool) -> None:
    """Simulate offices and two axes; print what happened as JSON, a line for each seed."""
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
            plan = Plan(each, messages, offices, faults=not quiet_network)
            with simulated(plan, template) as world:
                world.run()
                wrong = world.troubles or faults_of(world)
                result = {
                    "seed": each,
                    "messages": messages,
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
                click.echo(f"again: make simulate SEED={each} MESSAGES={messages}", err=True)
    sys.exit(is_wrong)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
