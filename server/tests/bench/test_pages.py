"""What the benchmarks of pages and of load make of what they measured."""

import asyncio
from dataclasses import replace

from chauban.bench import lighthouse, load, pages, people
from chauban.bench.crawling import Answer, Found, Page, links_of
from chauban.bench.load import Figures
from chauban.bench.pages import Cost
from chauban.bench.processor import percentile

HOME = Page("office:home", "van-thu.vp-ubnd", "/")
FIGURES = Figures(
    seconds=10.0,
    times_ms={"page": [100.0] * 20, "act": [200.0], "ask": [1.0] * 5},
    cpu_seconds={"web server": 1.3},
    resident_mb=[100.0] * 10,
)


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed():
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7.0], 0.5) == 7.0


def test_links_are_those_a_reader_can_follow_each_once():
    body = b'<a href="/a?x=1#y">, <a href="/a">, <nav data-live="/b"> <link href="/static/x.css">'
    answer = Answer(302, {"location": "/c"}, body, 0.0)
    assert links_of(answer, "/") == ["/a", "/b", "/c"]


def test_a_page_that_breaks_or_leads_nowhere_misses_the_bar():
    well = Found((HOME,), (), ())
    assert all(case.met for case in pages._failed([well]))
    for found in (replace(well, failed=(HOME,)), replace(well, refused=(HOME,))):
        assert [case.ours for case in pages._failed([found])].count(1) == 1


def test_a_page_is_measured_for_whom_a_warm_one_costs_most():
    clerk, leader = [HOME], [replace(HOME, username="pho-chu-tich.vp-ubnd")]
    cold, warm = Cost(clerk[0], [90.0, 10.0, 12.0], []), Cost(leader[0], [20.0, 15.0, 70.0], [])
    assert pages._dearest([(clerk, cold), (leader, warm)]) == [leader]


def test_a_slow_page_misses_the_bar():
    for cpu_ms, is_met in ((49.9, True), (50.0, False)):
        p95, *_ = pages._times([Cost(HOME, [cpu_ms] * 4, [1.0])])
        assert (p95.ours, p95.met) == (cpu_ms, is_met)


def test_errors_slow_answers_and_growing_memory_each_miss_a_bar():
    def missed(figures: Figures) -> int:
        return sum(case.met is False for case in load._cases("SQLite", figures))

    assert missed(FIGURES) == 0
    assert missed(replace(FIGURES, errors={"500 GET /": 1})) == 1
    assert missed(replace(FIGURES, times_ms={"page": [301.0] * 9})) == 1
    assert missed(replace(FIGURES, resident_mb=[100.0] * 9 + [131.0])) == 1


def test_lighthouse_names_what_took_points_away():
    report = {
        "categories": {
            "performance": {"score": 0.949, "auditRefs": [{"id": "paint", "weight": 10}]}
        },
        "audits": {"paint": {"score": 0.5}},
    }
    assert lighthouse.read(report) == ({"performance": 95}, {"performance": ["paint"]})


def test_the_people_speak_plain_http_and_count_refusals():
    async def serve(reader, writer):
        for _ in range(2):  # on one kept connection
            head = await reader.readuntil(b"\r\n\r\n")
            status = b"200 OK" if head.startswith(b"GET / ") else b"404 Not Found"
            writer.write(b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
            writer.write(b"2\r\nab\r\n0\r\n\r\n")

    async def look():
        server = await asyncio.start_server(serve, "localhost", 0)
        port = server.sockets[0].getsockname()[1]
        counted = people.Counted(is_open=True)
        one = people.Person({"session": "s", "acts": []}, port, counted, act_share=0)
        here = await one._get("/", None)
        await one._get("/incoming/5", None)
        one.line.hang_up()
        server.close()
        return here.body, counted

    body, counted = asyncio.run(look())
    assert body == b"ab"
    assert len(counted.times_ms["page"]) == 2
    assert counted.errors == {"404 GET /incoming/N": 1}
