"""`chauban edxml`: show, check and make edXML messages; on files, without a database.

FILE is an edXML file, a SOAP package of e-Doc v1, or the JSON mapping: its first bytes tell. Files
in it are read and written in pieces, so that memory does not grow with them.

Exit codes: 0 yes; 1 the message is refused, or a file in it cannot be used; 2 misuse.
Messages are Vietnamese, English with `--lang en`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, NoReturn, TypeVar

import click

from chauban.cli.message_words import label, summary
from chauban_edxml import (
    EdXMLError,
    FileAttachment,
    Finding,
    Limits,
    Opened,
    Profile,
    StreamedAttachment,
    write_status,
    write_to,
)
from chauban_edxml.carrying import pieces_of_file
from chauban_edxml.checking import soft_limit_findings, violations
from chauban_edxml.errors import NotWritable
from chauban_edxml.json_form import DescribedFile, to_json, without_files
from chauban_edxml.json_mapping import open_json
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.soap import open_any

Command = TypeVar("Command", bound=Callable[..., Any])
Message = DocumentMessage | StatusMessage

# A person's own files: only what would not fit a disk is too large.
LIMITS = Limits(size_bytes=1 << 40, unpacked_bytes=1 << 40)
LARGEST_JSON = 1 << 24


def shared(command: Command) -> Command:
    """Add what show, check and make share."""
    for option in (
        click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", help="Language."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


@click.group("edxml")
def command() -> None:
    """Show, check or make edXML messages (QCVN 102:2016/BTTTT)."""


@command.command()
@click.option("--save", "folder", type=click.Path(path_type=Path), help="Put the attachments here.")
@shared
def show(file: Path, folder: Path | None, as_json: bool, lang: str) -> None:
    """Print what FILE says. The JSON, once files are saved, is what `make` takes."""
    with file.open("rb") as source:
        message, attachments = open_or_exit(file, source, as_json=as_json, lang=lang)
        told = {"file": str(file), **to_json(message)}
        remarks = remarks_on(message, attachments)
        told["warnings"] = [finding_json(finding) for finding in remarks]
        told["repairs"] = [finding_json(finding) for finding in message.repairs]
        if isinstance(message, DocumentMessage):
            told["attachments"] = [attachment_json(each) for each in attachments]
        if folder is not None:
            paths = save(attachments, folder)
            for attachment, path in zip(told.get("attachments", ()), paths, strict=True):
                attachment["file"] = str(path.resolve()) if path else None
        if as_json:
            echo_json(told)
            return
        for line in summary(message, attachments, lang=lang):
            click.echo(line)
        for words in said(remarks, lang):
            click.echo(f"{label('note', lang)}: {words}")


@command.command()
@click.option("--strict", is_flag=True, help="No too, where we would not send it like this.")
@shared
def check(file: Path, strict: bool, as_json: bool, lang: str) -> None:
    """Tell whether FILE can be accepted, what was mended, and why it may not be sent like this."""
    with file.open("rb") as source:
        message, attachments = open_or_exit(file, source, as_json=as_json, lang=lang)
        usable = all(attachment.assessed.fault is None for attachment in attachments)
        findings = remarks_on(message, attachments)
    if isinstance(message, DocumentMessage):
        findings = (*findings, *soft_limit_findings(message))
    broken = violations(message)
    conforms = not (broken or message.repairs)
    if as_json:
        echo_json(
            {
                **report(file, usable=usable),
                "kind": "document" if isinstance(message, DocumentMessage) else "status",
                "dialect": message.dialect.value,
                "source": to_json(message)["source"],
                "conforms": conforms,
                "findings": [finding_json(finding) for finding in findings],
                "repairs": [finding_json(finding) for finding in message.repairs],
                "violations": [error_json(violation) for violation in broken],
            }
        )
    else:
        click.echo(f"{file}: {VERDICTS[lang][usable]}; {CONFORMS[lang][conforms]}")
        for words in (*said((*findings, *message.repairs), lang), *said(broken, lang)):
            click.echo(f"- {words}")
    sys.exit(0 if usable and (conforms or not strict) else 1)


@command.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Instead of standard output."
)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.JAVA.value,
    help="Whose form is written.",
)
@shared
def make(file: Path, out: Path | None, profile: str, as_json: bool, lang: str) -> None:
    """Write the message that FILE describes in JSON; the files it names are found beside it."""
    try:
        with TemporaryFile(dir=out.parent if out else None) as made:
            size_bytes = write_described(file, made, profile=Profile(profile))
            made.seek(0)
            if out is None:
                copy(made, sys.stdout.buffer)
                return
            with out.open("wb") as kept:
                copy(made, kept)
    except EdXMLError as refusal:
        refuse(file, refusal, as_json=as_json, lang=lang)
    except OSError as reason:
        raise click.UsageError(f"{reason.filename}: {reason.strerror}") from reason
    if as_json:
        echo_json({"file": str(out), "size_bytes": size_bytes, "refusal": None})
    else:
        click.echo(f"{out}: {size_bytes} byte")


VERDICTS = {
    "vi": {True: "đọc được", False: "đọc được, nhưng có tệp đính kèm không dùng được"},
    "en": {True: "readable", False: "readable, but an attachment cannot be used"},
}
CONFORMS = {
    "vi": {True: "đúng dạng", False: "chưa đúng dạng, không nên gửi như vậy"},
    "en": {True: "in form", False: "not in form, not to be sent like this"},
}


def open_or_exit(file: Path, source: BinaryIO, *, as_json: bool, lang: str) -> Opened:
    """Return the message in source by its form."""
    try:
        start = source.read(4096)
        if start.lstrip()[:1] in (b"{", b"["):
            source.seek(0)
            limits = replace(LIMITS, size_bytes=LARGEST_JSON)
            return open_json(source.read(LARGEST_JSON + 1), limits=limits)
        source.seek(0)
        return open_any(source, limits=LIMITS)
    except EdXMLError as refusal:
        refuse(file, refusal, as_json=as_json, lang=lang)


def write_described(file: Path, made: BinaryIO, *, profile: Profile) -> int:
    """Write the message that file describes into made, and return its size.

    Raises: EdXMLError, OSError, click.UsageError.
    """
    try:
        described = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as reason:
        raise click.UsageError(f"{file}: not JSON in UTF-8") from reason
    if isinstance(described, dict):
        described.pop("file", None)
    message, files = without_files(described)
    if isinstance(message, StatusMessage):
        return made.write(write_status(message, profile=profile))
    with opened_files(files, file.parent) as attachments:
        return write_to(made, message, attachments, profile=profile, limits=LIMITS).size_bytes


@contextmanager
def opened_files(
    files: Sequence[DescribedFile], folder: Path
) -> Iterator[Sequence[FileAttachment]]:
    """Yield the files to attach, each opened once and closed at the end."""
    sources = []
    try:
        for each in files:
            sources.append((folder / each.file).open("rb"))
        yield [
            FileAttachment(each.name, pieces_of_file(source), each.description)
            for each, source in zip(files, sources, strict=True)
        ]
    finally:
        for source in sources:
            source.close()


def copy(source: BinaryIO, target: BinaryIO) -> None:
    while piece := source.read(1 << 20):
        target.write(piece)


def refuse(file: Path, refusal: EdXMLError, *, as_json: bool, lang: str) -> NoReturn:
    """Say why, and exit 1."""
    if as_json:
        echo_json({**report(file, usable=False), "refusal": error_json(refusal), "kind": None})
    else:
        click.echo(f"{file}: {refusal.vi if lang == 'vi' else refusal.en}", err=True)
    sys.exit(1)


def report(file: Path, *, usable: bool) -> dict[str, object]:
    """Return what every JSON report says; a refusal's code is the name of its class."""
    return {"file": str(file), "usable": usable, "refusal": None}


