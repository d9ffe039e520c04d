"""One line of a list of documents, as every list is drawn (`ui/rows.html`)."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Row:
    number: str
    subject: str
    about: str
    state: str
    tone: str  # go | wait | good | bad | ""
    url: str
    at: datetime | None = None
    due_on: date | None = None
    is_overdue: bool = False
    urgency: str = ""
    note: str = ""  # why it stands there, and what happens next
