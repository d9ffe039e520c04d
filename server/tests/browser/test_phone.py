"""On a phone nothing runs off the screen, and everything can be reached."""

import pytest

from tests.browser.conftest import Visiting
from tests.browser.examining import wider_than_screen
from tests.browser.installation import Installation

PAGES = {
    "": (
        "/sign-in",
        "/verify/",
        "/components/",
        "/scoreboard",
        "/scoreboard/documents",
        "/scoreboard/agencies",
    ),
    "chanh-vp.vp-ubnd": ("/", "/desk/in-hand", "/find?q=van+phong"),
    "van-thu.vp-ubnd": (
        "/",
        "/desk/number",
        "/desk/arrived",
        "/desk/issued",
        "/registers/outgoing?body=vp-ubnd",
        "/registers/incoming",
        "/inbox/",
        "/inbox/?decided=1",
        "/certificates/",
        "{decision[path]}",
        "{decision[outgoing]}",
    ),
    "chuyen-vien.vp-ubnd": ("/drafts/new", "/drafts", "/desk/drafts", "/desk/tasks"),
    "pho-chanh-vp.vp-ubnd": ("/", "/desk/sign", "{to_look_at[path]}", "{to_look_at[path]}/sign"),
    "quan-tri.vp-ubnd": (
        "/",
        "/axis/queues/",
        "/axis/systems/",
        "/axis/systems/1",
        "/certificates/",
    ),
}


@pytest.mark.parametrize("username", PAGES, ids=lambda name: name or "anybody")
def test_no_page_is_wider_than_a_phone(
    visitor: Visiting, installation: Installation, username: str
) -> None:
    person = visitor(username, phone=True)
    for path in PAGES[username]:
        person.open(path.format(**installation.drafts))
        assert wider_than_screen(person.page) == 0, path


def test_the_places_of_the_desk_open_on_a_phone(visitor: Visiting) -> None:
    clerk = visitor("van-thu.vp-ubnd", phone=True)
    assert not clerk.found("link", "Sổ văn bản đi", exact=False).is_visible()
    clerk.found("button", "Mở danh sách nơi làm việc").click()
    clerk.follow("Sổ văn bản đi", exact=False)
    assert clerk.path().startswith("/registers/outgoing")
