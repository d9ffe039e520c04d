"""The registers of outgoing and incoming documents, as rows and as CSV (PL IV.I, IV.VI)."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Query, Router, Schema

from chauban.accounts.rights import Permission
from chauban.api.acting import Acting
from chauban.api.asking import hands_out, reads
from chauban.api.errors import Fault, NotUnderstood
from chauban.api.resources.incoming import IncomingLine, incoming_line
from chauban.api.resources.outgoing import OutgoingLine, outgoing_line
from chauban.api.scopes import Scope
from chauban.api.shapes import Limit, Page, next_of
from chauban.directory.rules import legal_day, legal_year
from chauban.registers.access import access_register, registers_of
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.registers.querysets import OutgoingPlace
from chauban.ui.words import Words

router = Router(tags=["registers"])
Key = Path(..., max_length=60, pattern=r"^[a-z0-9-]+$", description="`key` of the body")
Year = Query(None, ge=1945, le=9999, description="The legal year in Việt Nam; else this year")
AT_ONCE = 2000
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RegisterShape(Schema):
    body: str
    name: str
    valid_from: date
    valid_to: date | None


class Registers(Schema):
    items: list[RegisterShape]


@reads(router, "/registers", Scope.REGISTERS_READ, Registers)
def list_registers(request: HttpRequest) -> Registers:
    """The bodies whose registers the officer's agency keeps."""
    acting: Acting = request.auth
    bodies = registers_of(acting.officer, legal_day(acting.now))
    return Registers(
        items=[
            RegisterShape(
                body=one.key, name=one.name, valid_from=one.valid_from, valid_to=one.valid_to
            )
            for one in bodies
        ]
    )


@reads(router, "/registers/{body}/outgoing", Scope.REGISTERS_READ, Page[OutgoingLine])
def outgoing_register(
    request: HttpRequest,
    body: str = Key,
    year: int | None = Year,
    cursor: str = Query("", max_length=60),
    limit: int = Limit,
) -> Page[OutgoingLine]:
    rows = _outgoing(request, body, year)
    if cursor:
        place = OutgoingPlace.parse(cursor)
        if place is None or place.pk >= 2**63 or place.number >= 2**63:
            raise NotUnderstood(
                [Fault("cursor", Words("không phải vị trí trong sổ", "no place in the register"))]
            )
        rows = rows.below(place)
    shown, following = next_of(request, list(rows[: limit + 1]), limit, OutgoingPlace.of)
    return Page[OutgoingLine](
        items=[OutgoingLine(**outgoing_line(one)) for one in shown], next=following
    )


@reads(router, "/registers/{body}/incoming", Scope.REGISTERS_READ, Page[IncomingLine])
def incoming_register(
    request: HttpRequest,
    body: str = Key,
    year: int | None = Year,
    cursor: int | None = Query(None, ge=1, le=2**31 - 1),
    limit: int = Limit,
) -> Page[IncomingLine]:
    rows = _incoming(request, body, year)
    rows = rows.below(cursor) if cursor else rows
    found = list(rows[: limit + 1])
    shown, following = next_of(request, found, limit, lambda one: one.arrival_number)
    return Page[IncomingLine](
        items=[IncomingLine(**incoming_line(one)) for one in shown], next=following
    )


@hands_out(router, "/registers/{body}/outgoing.csv", Scope.REGISTERS_READ, "text/csv")
def outgoing_csv(
    request: HttpRequest, body: str = Key, year: int | None = Year
) -> StreamingHttpResponse:
    return _csv(_outgoing(request, body, year), OutgoingLine, outgoing_line)


@hands_out(router, "/registers/{body}/incoming.csv", Scope.REGISTERS_READ, "text/csv")
def incoming_csv(
    request: HttpRequest, body: str = Key, year: int | None = Year
) -> StreamingHttpResponse:
    return _csv(_incoming(request, body, year), IncomingLine, incoming_line)


def _outgoing(request: HttpRequest, body: str, year: int | None) -> "QuerySet[OutgoingDocument]":
    acting: Acting = request.auth
    register = access_register(acting.officer, body, Permission.VIEW_REGISTERS)
    rows = OutgoingDocument.objects.in_register(register, year or legal_year(acting.now))
    return rows.select_related("body")


def _incoming(request: HttpRequest, body: str, year: int | None) -> "QuerySet[IncomingDocument]":
    acting: Acting = request.auth
    register = access_register(acting.officer, body, Permission.VIEW_REGISTERS)
    rows = IncomingDocument.objects.in_register(register, year or legal_year(acting.now))
    return rows.select_related("body")


def _csv(
    rows: "QuerySet[Any]", shape: type[Schema], line: Callable[[Any], dict[str, Any]]
) -> StreamingHttpResponse:
    """A register's rows as they are read, in UTF-8 with the mark that spreadsheets look for."""
    columns = list(shape.model_fields)
    lines = (line(one) for one in rows.iterator(AT_ONCE))
    answer = StreamingHttpResponse(_written(columns, lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="register.csv"'
    return answer


def _written(columns: list[str], lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "\ufeff"
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(columns)
    for number, one in enumerate(lines, start=1):
        writer.writerow([_cell(one[column]) for column in columns])
        if number % 100 == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def _cell(value: Any) -> str:
    """A text that a spreadsheet does not take for a formula."""
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
