"""`chauban demo`: the province of Huế on one machine, made once, then run."""

import time
from pathlib import Path

import click

from chauban.cli import province
from chauban.cli.processes import (
    Child,
    DidNotStart,
    PortTaken,
    end_when_asked,
    ending_together,
    free_port,
    require_free,
)

LOOK_EVERY_SECONDS = 1.0


@click.command("demo")
@click.option(
    "--data", type=click.Path(path_type=Path), default=Path("data/demo"), show_default=True
)
@click.option("--port", default=8000, show_default=True, help="Port of the web server.")
def command(data: Path, port: int) -> None:
    """Make the demo province in a folder, once, and run it."""
    began = time.monotonic()
    try:
        require_free(port)
        pki_port = free_port()
        variables = province.settings(data, port=port, pki_port=pki_port)
        click.echo("Châu Bản: chuẩn bị dữ liệu mẫu thành phố Huế … / preparing the demo province …")
        province.enter(variables)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_when_asked(exit_code=0)
        with ending_together([]) as children:
            province.prepare(data)
            children.append(province.start_pki(data, port=pki_port, variables=variables))
            children.append(province.start_web(data, port=port, variables=variables))
            _invite(port, seconds=time.monotonic() - began)
            children.append(province.start_worker(data, variables=variables))
            children.append(province.start_storyteller(data, variables=variables))
            _watch(children)
    except (PortTaken, DidNotStart) as problem:
        raise click.ClickException(str(problem)) from problem


def _invite(port: int, *, seconds: float) -> None:
    click.echo(f"\n  http://localhost:{port}    ({seconds:.0f} s)\n")
    click.echo(f"  Mật khẩu / password: {province.DEMO_PASSWORD}    PIN: 246810")
    click.echo(
        "  Văn bản mẫu đang được tạo; Ctrl+C để dừng / documents are being made; Ctrl+C stops\n"
    )


def _watch(children: list[Child]) -> None:
    """Wait for ever, or until the web server fails; a child that ends with an error is named.

    The storyteller ends by itself when all is told.
    """
    told: set[str] = set()
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        for child in children:
            if child.process.poll() and child.name not in told:
                told.add(child.name)
                click.echo(
                    f"  {child.name} đã dừng do lỗi, xem / has failed, see {child.log}", err=True
                )
            if child.name == "web" and child.name in told:
                return
