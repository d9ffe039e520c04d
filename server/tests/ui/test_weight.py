"""What a page weighs on the wire: little at the first visit, next to nothing after."""

import re

import pytest
from django.test import Client

from chauban.office.pictures.all import PICTURES

pytestmark = pytest.mark.django_db

FIRST_VISIT_BYTES = 250_000
LATER_VISIT_BYTES = 40_000
PACKED = {"Accept-Encoding": "gzip"}
ASKED_FOR = re.compile(r'(?:href|src)="(/static/[^"#]+)')
# The style sheet names all four files of the font; Vietnamese pages need every one of them.
FONTS = re.compile(r'url\("\.\./([^"]+\.woff2)"\)')
# What a module asks for at once; what it asks for later, on somebody's wish, is another matter.
MODULES = re.compile(r'^import .*"\./([^"]+)";$', re.MULTILINE)
NOT_AT_ONCE = ("manifest.webmanifest", "mark-180.png")  # when one installs


def weight(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return len(content)


PAGES = (
    ("", "/sign-in"),
    ("", "/components/"),
    ("van-thu.vp-ubnd", "/"),
    ("chanh-vp.vp-ubnd", "/"),
    ("van-thu.vp-ubnd", "/registers/outgoing"),
    ("chuyen-vien.vp-ubnd", "/drafts/new"),
)
DRAWN = 'id="drawing"'


def test_a_page_is_light_at_the_first_visit_and_lighter_after(province, signed_in, settings):
    settings.DEMO = True
    term = province.task.due_on.isoformat()  # it may end after this week, where pictures end
    pictures = [("chanh-vp.vp-ubnd", f"/pictures/{one.key}?until={term}") for one in PICTURES]
    for username, path in (*PAGES, *pictures):
        client = signed_in(username) if username else Client()
        later = weight(client.get(path, headers=PACKED))
        page = client.get(path).content.decode()
        assert (DRAWN in page) == path.startswith("/pictures/"), path
        names = set(ASKED_FOR.findall(page))
        wanted = {name for name in names if not name.endswith(NOT_AT_ONCE)}
        style = next(name for name in wanted if name.endswith("tokens.css"))
        wanted |= {f"{settings.STATIC_URL}{it}" for it in FONTS.findall(_text(client, style))}
        for module in [it for it in wanted if it.endswith(".mjs")]:
            beside = module.rpartition("/")[0]
            wanted |= {f"{beside}/{it}" for it in MODULES.findall(_text(client, module))}
        assert len(wanted) >= 10
        first = later + sum(weight(client.get(name, headers=PACKED)) for name in wanted)
        assert first <= FIRST_VISIT_BYTES, (path, first)
        assert later <= LATER_VISIT_BYTES, (path, later)


def _text(client, path):
    return b"".join(client.get(path).streaming_content).decode()
