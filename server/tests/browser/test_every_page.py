"""Every kind of page to which links lead, before axe in both themes and at 400 %: some minutes.

By hand: `make every-page`. The other tests examine what they come to, by the same rule.
"""

import os
import re
from pathlib import Path

import pytest

from chauban.bench.crawling import view_at
from tests.browser.conftest import Visiting
from tests.browser.examining import evaluate
from tests.browser.visitor import Visitor

PEOPLE = (
    "",
    "van-thu.vp-ubnd",
    "chuyen-vien.vp-ubnd",
    "truong-phong.vp-ubnd",
    "the-thuc.vp-ubnd",
    "pho-chanh-vp.vp-ubnd",
    "chanh-vp.vp-ubnd",
    "luu-tru.vp-ubnd",
    "quan-tri.vp-ubnd",
)
PHOTOGRAPHED = {
    "": {"/components/": "components"},
    "quan-tri.vp-ubnd": {
        "/scoreboard": "scoreboard",
        "/administration/": "administration",
        "/administration/agencies/": "agencies",
        "/administration/people/": "people",
        "/administration/calendar/": "calendar",
        "/administration/queues/": "exchange",
    },
}
_LINKS = """[...document.querySelectorAll('a[href]:not([download]):not([target])')]
  .filter(one => one.origin === location.origin).map(one => one.pathname)"""
_NO_PAGE = re.compile(r"\.(csv|json|pdf|svg|png|webmanifest|xlsx|yaml)$|/files/|/receipts$")


@pytest.mark.skipif(
    not os.environ.get("CHAUBAN_EVERY_PAGE"), reason="takes minutes: make every-page runs it"
)
@pytest.mark.parametrize("username", PEOPLE)
def test_every_kind_of_page_that_one_comes_to(
    visitor: Visiting, photographs: Path | None, username: str
) -> None:
    one = visitor(username)
    shown = PHOTOGRAPHED.get(username, {})
    waiting = list(dict.fromkeys(["/" if username else "/sign-in", *shown]))
    kinds, known = {kind_of(path) for path in waiting}, len(waiting)
    for path in waiting:
        one.open(path)
        if path in shown:
            one.photograph(photographs, shown[path])
        for link in links(one):
            if (kind := kind_of(link)) not in kinds and view_at(link) and not _NO_PAGE.search(link):
                kinds.add(kind)
                waiting.append(link)
    assert len(waiting) > known


def kind_of(path: str) -> str:
    return re.sub(r"\d+", "0", path)


def links(one: Visitor) -> list[str]:
    return list(dict.fromkeys(evaluate(one.page, _LINKS)))
