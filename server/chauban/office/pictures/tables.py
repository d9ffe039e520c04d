"""A picture's figures: one table, from which the page, the drawing and the file are all made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from chauban.accounts.officers import Officer
from chauban.office.pictures.asking import Asked
from chauban.ui.rows import Row


@dataclass(frozen=True)
class Figure:
    """A number; with `opens`, what the address of the list of what it counts says besides."""

    value: int | float | None
    opens: Mapping[str, str] | None = None
    shown: str = ""  # where it is not written as it is: "87,5 %"


@dataclass(frozen=True)
class Column:
    name: str
    tone: str = ""  # good | wait | bad | go: how it is drawn; blank: it is not


@dataclass(frozen=True)
class Line:
    """A row: what it is of, and its figures."""

    heads: Sequence[str]
    figures: Sequence[Figure]
    within: Mapping[str, str] | None = None  # the same picture within this row
    facts: Mapping[str, object] = field(default_factory=dict)  # what the drawing needs besides


@dataclass(frozen=True)
class Table:
    caption: str
    heads: Sequence[str]
    columns: Sequence[Column]
    lines: Sequence[Line]
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(figure.value for line in self.lines for figure in line.figures)

    def written(self) -> list[list[object]]:
        """As the rows of a file."""
        heading = [*self.heads, *(column.name for column in self.columns)]
        rows = [
            [*line.heads, *("" if it.value is None else it.value for it in line.figures)]
            for line in self.lines
        ]
        return [heading, *rows]


@dataclass(frozen=True)
class ShownCell:
    """A figure on the page: `url` is of the list of what it counts, blank where there is none."""

    column: Column
    value: int | float | None
    url: str


@dataclass(frozen=True)
class ShownLine:
    """A row on the page; `within` is the address of the same picture within it, or blank."""

    heads: Sequence[str]
    within: str
    facts: Mapping[str, object]
    cells: Sequence[ShownCell]


@dataclass(frozen=True)
class Picture:
    """A picture: its table, and the documents behind each of its figures."""

    key: str
    name: Promise
    about: Promise
    icon: str
    table: Callable[[Asked], Table]
    listed: Callable[[Asked, Mapping[str, str]], "QuerySet[Any]"]
    line: Callable[[Any, datetime], Row]
    may_open: Callable[[Officer, Sequence[Model]], set[int]]  # of rows, those he may open
    ways: Mapping[str, Promise] = field(default_factory=dict)
    has_period: bool = True
