"""Registering a document that came on paper, with or without its scan (Điều 21, 22)."""

from datetime import datetime
from typing import BinaryIO

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs import store
from chauban.directory.models import IssuingBody
from chauban.registers.actions import Received, ReceivedFile, register_incoming
from chauban.registers.models import IncomingDocument
from chauban.workflow.drafting import clean_file_name
from chauban.workflow.errors import FileEmpty, FileTooLarge, PagesUnreadable, SecretMarking
from chauban.workflow.rules import name_mark, secrecy_mark

PDF = "application/pdf"


def register_paper(
    received: Received,
    *,
    body: IssuingBody,
    scan: BinaryIO | None,
    scan_name: str,
    limit_bytes: int,
    is_another: bool,
    officer: Officer,
    now: datetime,
) -> IncomingDocument:
    """Give a paper document its arrival number; the scan is kept as it is, byte for byte.

    Documents marked as state secrets are registered elsewhere, by the law on their protection.

    Raises:
        SecretMarking: subject, remark or the scan's name bears a mark of secrecy; nothing is kept.
        FileEmpty, FileTooLarge, PagesUnreadable: of the scan, which must be a PDF.
        NotAllowed, AlreadyRegistered, CodeRepeats: as register_incoming.
    """
    require(officer, Permission.REGISTER_INCOMING, body)
    for place, text in (("subject", received.subject), ("remark", received.remark)):
        if mark := secrecy_mark(text):
            raise SecretMarking(mark, place)
    files = [_kept(scan, scan_name, limit_bytes, now)] if scan else []
    return register_incoming(
        received, body=body, officer=officer, now=now, files=files, is_another=is_another
    )


def _kept(scan: BinaryIO, scan_name: str, limit_bytes: int, now: datetime) -> ReceivedFile:
    name = clean_file_name(scan_name)
    if mark := name_mark(name):
        raise SecretMarking(mark, name)
    size_bytes = scan.seek(0, 2)
    if not size_bytes:
        raise FileEmpty(name)
    if size_bytes > limit_bytes:
        raise FileTooLarge(name, size_bytes, limit_bytes)
    scan.seek(0)
    if scan.read(5) != b"%PDF-":
        raise PagesUnreadable("not a PDF")
    scan.seek(0)
    return ReceivedFile(store.put(scan, now=now), name, PDF)