def error_json(error: EdXMLError) -> dict[str, str]:
    element: str = getattr(error, "path", "") if isinstance(error, NotWritable) else ""
    return {
        "code": type(error).__name__,
        "section": error.section,
        "element": element,
        "vi": error.vi,
        "en": error.en,
        "next_vi": error.next_vi,
        "next_en": error.next_en,
    }


def finding_json(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "section": finding.section,
        "element": finding.path,
        "raw": finding.raw,
        "vi": finding.vi,
        "en": finding.en,
        "next_vi": finding.next_vi,
        "next_en": finding.next_en,
    }


def attachment_json(attachment: StreamedAttachment) -> dict[str, object]:
    """Return what `make` asks for, but the file, and what is told beside it."""
    fault, digest = attachment.assessed.fault, sha256()
    for piece in attachment.pieces() if fault is None else ():
        digest.update(piece)
    return {
        "name": attachment.name,
        "description": attachment.description,
        "fault": fault.value if fault else None,
        "content_type": attachment.content_type,
        "content_id": attachment.content_id,
        "media_type": attachment.media_type,
        "size_bytes": attachment.assessed.size_bytes,
        "sha256": digest.hexdigest() if fault is None else None,
    }


def remarks_on(message: Message, attachments: Sequence[StreamedAttachment]) -> tuple[Finding, ...]:
    return (*message.warnings, *(each for file in attachments for each in file.findings()))


def echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def said(remarks: Sequence[Finding] | Sequence[EdXMLError], lang: str) -> Iterator[str]:
    return (remark.vi if lang == "vi" else remark.en for remark in remarks)


def save(attachments: Sequence[StreamedAttachment], folder: Path) -> list[Path | None]:
    """Write the files into folder and return where; no file that is there is written over.

    One with a fault is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path | None] = []
    for attachment in attachments:
        if attachment.assessed.fault is not None:
            paths.append(None)
            continue
        path, number = folder / attachment.name, 1
        while path.exists():
            number += 1
            path = folder / f"{number}-{attachment.name}"
        with path.open("wb") as saved:
            for piece in attachment.pieces():
                saved.write(piece)
        paths.append(path)
    return paths
