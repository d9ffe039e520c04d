"""What a page weighs on the wire: little at the first visit, next to nothing after."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

FIRST_VISIT_BYTES = 250_000
LATER_VISIT_BYTES = 40_000
PACKED = {"Accept-Encoding": "gzip"}
ASKED_FOR = re.compile(r'(?:href|src)="(/static/[^"#]+)')
# The style sheet names all four files of the font; Vietnamese pages need every one of them.
FONTS = re.compile(r'url\("\.\./([^"]+\.woff2)"\)')
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


def test_a_page_is_light_at_the_first_visit_and_lighter_after(province, signed_in, settings):
    settings.DEMO = True
    for username, path in PAGES:
        client = signed_in(username) if username else Client()
        later = weight(client.get(path, headers=PACKED))
        names = set(ASKED_FOR.findall(client.get(path).content.decode()))
        wanted = {name for name in names if not name.endswith(NOT_AT_ONCE)}
        style = next(name for name in wanted if name.endswith("tokens.css"))
        wanted |= {f"{settings.STATIC_URL}{it}" for it in FONTS.findall(_text(client, style))}
        assert len(wanted) >= 10
        first = later + sum(weight(client.get(name, headers=PACKED)) for name in wanted)
        assert first <= FIRST_VISIT_BYTES, (path, first)
        assert later <= LATER_VISIT_BYTES, (path, later)


def _text(client, path):
    return b"".join(client.get(path).streaming_content).decode()
