"""`chauban edxml`: show, check and make edXML messages; on files, without a database.

Exit codes: 0 yes; 1 the message is refused, or a file in it cannot be used; 2 misuse.
Messages are Vietnamese, English with `--lang en`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from chauban_edxml import DEFAULT, EdXMLError, Finding, read, write, write_status
from chauban_edxml.checking import soft_limit_findings
from chauban_edxml.json_form import from_json, to_json
from chauban_edxml.model import Attachment, DocumentMessage, StatusCode, StatusMessage
from chauban_edxml.values import VIETNAM

Command = TypeVar("Command", bound=Callable[..., Any])


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
    message = read_or_exit(file, as_json=as_json, lang=lang)
    told = {"file": str(file), **to_json(message)}
    told["warnings"] = [as_dict(finding) for finding in message.warnings]
    if isinstance(message, DocumentMessage) and folder is not None:
        paths = save(message.attachments, folder)
        for attachment, path in zip(told["attachments"], paths, strict=True):
            attachment["file"] = str(path.resolve())
    if as_json:
        echo_json(told)
    else:
        remarks = (f"Lưu ý: {words}" for words in said(message.warnings, lang))
        click.echo("\n".join([*lines_of(message), *remarks]))


@command.command()
@shared
def check(file: Path, as_json: bool, lang: str) -> None:
    """Tell whether FILE can be accepted, and what is unusual about it."""
    message = read_or_exit(file, as_json=as_json, lang=lang)
    findings, usable = message.warnings, True
    if isinstance(message, DocumentMessage):
        findings += soft_limit_findings(message)
        usable = all(attachment.fault is None for attachment in message.attachments)
    if as_json:
        report(file, message=message, usable=usable, findings=findings)
    else:
        words = VERDICTS[lang][usable]
        click.echo("\n".join([f"{file}: {words}", *(f"- {each}" for each in said(findings, lang))]))
    sys.exit(0 if usable else 1)


@command.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Instead of standard output."
)
@shared
def make(file: Path, out: Path | None, as_json: bool, lang: str) -> None:
    """Write the message that FILE describes in JSON; the files it names are found beside it."""
    try:
        described = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as reason:
        raise click.UsageError(f"{file}: not JSON in UTF-8") from reason
    if isinstance(described, dict):
        described.pop("file", None)
    try:
        message = from_json(described, open_file=lambda name: (file.parent / name).read_bytes())
        data = write(message) if isinstance(message, DocumentMessage) else write_status(message)
    except EdXMLError as refusal:
        refuse(file, refusal, as_json=as_json, lang=lang)
    except OSError as reason:
        raise click.UsageError(f"{reason.filename}: {reason.strerror}") from reason
    if out is None:
        sys.stdout.buffer.write(data)
        return
    out.write_bytes(data)
    if as_json:
        echo_json({"file": str(out), "size_bytes": len(data), "refusal": None})
    else:
        click.echo(f"{out}: {len(data)} byte")


VERDICTS = {
    "vi": {True: "đọc được", False: "đọc được, nhưng có tệp đính kèm không dùng được"},
    "en": {True: "readable", False: "readable, but an attachment cannot be used"},
}


def read_or_exit(file: Path, *, as_json: bool, lang: str) -> DocumentMessage | StatusMessage:
    with file.open("rb") as stream:
        data = stream.read(DEFAULT.size_bytes + 1)
    try:
        return read(data)
    except EdXMLError as refusal:
        refuse(file, refusal, as_json=as_json, lang=lang)


def refuse(file: Path, refusal: EdXMLError, *, as_json: bool, lang: str) -> NoReturn:
    """Say why, and exit 1."""
    if as_json:
        report(file, message=None, usable=False, findings=(), refusal=refusal)
    else:
        click.echo(f"{file}: {refusal.vi if lang == 'vi' else refusal.en}", err=True)
    sys.exit(1)


def report(
    file: Path,
    *,
    message: DocumentMessage | StatusMessage | None,
    usable: bool,
    findings: Sequence[Finding],
    refusal: EdXMLError | None = None,
) -> None:
    """Print the JSON of `check`; a refusal's code is the name of its class."""
    reason = None
    if refusal is not None:
        reason = {"code": type(refusal).__name__, "vi": refusal.vi, "en": refusal.en}
    kind = None
    if message is not None:
        kind = "document" if isinstance(message, DocumentMessage) else "status"
    echo_json(
        {
            "file": str(file),
            "kind": kind,
            "usable": usable,
            "refusal": reason,
            "findings": [as_dict(finding) for finding in findings],
        }
    )


def echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def as_dict(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "path": finding.path,
        "raw": finding.raw,
        "vi": finding.vi,
        "en": finding.en,
    }


def said(findings: Sequence[Finding], lang: str) -> Iterator[str]:
    return (finding.vi if lang == "vi" else finding.en for finding in findings)


def save(attachments: Sequence[Attachment], folder: Path) -> list[Path]:
    """Write the files into folder and return where; no file that is there is written over."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for attachment in attachments:
        path, number = folder / attachment.name, 1
        while path.exists():
            number += 1
            path = folder / f"{number}-{attachment.name}"
        path.write_bytes(attachment.content)
        paths.append(path)
    return paths


def lines_of(message: DocumentMessage | StatusMessage) -> Iterator[str]:
    """Return the message as a clerk reads it, in the decree's words."""
    if isinstance(message, StatusMessage):
        return status_lines(message)
    return document_lines(message)


def document_lines(message: DocumentMessage) -> Iterator[str]:
    promulgated, kind, signer = (
        message.promulgation_info,
        message.document_type,
        message.signer_info,
    )
    yield f"Nghiệp vụ: {message.bussiness.bussiness_doc_type.vi}"
    yield f"Mã định danh văn bản: {message.document_id}"
    yield f"Số, ký hiệu: {message.code or ''}"
    if promulgated and promulgated.promulgation_date:
        yield f"Ngày ban hành: {promulgated.promulgation_date:%d/%m/%Y}"
    yield f"Loại văn bản: {kind.type_name if kind else ''}"
    yield f"Trích yếu nội dung: {message.subject}"
    yield f"Độ khẩn: {message.other_info.priority.vi}"
    if signer:
        words = (signer.competence, signer.position, signer.full_name)
        yield f"Người ký: {' '.join(word for word in words if word)}"
    yield f"Cơ quan gửi: {message.from_.organ_id} {message.from_.organ_name}"
    for recipient in message.to:
        yield f"Cơ quan nhận: {recipient.organ_id} {recipient.organ_name}"
    for attachment in message.attachments:
        fault = f" — {attachment.fault.value}" if attachment.fault else ""
        yield f"Tệp đính kèm: {attachment.name} ({len(attachment.content)} byte){fault}"


def status_lines(status: StatusMessage) -> Iterator[str]:
    code = status.status_code
    words = code.vi if isinstance(code, StatusCode) else ""
    yield f"Trạng thái: {code} {words}"
    yield f"Văn bản: {status.response_for.code} ({status.response_for.document_id})"
    yield f"Cơ quan ban hành: {status.issuer_organ_id}"
    yield f"Cơ quan nhận văn bản: {status.recipient_organ_id}"
    if status.timestamp:
        yield f"Thời điểm: {status.timestamp.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
    if status.description:
        yield f"Nội dung: {status.description}"
