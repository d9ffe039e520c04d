"""Who looks on all the while in the scenario of outages, and must never see what is half sealed.

Three look: at the tables and the store, as an auditor; at the clerk's pages; at a recipient's.
Whatever they find stands in `found`; it must stay empty.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urljoin

from django.conf import settings
from django.db import connections

from chauban.blobs import store
from chauban.cli.browsing import Page, Person, ServerGone
from chauban.exchange.models import Delivery, MessageType, OutgoingMessage, Recipient
from chauban.registers.models import OutgoingDocument, OutgoingFile
from chauban.trust.anchors import current_trust
from chauban.workflow.models import Draft, SigningCopy
from chauban_pades.assessing import assess
from chauban_pades.report import DocumentStatus, Report
from chauban_pki.signed_data import parse_signed_data

PAUSE_SECONDS = 0.5  # between two looks at a page, or at the tables
WHOLE = (DocumentStatus.COMPLETE, DocumentStatus.ATTACHMENT)
LEVELS = ("B-LT", "B-LTA")
_State = OutgoingDocument.State
DONE = (_State.SEALED, _State.ISSUED)
_BLOB_NAME = re.compile(r"[0-9a-f]{64}")


def report_on(pdf: bytes) -> Report:
    """The first leg, with nothing but what the file itself carries."""
    now = datetime.now(UTC)
    return assess(pdf, trust=current_trust(now), at=now)


def flaw_of(pdf: bytes) -> str:
    """Why a PDF may not be shown as sealed; blank where nothing speaks against it."""
    report = report_on(pdf)
    if report.document not in WHOLE:
        return f"{report.document}: {', '.join(reason.code for reason in report.reasons)}"
    levels = [signature.level for signature in report.signatures]
    return "" if all(level in LEVELS for level in levels) else f"levels {levels}"


@dataclass
class Watch:
    clerk: Person
    recipient: Person
    found: list[str] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    ended: Event = field(default_factory=Event)
    _flaws: dict[str, str] = field(default_factory=dict)  # by SHA-256
    _seen: set[str] = field(default_factory=set)

    def start(self) -> list[Thread]:
        looking = (self._audit, self._look_as_clerk, self._look_as_recipient)
        threads = [
            Thread(target=self._go_on, args=(look,), name=look.__name__, daemon=True)
            for look in looking
        ]
        for thread in threads:
            thread.start()
        return threads

    def _go_on(self, look: Callable[[], Iterator[str]]) -> None:
        is_last = False
        while not is_last:
            is_last = self.ended.wait(PAUSE_SECONDS)  # once more when all is done
            try:
                for problem in look():
                    self.found.append(problem)
            except ServerGone:
                self.looks["server_away"] += 1
            except Exception as broke:  # a watcher that fails has seen something, too
                self.found.append(f"{look.__name__}: {type(broke).__name__}: {broke}")
            self.looks[look.__name__.strip("_")] += 1
        connections.close_all()

    # As an auditor, in the tables and the store

    def _audit(self) -> Iterator[str]:
        # Each question is one statement, and so about one moment.
        main = OutgoingFile.objects.filter(part=OutgoingFile.Part.MAIN)
        sealed = OutgoingDocument.objects.filter(state__in=DONE)
        for document in sealed.exclude(pk__in=main.values("document")):
            yield f"{document.code} is {document.state} without a file"
        for file in OutgoingFile.objects.exclude(document__state__in=DONE):
            yield f"{file.name} stands in the register, its document is not sealed"
        moved = Draft.objects.filter(state__in=[Draft.State.SEALED, Draft.State.ISSUED])
        for draft in moved.exclude(outgoing__state__in=DONE):
            yield f"draft {draft.pk} is {draft.state}, its document is not"
        copies = SigningCopy.objects.exclude(sealed=None)
        for copy in copies.exclude(draft__outgoing__state__in=DONE):
            yield f"draft {copy.draft_id} shows a sealed revision, its document is not sealed"
        messages = OutgoingMessage.objects.filter(type=MessageType.EDOC)
        for message in messages.exclude(document__state=_State.ISSUED):
            yield f"message {message.pk} of a document that is not issued"
        for recipient in Recipient.objects.exclude(document__state=_State.ISSUED):
            yield f"recipient {recipient.name} of a document that is not issued"
        issued = OutgoingDocument.objects.filter(state=_State.ISSUED).values("document_id")
        known = OutgoingDocument.objects.values("document_id")
        strays = Delivery.objects.filter(document_id__in=known).exclude(document_id__in=issued)
        for delivery in strays:
            yield f"{delivery.document_id} was delivered and is not issued"
        yield from self._new_files()
        yield from self._new_blobs()

    def _new_files(self) -> Iterator[str]:
        for file in OutgoingFile.objects.select_related("blob", "document"):
            if (seen := f"file {file.pk}") in self._seen:
                continue
            self._seen.add(seen)
            self.looks["files_of_the_register"] += 1
            content = store.read(file.blob)
            where = f"{file.document.code} {file.name} in the register"
            if file.media_type == "application/pdf":
                yield from self._flaw(content, where)
            elif file.part == OutgoingFile.Part.SIGNATURE and _lacks_time(content):
                yield f"{where}: no time-stamp"

    def _new_blobs(self) -> Iterator[str]:
        """Whatever bears the name of a digest has that digest."""
        for path in Path(settings.BLOB_FOLDER).rglob("*"):
            if not _BLOB_NAME.fullmatch(path.name) or path.name in self._seen:
                continue
            self._seen.add(path.name)
            self.looks["stored_files"] += 1
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                yield f"stored file {path.name} has other content"

    # As the clerk and the recipient, over HTTP

    def _look_as_clerk(self) -> Iterator[str]:
        self.clerk.look("/")
        register = self.clerk.look("/registers/outgoing")
        for link in _links(register, r"/outgoing/\d+"):
            yield from self._files_of(self.clerk, link, r"/outgoing/\d+/files/\d+")
        for link in _links(self.clerk.look("/desk/number"), r"/drafts/\d+"):
            yield from self._files_of(self.clerk, link, r"/pages/[0-9a-f]{64}\.pdf")

    def _look_as_recipient(self) -> Iterator[str]:
        for link in _links(self.recipient.look("/inbox/"), r"/inbox/\d+"):
            if link not in self._seen:
                yield from self._files_of(self.recipient, link, r"/inbox/files/\d+")
                self._seen.add(link)  # not before: the server may have ended meanwhile

    def _files_of(self, person: Person, path: str, files: str) -> Iterator[str]:
        """Flaws of the sealed files that a page leads to."""
        self.ended.wait(PAUSE_SECONDS / 5)
        page = person.look(path)
        self.looks["pages"] += 1
        for link in _links(page, files):
            if (seen := f"{person.username} {link}") in self._seen:
                continue
            content = person.get(link).content
            self._seen.add(seen)
            if content.startswith(b"%PDF-") and _bears_a_seal(content):
                self.looks[f"sealed_files_of_{person.username}"] += 1
                yield from self._flaw(content, f"{link} shown to {person.username}")

    def _flaw(self, content: bytes, where: str) -> Iterator[str]:
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._flaws:
            self._flaws[digest] = flaw_of(content)
        if self._flaws[digest]:
            yield f"{where}: {self._flaws[digest]}"


def _links(page: Page, pattern: str) -> list[str]:
    found = (urljoin("/", str(link)) for link in page.tree.xpath("//a/@href"))
    return list(dict.fromkeys(link for link in found if re.fullmatch(pattern, link)))


def _bears_a_seal(pdf: bytes) -> bool:
    return any(signature.role == "organisation" for signature in report_on(pdf).signatures)


def _lacks_time(p7s: bytes) -> bool:
    return parse_signed_data(p7s).timestamp_token is None
