"""The people of the load benchmark do as a browser does, or they count refusals of their own."""

import asyncio
from collections.abc import Callable

from chauban.bench import people

SEEN_AT = '<input name="seen_at" value="2026-11-23T02:30:00+00:00">'
UNDO = '<form action="/acts/7/undo">'


class Office:
    """Answers as the server does: what was done is told in a cookie, once."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, method: str, path: str, cookies: str) -> tuple[str, str]:
        self.asked.append(f"{method} {path}")
        match method, path:
            case "POST", "/drafts/1/steps/submit":
                return "302 Found\r\nLocation: /drafts/1\r\nSet-Cookie: messages=told; Path=/", ""
            case "POST", _:
                return "302 Found\r\nLocation: /drafts/1", ""
            case _ if "messages=told" in cookies:
                return '200 OK\r\nSet-Cookie: messages=""; Max-Age=0; Path=/', UNDO
        return "200 OK", SEEN_AT

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                method, path, _ = head.split(maxsplit=2)
                lines = head.splitlines()
                cookies = next(line for line in lines if line.startswith("Cookie: "))
                sizes = [line for line in lines if line.startswith("Content-Length: ")]
                if sizes:
                    await reader.readexactly(int(sizes[0].split()[1]))
                status, text = self.answer(method, path, cookies)
                headers = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n"
                writer.write(headers.encode() + text.encode())
        except asyncio.IncompleteReadError:
            writer.close()


def work(acts: int, then: Callable[[people.Person], None] = lambda person: None) -> Office:
    office = Office()

    async def day() -> None:
        server = await asyncio.start_server(office.serve, "localhost", 0)
        port = server.sockets[0].getsockname()[1]
        plan = {"session": "s", "pages": {}, "acts": [{"kind": "draft", "form": {}}]}
        counted = people.Counted(is_open=True)
        person = people.Person(plan, port, counted, act_share=1.0)
        for _ in range(acts):
            await person._act(asyncio.get_running_loop().time())
            then(person)
        assert not counted.errors
        person.line.hang_up()
        server.close()

    asyncio.run(day())
    return office


def test_what_was_handed_on_is_taken_back_and_handed_on_again():
    asked = [one for one in work(4).asked if one.startswith("POST")]
    submit = "POST /drafts/1/steps/submit"
    assert asked == ["POST /drafts/new", submit, "POST /acts/7/undo", submit]


def test_what_it_is_too_late_to_take_back_is_left_and_another_begun():
    def long_after(person: people.Person) -> None:
        person.undo_until = 0.0

    asked = [one for one in work(4, long_after).asked if one.startswith("POST")]
    submit = "POST /drafts/1/steps/submit"
    assert asked == ["POST /drafts/new", submit, "POST /drafts/new", submit]
