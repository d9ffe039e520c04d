"""What the public may learn of a file that is a document's: recalled, or replaced by which."""

from chauban.directory.rules import legal_day
from chauban.registers.models import OutgoingDocument, OutgoingFile, Succession
from chauban.ui.words import Words

State = OutgoingDocument.State


def standing_of(sha256: str) -> list[Words]:
    """What is to be said of the document that has this file; nothing of one that stands.

    Told is only what the file itself shows (kind, number, date, issuer), that the document was
    recalled and when, and the same four facts of the document that replaces it. No reason,
    recipient or name is told, and nothing of a document that was not issued.
    """
    held = OutgoingFile.objects.filter(
        blob=sha256, document__state__in=[State.ISSUED, State.RECALLED]
    ).exclude(part=OutgoingFile.Part.SIGNATURE)
    said: list[Words] = []
    for file in held.select_related("document__body").order_by("document_id"):
        document = file.document
        if document.state == State.RECALLED:
            day = f"{legal_day(document.recalled_at):%d/%m/%Y}"
            said.append(
                Words(
                    f"Văn bản {_named(document)} đã được thu hồi ngày {day}.",
                    f"The document {_named(document)} was recalled on {day}.",
                )
            )
        for one in document.successors.filter(
            later__state__in=[State.ISSUED, State.RECALLED]
        ).select_related("later__body"):
            is_replaced = one.kind == Succession.Kind.REPLACES
            said.append(
                Words(
                    f"Văn bản {_named(document)} đã được"
                    f" {'thay thế' if is_replaced else 'sửa đổi, bổ sung'} bởi"
                    f" {_named(one.later)}.",
                    f"The document {_named(document)} was"
                    f" {'replaced' if is_replaced else 'amended'} by {_named(one.later)}.",
                )
            )
    return said


def _named(document: OutgoingDocument) -> str:
    """Kind, number and symbol, date and issuer: what the document's first page shows."""
    return (
        f"{document.kind_name} số {document.code} ngày {document.issued_on:%d/%m/%Y}"
        f" của {document.body.name}"
    )
