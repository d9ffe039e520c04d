"""The pages of the demo: what each costs the server, what it weighs, what Lighthouse says.

A real `chauban serve` beside its worker; every page that eleven of the province's people, and one
who has not signed in, come to from their homes. What a page costs is the processor time that the
server's threads take for one request, which other work on the machine does not change; the time
that it took by the clock stands beside it. How far it is stands on stderr. `python -m
chauban.bench.pages --data DIR` goes on with a demo that is there; `--parts` asks for some of
times, weights, lighthouse.
"""

import argparse
import json
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chauban.bench import lighthouse, weighing
from chauban.bench.crawling import PACKED, Browser, Found, Page, crawl
from chauban.bench.memory import with_descendants
from chauban.bench.processor import percentile, spent_seconds
from chauban.bench.report import Case, say, summary
from chauban.bench.told import Told, session_of, told

BAR_MS = 50
FIRST_VISIT_KB, LATER_VISIT_KB = 250, 40
PARTS = ("times", "weights", "lighthouse")
REQUESTS = 24  # of one kind of page by whom it costs most, over its examples
TRIALS = 3  # by each person, to find out whom that is; the first warms up
HOMES = {
    "clerk": "van-thu.vp-ubnd",
    "official": "chuyen-vien.vp-ubnd",
    "unit head": "truong-phong.vp-ubnd",
    "leader": "pho-chu-tich.vp-ubnd",
    "head of office": "chanh-vp.vp-ubnd",
}
OTHERS = (
    "the-thuc.vp-ubnd",
    "quan-tri.vp-ubnd",
    "chu-tich.vp-ubnd",
    "van-thu.so-tai-chinh",
    "giam-doc.so-tai-chinh",
    "chuyen-vien.so-tai-chinh",
)


@dataclass(frozen=True)
class Cost:
    """What one kind of page takes of one person's requests."""

    page: Page
    cpu_ms: Sequence[float]
    elapsed_ms: Sequence[float]

    @property
    def p95_ms(self) -> float:
        return percentile(self.cpu_ms, 0.95)


def measure() -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder))


def run(data: Path, *, requests: int = REQUESTS, parts: Collection[str] = PARTS) -> list[Case]:
    """Measure the demo in folder data, which is made where there is none; it ends with us."""
    say("the demo is being made")
    with told(data) as office:
        sessions = {who: session_of(who) for who in (*HOMES.values(), *OTHERS)}
        browsers = {
            "": Browser(office.port, headers=PACKED),
            **{who: Browser(office.port, session) for who, session in sessions.items()},
        }
        cases = []
        if {"times", "weights"} & set(parts):
            found = list(_found(browsers))
            costs = list(_costs(office, browsers, found, requests))
            cases += [*_failed(found), *_times(costs)]
            if "weights" in parts:
                cases += _weights(office, sessions, costs)
        if "lighthouse" in parts:
            say("Lighthouse")
            homes = {name: sessions[who] for name, who in HOMES.items()}
            cases += lighthouse.cases(office.url, homes)
    return cases


def _found(browsers: Mapping[str, Browser]) -> Iterator[Found]:
    for who, browser in browsers.items():
        found = crawl(browser, who)
        say(f"{len(found.pages)} pages of {who or 'nobody signed in'}")
        yield found
    yield crawl(browsers[""], "", "/sign-in")


def _costs(
    office: Told, browsers: Mapping[str, Browser], found: Iterable[Found], requests: int
) -> Iterator[Cost]:
    """What each kind of page takes of whom it costs most; by its name."""
    kinds: dict[tuple[str, str], list[Page]] = {}
    for one in found:
        for page in one.pages:
            kinds.setdefault((page.view, page.username), []).append(page)
    pids = with_descendants(office.web.process.pid)

    def asked(examples: Sequence[Page], amount: int) -> Cost:
        cpu_ms, elapsed_ms = [], []
        for number in range(amount):
            page = examples[number % len(examples)]
            before = spent_seconds(pids)
            answer = browsers[page.username].get(page.path, **PACKED)
            cpu_ms.append((spent_seconds(pids) - before) * 1000)
            elapsed_ms.append(answer.seconds * 1000)
        return Cost(examples[0], cpu_ms, elapsed_ms)

    dearest = _dearest([(examples, asked(examples[:1], TRIALS)) for examples in kinds.values()])
    say(f"{len(dearest)} kinds of page, {requests} requests each")
    for examples in dearest:
        asked(examples, len(examples))
        yield asked(examples, requests)


def _dearest(tried: Iterable[tuple[Sequence[Page], Cost]]) -> list[Sequence[Page]]:
    """Of each kind of page the examples of the person whom a warm one costs most; by its name."""
    by_view: dict[str, tuple[float, Sequence[Page]]] = {}
    for examples, cost in tried:
        view, warm_ms = cost.page.view, min(cost.cpu_ms[1:])
        if view not in by_view or warm_ms > by_view[view][0]:
            by_view[view] = (warm_ms, examples)
    return [by_view[view][1] for view in sorted(by_view)]


def _failed(found: Iterable[Found]) -> list[Case]:
    """Those that broke, and links to what their readers may not open."""
    every = list(found)
    return [
        _named("pages that failed", {page.path for one in every for page in one.failed}),
        _named("links that lead nowhere", {page.path for one in every for page in one.refused}),
    ]


def _named(what: str, paths: set[str]) -> Case:
    name = f"{what}: {', '.join(sorted(paths))}" if paths else what
    return Case(name, "pages", len(paths), bar="0", met=not paths)


def _times(costs: Sequence[Cost]) -> Iterator[Case]:
    for cost in costs:
        who = cost.page.username or "nobody signed in"
        name = f"{cost.page.view}, {who}"
        p95 = cost.p95_ms
        bar = {"bar": f"< {BAR_MS}", "met": p95 < BAR_MS}
        yield Case(f"{name}: processor, p95", "ms", round(p95, 1), **bar)
        yield Case(f"{name}: processor, median", "ms", round(percentile(cost.cpu_ms, 0.5), 1))
        yield Case(f"{name}: by the clock, p95", "ms", round(percentile(cost.elapsed_ms, 0.95), 1))


def _weights(office: Told, sessions: Mapping[str, str], costs: Iterable[Cost]) -> Iterator[Case]:
    pages = [cost.page for cost in costs]
    say(f"weights of {len(pages)} pages")
    try:
        weighed = list(weighing.weigh(office.url, pages, sessions))
    except weighing.NoChromium as missing:
        yield Case(f"weights not measured: {missing}", "", 0)
        return
    for page, weight in weighed:
        first, later = weight.first_bytes / 1000, weight.later_bytes / 1000
        name = f"{page.view}, {page.username or 'nobody signed in'}"
        bar = {"bar": f"<= {FIRST_VISIT_KB}", "met": first <= FIRST_VISIT_KB}
        yield Case(f"{name}: first visit", "kB", round(first, 1), **bar)
        bar = {"bar": f"<= {LATER_VISIT_KB}", "met": later <= LATER_VISIT_KB}
        yield Case(f"{name}: later visit", "kB", round(later, 1), **bar)
        if weight.document_bytes:
            apart = round(weight.document_bytes / 1000, 1)
            yield Case(f"{name}: the document and its viewer, apart", "kB", apart)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    cases = run(given.data, requests=given.requests, parts=given.parts)
    print(json.dumps(summary("pages", cases), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
