"""`chauban scenario NAME`: a named flow, headless, on real files, processes and connections."""

import json
from pathlib import Path

import click

from chauban.cli import province
from chauban.cli.processes import DidNotStart, end_when_asked, ending_together, free_port

NAMES = ("main",)


@click.command("scenario")
@click.argument("name", type=click.Choice(NAMES))
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Folder of the installation."
)
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def command(name: str, data: Path, as_json: bool) -> None:
    """Run a flow and print each step with what it left; files go to DIR/out.

    Exit 0 when every step did what it should, 1 when one did not.
    """
    port, pki_port = free_port(), free_port()
    variables = province.settings(data, port=port, pki_port=pki_port)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    province.enter(variables)
    from chauban.cli.scenario_main import StepFailed, play

    steps: list[dict[str, object]] = []
    failure = ""
    try:
        end_when_asked(exit_code=1)
        with ending_together([]) as children:
            province.prepare(data)
            children.append(province.start_pki(data, port=pki_port, variables=variables))
            children.append(province.start_web(data, port=port, variables=variables))
            children.append(province.start_worker(data, variables=variables))
            for step in play(data / "out", axis_url=f"http://127.0.0.1:{port}/axis"):
                steps.append(step.as_dict())
                if not as_json:
                    click.echo(f"{step.agency}: {step.act} {step.number} {step.file}".rstrip())
    except (DidNotStart, StepFailed) as problem:
        failure = str(problem)
    if as_json:
        outcome = {"scenario": name, "ok": not failure, "failure": failure, "steps": steps}
        print(json.dumps(outcome, ensure_ascii=False, indent=1))
    elif failure:
        click.echo(failure, err=True)
    raise SystemExit(1 if failure else 0)
