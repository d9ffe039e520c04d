"""Every page: it is drawn, alone by files of ours, in both languages, for people and readers."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chauban.axis.models import System
from chauban.ui.middleware import PDF_POLICY, POLICY
from tests.security.addresses import (
    OPERATOR,
    agency_of,
    application,
    batch_of,
    colleague_of,
    opinion_of,
    passkey_of,
    person_of,
    recall_of,
    round_of,
    totp_of,
)

pytestmark = pytest.mark.django_db

CITY = "van-thu.vp-ubnd"
FINANCE = "van-thu.so-tai-chinh"
# Who looks at each page, and at which of the province's documents.
PAGES = {
    "accounts:sign-in": (None, lambda it: []),
    "account_login": (None, lambda it: []),
    "accounts:settings": (CITY, lambda it: []),
    "accounts:security": (CITY, lambda it: []),
    "accounts:password": (CITY, lambda it: []),
    "mfa_activate_totp": ("chuyen-vien.vp-ubnd", lambda it: []),
    "mfa_deactivate_totp": (CITY, totp_of),
    "mfa_add_webauthn": (FINANCE, lambda it: []),
    "mfa_remove_webauthn": (CITY, passkey_of),
    "mfa_generate_recovery_codes": (CITY, totp_of),
    "trust:verify-file": (None, lambda it: []),
    "components": (None, lambda it: []),
    "offline": (None, lambda it: []),
    "office:devices": (CITY, lambda it: []),
    "office:scoreboard": (None, lambda it: []),
    "office:scoreboard-list": (None, lambda it: ["documents"]),
    "office:scoreboard-declare": ("quan-tri.vp-ubnd", lambda it: ["t6"]),
    "office:pictures": (CITY, lambda it: []),
    "office:picture": (CITY, lambda it: ["flow"]),
    "office:picture-list": (CITY, lambda it: ["flow"]),
    "office:home": (CITY, lambda it: []),
    "office:place": ("pho-chu-tich.vp-ubnd", lambda it: ["sign"]),
    "office:find": (CITY, lambda it: []),
    "office:person": (CITY, colleague_of),
    "office:outgoing": (CITY, lambda it: [it.issued.outgoing_id]),
    "registers:outgoing-register": (CITY, lambda it: []),
    "registers:incoming-register": (FINANCE, lambda it: []),
    "workflow:drafts": ("chuyen-vien.vp-ubnd", lambda it: []),
    "workflow:new-draft": ("chuyen-vien.vp-ubnd", lambda it: []),
    "workflow:draft": ("chuyen-vien.vp-ubnd", lambda it: [it.drafting.pk]),
    "workflow:edit-draft": ("chuyen-vien.vp-ubnd", lambda it: [it.drafting.pk]),
    "workflow:ask-opinions": ("chuyen-vien.vp-ubnd", lambda it: [it.drafting.pk]),
    "workflow:opinion": ("chanh-vp.vp-ubnd", opinion_of),
    "workflow:opinion-round": ("chuyen-vien.vp-ubnd", round_of),
    "workflow:sign": ("pho-chu-tich.vp-ubnd", lambda it: [it.signing.pk]),
    "workflow:seal": (CITY, lambda it: [it.numbered.pk]),
    "workflow:result": (CITY, lambda it: [it.numbered.pk]),
    "workflow:sign-batch": ("pho-chu-tich.vp-ubnd", lambda it: []),
    "workflow:seal-batch": (CITY, lambda it: []),
    "workflow:batch": ("pho-chu-tich.vp-ubnd", batch_of),
    "workflow:incoming": ("chuyen-vien.so-tai-chinh", lambda it: [it.incoming.pk]),
    "accounts:posts": (CITY, lambda it: []),
    "applications:list": (CITY, lambda it: []),
    "applications:one": (CITY, application),
    "office:outgoing-changes": (CITY, lambda it: [it.issued.outgoing_id, 1]),
    "workflow:incoming-changes": ("chuyen-vien.so-tai-chinh", lambda it: [it.incoming.pk, 1]),
    "exchange:delivered-changes": (FINANCE, lambda it: [it.waiting.files.first().pk]),
    "exchange:inbox": (FINANCE, lambda it: []),
    "exchange:delivery": (FINANCE, lambda it: [it.waiting.pk]),
    "exchange:received-recall": (FINANCE, recall_of),
    "exchange:pass-on": (FINANCE, lambda it: [it.incoming.pk]),
    "exchange:dispatches": (CITY, lambda it: []),
    "exchange:dispatch": (CITY, lambda it: [it.posted.pk]),
    "exchange:postal-book": (CITY, lambda it: []),
    "exchange:usual-channels": ("quan-tri.vp-ubnd", lambda it: []),
    "exchange:usual-channel": ("quan-tri.vp-ubnd", lambda it: ["body", 1]),
    "exchange:set-aside": ("quan-tri.vp-ubnd", lambda it: []),
    "trust:certificates": (CITY, lambda it: []),
    "office:paper-arrivals": (CITY, lambda it: []),
    "administering:agencies": (OPERATOR, lambda it: []),
    "administering:agency": (OPERATOR, agency_of),
    "administering:people": (OPERATOR, lambda it: []),
    "administering:person": (OPERATOR, person_of),
    "administering:mandates": (OPERATOR, lambda it: []),
    "administering:series": (OPERATOR, lambda it: []),
    "administering:kinds": (OPERATOR, lambda it: []),
    "administering:routing-rules": (OPERATOR, lambda it: []),
    "administering:calendar": (OPERATOR, lambda it: []),
    "administering:queues": (OPERATOR, lambda it: []),
    "administering:trust": (OPERATOR, lambda it: []),
    "administering:devices": (OPERATOR, lambda it: []),
    "administering:index": (OPERATOR, lambda it: []),
    "administering:act": (OPERATOR, lambda it: ["agency", *agency_of(it), "person"]),
    "axis:queues": ("quan-tri.vp-ubnd", lambda it: []),
    "axis:systems": ("quan-tri.vp-ubnd", lambda it: []),
    "axis:system": ("quan-tri.vp-ubnd", lambda it: [System.objects.first().pk]),
}
# Acts (POST), files, pictures, a part of a page, and what machines ask.
NO_PAGES = {
    "set-language", "set-theme", "service-worker", "office:health", "office:counts",
    "office:add-device", "office:remove-device", "office:scoreboard-file",
    "administering:specimen", "administering:appoint",
    "accounts:sign-out", "accounts:switch-post", "trust:note-warnings",
    "accounts:end-session", "accounts:end-others",
    "mfa_index", "mfa_list_webauthn", "mfa_login_webauthn",
    "openid_connect_login", "openid_connect_callback",
    # Steps in between: tests/accounts and tests/browser/test_signing_in.py.
    "accounts:second-factor", "mfa_authenticate", "account_reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_view_recovery_codes",
    "registers:outgoing-register-file", "registers:incoming-register-file",
    "registers:outgoing-file", "office:picture-file", "office:picture-ground",
    "workflow:batch-items",
    "workflow:take-step", "workflow:attach", "workflow:attachment", "workflow:remove-attachment",
    "workflow:route", "workflow:undo", "workflow:close", "workflow:incoming-file",
    "workflow:start-task",
    "workflow:finish-task", "workflow:pages-file", "workflow:page",
    "workflow:asked-file", "workflow:withdraw-opinions",
    "workflow:asked", "workflow:cancel-asked", "workflow:program-tickets",
    "workflow:program-file", "workflow:program-upload", "workflow:call-back",
    "workflow:program",  # a page while a program is waited for: tests/browser/test_elsewhere.py
    "exchange:accept", "exchange:return", "exchange:delivered-file", "exchange:issue",
    "exchange:recall", "exchange:given-back", "exchange:ask-again", "exchange:agree-recall",
    "exchange:refuse-recall",
    "exchange:ask-holder-again", "exchange:recipients", "exchange:resend",
    "exchange:resend-status", "exchange:change-channel",
    "exchange:choose-channel", "exchange:note", "exchange:envelope", "exchange:receipt",
    "exchange:postal-book-file", "exchange:hand-over",
    "axis:send-edoc", "axis:received", "axis:sent", "axis:get-edoc", "axis:download-edoc",
    "axis:update-status", "axis:count-edoc", "axis:count-status", "axis:agencies",
    "axis:agencies-qd20", "axis:receipts", "axis:retry", "axis:resend", "axis:offer-again",
    "axis:lock", "axis:unlock", "axis:connect", "axis:call", "axis:rotate", "axis:limits",
    "axis:add-member", "axis:remove-member", "exchange:receipts",
    "applications:end", "applications:renew", "applications:revoke", "applications:subscribe",
    "applications:unsubscribe", "applications:test", "applications:send-again",
    "applications:renew-secret",
}  # fmt: skip


def names_of(resolver: URLResolver, space: str = "") -> set[str]:
    found = set()
    for entry in resolver.url_patterns:
        if str(entry.pattern) == "api/":
            continue  # calls of applications: tests/api
        if isinstance(entry, URLPattern):
            found.add(f"{space}{entry.name}")
        else:
            found |= names_of(entry, f"{entry.namespace}:" if entry.namespace else space)
    return found


def test_every_address_is_a_page_under_test_or_none_at_all():
    assert names_of(get_resolver()) == PAGES.keys() | NO_PAGES


class Outline(HTMLParser):
    """What matters of a page: landmarks, names of fields, anything that a strict policy stops."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.language, self.inline = "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "html":
            self.language = given["lang"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]

    def count(self, tag: str) -> int:
        """How many there are; of titles the page's own, not those of a drawing's marks."""
        names = [name for name, _ in self.tags]
        return (names[: names.index("body")] if tag == "title" else names).count(tag)

    def nameless_fields(self) -> list[dict[str, str | None]]:
        labelled = {given.get("for") for tag, given in self.tags if tag == "label"}
        return [
            given
            for tag, given in self.tags
            if tag in ("input", "select", "textarea")
            and given.get("type") != "hidden"
            and given.get("id") not in labelled
        ]

    def repeated_ids(self) -> set[str]:
        ids = [given["id"] for _, given in self.tags if given.get("id")]
        return {one for one in ids if ids.count(one) > 1}


