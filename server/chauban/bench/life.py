"""The whole life of a document, and its exchange alone, on both databases, commits durable.

Each database is measured in a process of its own (`python -m chauban.bench.life`), with the
demo's PKI in another, which is not counted. `--profile FILE` keeps where the time went.
"""

import argparse
import cProfile
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from chauban.bench import postgres
from chauban.bench.report import Case
from chauban.cli import province
from chauban.cli.processes import ending_together, free_port

LIVES = 20
FAN_OUT = 20
FAN_OUT_DOCUMENTS = 10


def measure() -> list[Case]:
    """Both databases, each in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        cases = _cases("SQLite", _child(Path(folder) / "sqlite", ""))
    with tempfile.TemporaryDirectory() as folder:
        try:
            with postgres.server(Path(folder), settings=postgres.DURABLE) as url:
                figures = _child(Path(folder) / "data", f"{url}/postgres")
        except postgres.NoPostgreSQL:
            return cases
    return [*cases, *_cases("PostgreSQL", figures)]


def _cases(database: str, figures: dict[str, float]) -> list[Case]:
    """CPU is that of our process; an elapsed figure includes the databases' and disks' waits."""
    return [
        Case(f"{name}, {database}", unit, round(figures[f"{key}_{measured}"], 2))
        for key, name in (
            ("life", "draft to issued, one recipient"),
            ("exchange_1", "issued to receipted, fan-out 1"),
            ("exchange_20", f"issued to receipted, fan-out {FAN_OUT}"),
        )
        for measured, unit in (
            ("cpu", "ms CPU a delivery" if key != "life" else "ms CPU a document"),
            ("rate", "deliveries/s elapsed" if key != "life" else "documents/s elapsed"),
        )
    ]


def _child(data: Path, database_url: str) -> dict[str, float]:
    data.mkdir(parents=True, exist_ok=True)
    argv = ["chauban.bench.life", "--data", str(data), "--database-url", database_url]
    ran = subprocess.run([sys.executable, "-m", *argv], stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def run(data: Path, database_url: str) -> dict[str, float]:
    """Measure on one installation, in this process."""
    pki_port = free_port()
    variables = province.settings(
        data, port=free_port(), pki_port=pki_port, given={"CHAUBAN_DATABASE_URL": database_url}
    )
    province.enter(variables)
    with ending_together([]) as children:
        province.prepare(data)
        children.append(province.start_pki(data, port=pki_port, variables=variables))
        return _figures()


def _figures() -> dict[str, float]:
    from chauban.cli import acting, stories
    from chauban.cli.work import tick
    from chauban.exchange import actions as exchange
    from chauban.exchange.models import Delivery
    from chauban.workflow.models import Draft
    from chauban.workflow.services import signing_services

    bodies = [body for body in stories.issuing_bodies() if body.agency.key != "vp-ubnd"]
    issuer = acting.body_named("ubnd-tp")
    cast = acting.Cast.of("vp-ubnd", signatory="pho-chu-tich.vp-ubnd")
    clerk = acting.officer("van-thu.vp-ubnd", stories.clock())
    text = acting.letters()[0]

    def bring(recipients: int, state: Draft.State) -> Draft:
        draft = acting.write(
            text, body=issuer, cast=cast, recipients=bodies[:recipients], now=stories.clock()
        )
        return acting.bring_to(
            draft,
            state,
            cast,
            services=lambda: signing_services(stories.clock()),
            clock=stories.clock,
        )

    def exchanged(drafts: list[Draft]) -> None:
        for draft in drafts:
            exchange.issue(draft.outgoing, officer=clerk, now=stories.clock())
        _work(tick)
        for delivery in Delivery.objects.filter(state="proposed").select_related("body__agency"):
            acting.accept(
                delivery, clerk=f"van-thu.{delivery.body.agency.key}", now=stories.clock()
            )
        _work(tick)

    bring(1, Draft.State.ISSUED)
    _work(tick)
    figures: dict[str, float] = {}
    with _timed(figures, "life", LIVES):
        for _ in range(LIVES):
            bring(1, Draft.State.ISSUED)
    exchanged([])
    for fan_out, documents in ((1, LIVES), (FAN_OUT, FAN_OUT_DOCUMENTS)):
        sealed = [bring(fan_out, Draft.State.SEALED) for _ in range(documents)]
        with _timed(figures, f"exchange_{fan_out}", fan_out * documents):
            exchanged(sealed)
    return figures


def _work(tick: Callable[[datetime], int]) -> None:
    while tick(datetime.now(UTC)):
        continue


@contextmanager
def _timed(figures: dict[str, float], key: str, pieces: int) -> Iterator[None]:
    cpu, wall = time.process_time(), time.monotonic()
    yield
    figures[f"{key}_cpu"] = (time.process_time() - cpu) * 1000 / pieces
    figures[f"{key}_rate"] = pieces / (time.monotonic() - wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    profile = cProfile.Profile()
    figures = (
        profile.runcall(run, given.data, given.database_url)
        if given.profile
        else run(given.data, given.database_url)
    )
    if given.profile:
        profile.dump_stats(given.profile)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
