"""The people of the load benchmark: who they are, what they look at and do, and their requests.

`at_work` picks them inside the installation. `python -m chauban.bench.people PLAN PORT WARM
SECONDS` lets them work: it prints "begun" after the warm-up, "ended" after the time, then what it
counted.
It speaks HTTP over plain sockets, two connections a person, so that it takes little itself.
"""

import argparse
import asyncio
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

LOOK_SECONDS = 12.0  # between two pages of one person
ASK_SECONDS = 30.0  # between two questions of an open page
ACTS = 0.05  # of what people do
LATE_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
SEED = 8
TOKEN = "x" * 32  # a token of one's own: cookie and header must agree
# How often people look at each kind of page.
MIX = {"home": 35, "list": 25, "document": 30, "register": 10}
SEEN = re.compile(r'name="seen_at" value="([^"]*)"')
UNDO = re.compile(r'action="(/acts/\d+/undo)"')
MARK = re.compile(r'data-mark="([^"]*)"')
SUBMITS_OF_A_DRAFT = 3
UNDO_SECONDS = 540.0  # less than `workflow.rules.UNDO_TIME`: afterwards they go on from there


# Inside the installation


def at_work(amount: int) -> list[dict[str, Any]]:
    """As many people of the province, spread over its agencies, each with a session of his own.

    Where there are fewer accounts, some sit at two machines.
    """
    from chauban.accounts.models import User
    from chauban.bench.told import session_of

    names = list(User.objects.order_by("pk").values_list("username", flat=True))
    chosen = [names[number * len(names) // amount] for number in range(amount)]
    now, taken = datetime.now(UTC), set[str]()
    return [
        {"session": session_of(name), **_looks(name, now), "acts": list(_acts(name, now, taken))}
        for name in chosen
    ]


def _looks(username: str, now: datetime) -> dict[str, Any]:
    from chauban.accounts.rights import Permission, may
    from chauban.cli import acting
    from chauban.office.places import places_of

    officer = acting.officer(username, now)
    places = [place for _, group in places_of(officer) for place in group]
    rows = (place.line(row, now).url for place in places for row in place.listed(officer, now)[:3])
    lists = [place.url() for place in places]
    documents = list(dict.fromkeys(rows)) or lists
    registers = ["/find?q=ke+hoach"]
    if may(officer, Permission.VIEW_REGISTERS):
        registers += ["/registers/outgoing", "/registers/incoming"]
    return {"pages": {"home": ["/"], "list": lists, "document": documents, "register": registers}}


def _acts(username: str, now: datetime, taken: set[str]) -> Iterator[dict[str, Any]]:
    """What the person can do again and again, or a few times; no two do it to the same document."""
    from chauban.accounts.rights import Permission, may
    from chauban.cli import acting
    from chauban.directory.rules import legal_day
    from chauban.exchange.models import Delivery
    from chauban.registers.models import IncomingDocument
    from chauban.workflow.forms import DraftForm, RouteForm
    from chauban.workflow.routing import may_route

    officer, day = acting.officer(username, now), legal_day(now)
    if may(officer, Permission.DRAFT):
        form = DraftForm(officer=officer, day=day)
        mandate = form.fields["mandate"].queryset.first()  # type: ignore[attr-defined]
        letter = acting.letters()[0]
        if mandate is not None:
            yield {
                "kind": "draft",
                "form": {
                    "mandate": mandate.pk, "kind": letter.kind, "subject": letter.subject,
                    "body_text": letter.body.format(issuer=mandate.body.name),
                    "addressees": "Sở Tài chính", "to_places": "Như trên", "archive_line": "VT",
                    "priority": 0,
                },
            }  # fmt: skip
    documents = IncomingDocument.objects.select_related("body__agency").filter(
        body__agency=officer.agency_id, state="registered"
    )
    for document in documents.order_by("pk"):
        page = f"/incoming/{document.pk}"
        if page not in taken and may_route(document, officer):
            taken.add(page)
            lead = RouteForm(document=document, day=day).fields["lead"].queryset.first()  # type: ignore[attr-defined]
            yield {
                "kind": "route",
                "page": page,
                "form": {"lead": lead.pk, "instruction": "Nghiên cứu, tham mưu."},
            }
            break
    if may(officer, Permission.REGISTER_INCOMING):
        proposed = Delivery.objects.filter(body__agency=officer.agency_id, state="proposed")
        for delivery in proposed.filter(proposal="accept"):
            page = f"/inbox/{delivery.pk}"
            if page not in taken:
                taken.add(page)
                yield {"kind": "accept", "page": page}


# Outside, over HTTP


@dataclass
class Counted:
    times_ms: dict[str, list[float]] = field(
        default_factory=lambda: {"page": [], "act": [], "ask": []}
    )
    errors: Counter[str] = field(default_factory=Counter)
    late: int = 0
    is_open: bool = False

    def note(self, kind: str, seconds: float, fault: str) -> None:
        if self.is_open:
            self.times_ms[kind].append(round(seconds * 1000, 2))
            if fault:
                self.errors[fault] += 1


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    """The last of each name, in small letters; cookies are for the person's jar."""
    body: bytes

    @property
    def text(self) -> str:
        is_packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if is_packed else self.body).decode("utf-8", "replace")


class Line:
    """One kept connection of a person to the server; all of a person's share his cookies."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port = port
        self.cookies = cookies
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, *, form: dict[str, Any] | None = None, mark: str = ""
    ) -> Reply:
        """As a browser does, once more where the server has closed the kept connection."""
        is_kept = self.streams is not None
        try:
            return await self._asked(method, path, form, mark)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hang_up()
            if not is_kept or method != "GET":
                raise
            return await self._asked(method, path, form, mark)

    async def _asked(self, method: str, path: str, form: dict[str, Any] | None, mark: str) -> Reply:
        if self.streams is None:
            self.streams = await asyncio.open_connection("localhost", self.port)
        reader, writer = self.streams
        body = urlencode(form, doseq=True).encode() if form is not None else b""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", f"Cookie: {cookies}",
            "Accept: text/html", "Accept-Encoding: gzip", "Accept-Language: vi",
        ]  # fmt: skip
        lines += [f"If-None-Match: {mark}"] if mark else []
        if method == "POST":
            lines += [f"X-CSRFToken: {TOKEN}", "Content-Type: application/x-www-form-urlencoded"]
            lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        status_line, *given = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        status = int(status_line.split()[1])
        pairs = [one.partition(":") for one in given if one]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        for name, _, value in pairs:
            if name.lower() == "set-cookie":
                self._keep(value.strip())
        content = await _body(reader, status, headers)
        if headers.get("connection") == "close":
            self.hang_up()
        return Reply(status, headers, content)

    def _keep(self, cookie: str) -> None:
        given, _, _ = cookie.partition(";")
        name, _, value = given.partition("=")
        if value.strip('"'):
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)

    def hang_up(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


async def _body(reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> bytes:
    if status in (204, 304):
        return b""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


class Person:
    def __init__(
        self, plan: dict[str, Any], port: int, counted: Counted, *, act_share: float
    ) -> None:
        self.plan, self.counted, self.act_share = plan, counted, act_share
        cookies = {"sessionid": plan["session"], "csrftoken": TOKEN}
        self.line, self.open_page = Line(port, cookies), Line(port, cookies)
        self.mark = ""
        self.draft, self.submits = "", 0
        self.undo, self.undo_until = "", 0.0
        self.last: dict[str, Any] = {}

    async def work(self, ends: float) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again(LOOK_SECONDS, self._look_or_act, ends))
            group.create_task(self._again(ASK_SECONDS, self._ask, ends))

    async def _again(self, every: float, do: Any, ends: float) -> None:
        """Do it now and then; a planned moment holds, however long the one before took."""
        clock = asyncio.get_running_loop().time
        planned = clock() + random.uniform(0, every)
        while planned < ends:
            await asyncio.sleep(max(0.0, planned - clock()))
            await do(planned)
            planned = max(planned + random.uniform(0.7, 1.3) * every, planned)

    async def _look_or_act(self, planned: float) -> None:
        if self.plan["acts"] and random.random() < self.act_share:
            await self._act(planned)
            return
        kind = random.choices(list(MIX), list(MIX.values()))[0]
        await self._get(random.choice(self.plan["pages"][kind]), planned)

    async def _ask(self, planned: float) -> None:
        reply = await self._timed("ask", self.open_page, "GET", "/desk", planned, mark=self.mark)
        if reply is not None and reply.status == 200:
            self.mark = reply.headers.get("etag", "")

    async def _act(self, planned: float) -> None:
        """Take the next act of whoever this is; what it leads to is looked at.

        A draft handed on and a document shared out are taken back next time, while they may be,
        so that there is something to do again.
        """
        clock = asyncio.get_running_loop().time
        if self.undo and clock() < self.undo_until:
            path, self.undo = self.undo, ""
            await self._post(path, {}, planned)
            return
        if self.undo:
            self._go_on()
        act = random.choice(self.plan["acts"])
        if act["kind"] == "draft" and self.draft and self.submits < SUBMITS_OF_A_DRAFT:
            page = await self._get(self.draft, planned)
            if page is None or not (seen := SEEN.search(page.text)):
                self.counted.note("act", 0, "no form to submit")
                return
            self.submits += 1
            given = {"seen_at": unescape(seen[1])}
            after = await self._post(f"{self.draft}/steps/submit", given, None)
        elif act["kind"] == "draft":
            after = await self._post("/drafts/new", act["form"], planned, keeps=True)
        elif act["kind"] == "route":
            after = await self._post(f"{act['page']}/route", act["form"], planned)
        else:
            self.plan["acts"].remove(act)
            form = {"acceptance": "original"}
            after = await self._post(f"{act['page']}/accept", form, planned)
        if after is not None and (found := UNDO.search(after.text)):
            self.undo, self.undo_until = found[1], clock() + UNDO_SECONDS
            self.last = act

    def _go_on(self) -> None:
        """It is too late to take the last act back: what it was on has left the desk."""
        self.undo = ""
        if self.last["kind"] == "draft":
            self.draft = ""
        else:
            self.plan["acts"].remove(self.last)

    async def _post(
        self, path: str, form: dict[str, Any], planned: float | None, *, keeps: bool = False
    ) -> Reply | None:
        reply = await self._timed("act", self.line, "POST", path, planned, form=form)
        if reply is None or reply.status != 302:
            if reply is not None and reply.status < 400:
                self.counted.note("act", 0, f"{reply.status} after POST {_kind_of(path)}")
            return None
        there = reply.headers["location"]
        if keeps:
            self.draft, self.submits = there, 0
        return await self._get(there, None)

    async def _get(self, path: str, planned: float | None) -> Reply | None:
        return await self._timed("page", self.line, "GET", path, planned)

    async def _timed(
        self, kind: str, line: Line, method: str, path: str, planned: float | None, **given: Any
    ) -> Reply | None:
        """Ask, and note how long it took since it was planned; without a plan since now."""
        clock = asyncio.get_running_loop().time
        began = clock()
        if planned is not None and began - planned > LATE_SECONDS and self.counted.is_open:
            self.counted.late += 1
        since = began if planned is None else planned
        reply, fault = None, ""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reply = await line.ask(method, path, **given)
            if reply.status >= 400:
                fault = f"{reply.status} {method} {_kind_of(path)}"
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            line.hang_up()
            fault = f"{type(error).__name__} {method} {_kind_of(path)}"
        self.counted.note(kind, clock() - since, fault)
        return reply


def _kind_of(path: str) -> str:
    return re.sub(r"\d+", "N", path.partition("?")[0])


async def _all(plans: Sequence[dict[str, Any]], port: int, warm: float, seconds: float) -> Counted:
    counted = Counted()
    able = sum(bool(plan["acts"]) for plan in plans)
    share = ACTS * len(plans) / max(able, 1)
    people = [Person(plan, port, counted, act_share=share) for plan in plans]
    ends = asyncio.get_running_loop().time() + warm + seconds

    async def keep_time() -> None:
        await asyncio.sleep(warm)
        counted.is_open = True
        print("begun", flush=True)
        await asyncio.sleep(seconds)
        counted.is_open = False
        print("ended", flush=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(keep_time())
        for person in people:
            group.create_task(person.work(ends))
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("warm", type=float)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    random.seed(SEED)
    plans = json.loads(given.plan.read_text("utf-8"))
    counted = asyncio.run(_all(plans, given.port, given.warm, given.seconds))
    json.dump(
        {"times_ms": counted.times_ms, "errors": counted.errors, "late": counted.late}, sys.stdout
    )


if __name__ == "__main__":
    main()