def faults_of(name: str, page: Outline, language: str) -> list[str]:
    faults = [f"inline {one}" for one in page.inline]
    faults += [f"field without a label: {one}" for one in page.nameless_fields()]
    faults += [f"id twice: {one}" for one in page.repeated_ids()]
    faults += [
        f"{page.count(tag)} {tag}" for tag in ("h1", "main", "title") if page.count(tag) != 1
    ]
    return faults + [f"lang {page.language}"] * (page.language != language)


def test_every_page_is_drawn_for_whom_it_is_meant(province, signed_in):
    faults = []
    for name, (username, of) in PAGES.items():
        client = signed_in(username) if username else Client()
        for language in ("vi", "en"):
            client.cookies["django_language"] = language
            answer = client.get(reverse(name, args=of(province)))
            assert answer.status_code == 200, name
            assert answer["Content-Security-Policy"] == POLICY
            page = Outline(answer.content.decode())
            faults += [f"{name} ({language}): {it}" for it in faults_of(name, page, language)]
    assert not faults, "\n".join(faults)


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    directives = dict(one.split(" ", 1) for one in POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert not re.search(r"unsafe|http|\*", POLICY)


def test_the_pages_of_a_draft_open_as_pdf_in_the_browsers_own_viewer(province, signed_in):
    client = signed_in("chuyen-vien.vp-ubnd")
    sha256 = province.drafting.newest_version.pages_id
    answer = client.get(reverse("workflow:pages-file", args=[sha256]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" not in answer.get("Content-Disposition", "")
    assert answer["Content-Security-Policy"] == PDF_POLICY
    stranger = signed_in("chuyen-vien.so-noi-vu")
    assert stranger.get(reverse("workflow:pages-file", args=[sha256])).status_code == 404


def test_who_is_not_signed_in_is_asked_to_and_comes_back(province):
    for name, (username, of) in PAGES.items():
        if username:
            url = reverse(name, args=of(province))
            answer = Client().get(url)
            assert answer.status_code == 302, name
            assert answer.url == f"/sign-in?next={url}", name


def test_names_of_agencies_are_data_and_stay_in_vietnamese_in_the_english_page(signed_in):
    client = signed_in(CITY)
    client.cookies["django_language"] = "en"
    page = client.get("/").content.decode()
    assert "To number and seal" in page
    assert "Văn phòng Ủy ban nhân dân thành phố Huế" in page
