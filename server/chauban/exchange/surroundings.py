"""What the pages of a draft and of an incoming document say beyond their own app."""

from typing import Any

from chauban.accounts.officers import Officer
from chauban.exchange.lives import life_of, life_of_incoming
from chauban.exchange.related import related_to
from chauban.registers.models import IncomingDocument
from chauban.workflow.models import Draft


def surroundings_of(subject: Draft | IncomingDocument, officer: Officer) -> dict[str, Any]:
    """The life of a document and the documents beside it, as `ui/document.html` shows them."""
    if isinstance(subject, IncomingDocument):
        life = life_of_incoming(subject)
    else:
        life = life_of(subject, *([subject.outgoing] if subject.outgoing else []))
    return {"life": life, "related": related_to(subject, officer)}
