"""`chauban sign`, `seal` and `verify`: on files, without a database.

Exit codes: 0 yes, 1 no, 2 misuse. Messages are Vietnamese, English with `--lang en`.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from chauban.cli import file_acts
from chauban.cli.file_acts import SIGNATURE_SUFFIX, Evidence, Made
from chauban.cli.file_words import (
    HANOI,
    NOT_FOR_OTHER_FILES,
    reason_for,
    said,
    verification_lines,
)
from chauban_pades import Appearance, PAdESError, Report, image_appearance
from chauban_pki.certificates import agency_name, display_name
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import AddressNotAllowed, PKIError
from chauban_pki.network import HTTPClient
from chauban_pki.reasons import Reason
from chauban_pki.revocation import RecordingFetch
from chauban_pki.timestamps import http_timestamper
from chauban_pki.trust import Trust

SIGNATURE_WIDTH_MM, SEAL_WIDTH_MM = 50.0, 36.0
TIMEOUT_SECONDS = 10.0

Command = TypeVar("Command", bound=Callable[..., Any])
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Given:
    """What `sign` and `seal` are given alike."""

    file: Path
    keystore: Path
    password_file: Path | None
    tsa: str | None
    trust: Trust
    image: Path | None
    out: Path | None
    as_json: bool
    lang: str


def _addresses(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    for name, _, url in pairs:
        if not name or not url.startswith(("http://", "https://")):
            raise click.BadParameter("HOST=http://… expected")
    return {name: url for name, _, url in pairs}


def _trust(pems: Sequence[Path], addresses: dict[str, str]) -> Trust:
    try:
        return Trust.of_pem(*(pem.read_bytes() for pem in pems), addresses=addresses)
    except (PKIError, OSError) as error:
        raise click.BadParameter(reason_for(error).vi, param_hint="--trust") from error


def _moment(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> datetime | None:
    """A moment in ISO 8601; without a zone it is Việt Nam time."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("2026-11-23T09:30+07:00 expected") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=HANOI)


_trust_options = (
    click.option(
        "--trust", "pems", type=EXISTING, multiple=True, metavar="PEM", help="Roots to trust."
    ),
    click.option(
        "--address",
        "addresses",
        multiple=True,
        metavar="HOST=URL",
        callback=_addresses,
        help="Where to ask for a host that certificates name; no other is ever asked.",
    ),
)
_output_options = (
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    click.option(
        "--lang",
        type=click.Choice(["vi", "en"]),
        default="vi",
        show_default=True,
        help="Language of messages.",
    ),
)
_signing_options = (
    click.argument("file", type=EXISTING),
    click.option("--key", "keystore", type=EXISTING, required=True, metavar="P12", help="Key."),
    click.option(
        "--password-file", type=EXISTING, help="Its first line opens the key; else asked."
    ),
    click.option("--tsa", metavar="URL", help="RFC 3161 time-stamping service."),
    *_trust_options,
    click.option("--image", type=EXISTING, metavar="PNG", help="Picture of signature or seal."),
    click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else FILE."),
    *_output_options,
)


def _with(options: Sequence[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command("sign")
@_with(_signing_options)
@click.option("--field", default="signatory-1", show_default=True, help="Reserved field.")
@click.option("--image-width", type=float, default=SIGNATURE_WIDTH_MM, help="In mm.")
def sign(
    field: str, image_width: float, pems: Sequence[Path], addresses: dict[str, str], **rest: Any
) -> None:
    """Sign FILE as its signatory: a PDF in a reserved field, another file beside it (.p7s)."""
    given = Given(trust=_trust(pems, addresses), **rest)
    with _reporting(given):
        if not file_acts.is_pdf(given.file):
            _sign_beside(given)
            return
        credential = _credential(given)
        made = file_acts.sign_letter(
            given.file.read_bytes(),
            field=field,
            credential=credential,
            evidence=_evidence(given),
            now=datetime.now(UTC),
            image=_appearance(given, image_width),
        )
        _keep(given, made, given.file, credential=credential, field=field)


@click.command("seal")
@_with(_signing_options)
@click.option("--field", default="seal-1", show_default=True, help="Reserved field.")
@click.option("--number", type=click.IntRange(min=1), help="Number to fill in.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Date to fill in.")
@click.option("--attachment-of", metavar="CODE", help="FILE is an attachment of that document.")
@click.option("--image-width", type=float, default=SEAL_WIDTH_MM, help="In mm.")
def seal(
    field: str,
    number: int | None,
    day: datetime | None,
    attachment_of: str | None,
    image_width: float,
    pems: Sequence[Path],
    addresses: dict[str, str],
    **rest: Any,
) -> None:
    """Fill number and date into FILE and seal it, in one revision; with --trust at level B-LT.

    With --attachment-of, FILE is an attachment in a file of its own: a PDF is signed at its top
    right, another file beside it (.p7s).
    """
    given = Given(trust=_trust(pems, addresses), **rest)
    with _reporting(given):
        if attachment_of is not None and number is None and day is None:
            _seal_attachment(given, code=attachment_of)
            return
        if attachment_of is not None or number is None or day is None:
            raise click.UsageError("give --number and --date, or --attachment-of alone")
        if not file_acts.is_pdf(given.file):
            _refuse(given, NOT_FOR_OTHER_FILES)
        credential = _credential(given)
        made = file_acts.seal_letter(
            given.file.read_bytes(),
            field=field,
            number=number,
            day=day.date(),
            credential=credential,
            evidence=_evidence(given),
            now=datetime.now(UTC),
            image=_appearance(given, image_width),
        )
        _keep(given, made, given.file, credential=credential, field=field)


@click.command("verify")
@click.argument("files", type=EXISTING, nargs=-1, required=True)
@_with(_trust_options)
@click.option("--at", metavar="TIME", callback=_moment, help="ISO 8601; else now.")
@click.option("--deep", "--leg2", is_flag=True, help="Let pyHanko read as well; the worse counts.")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write changed pages, before and after, as PNG files into DIR.",
)
@_with(_output_options)
def verify(
    files: Sequence[Path],
    pems: Sequence[Path],
    addresses: dict[str, str],
    at: datetime | None,
    deep: bool,
    pictures: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Assess the signatures of FILES: a PDF by itself, another file by the .p7s beside it.

    Without --trust nothing is better than INDETERMINATE. Exits 0 only when every file is
    complete, an electronic copy or an attachment.
    """
    trust, moment = _trust(pems, addresses), at or datetime.now(UTC)
    reports = {path: _assessed(path, trust, moment, deep=deep, lang=lang) for path in files}
    found = [{"file": str(path), **report.as_dict()} for path, report in reports.items()]
    if pictures is not None:
        drawn = _pictures(files, pictures, trust, moment)
        found = [one | drawn[path] for one, path in zip(found, reports, strict=True)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(line for one in found for line in verification_lines(one, lang)))
    has_value = all(report.document.has_legal_value for report in reports.values())
    raise SystemExit(0 if has_value else 1)


def _assessed(path: Path, trust: Trust, at: datetime, *, deep: bool, lang: str) -> Report:
    client = HTTPClient(timeout_seconds=TIMEOUT_SECONDS) if trust.addresses else None
    fetch = RecordingFetch(client) if client else None
    try:
        report = file_acts.assess_file(path, trust=trust, at=at, fetch=fetch)
        if deep and file_acts.is_pdf(path):
            # Loads pyHanko, which the first leg must not wait for.
            from chauban_pades.second_leg import assess_apart
            from chauban_pades.two_legs import worse

            data = fetch.data if fetch else None
            again = assess_apart(path.read_bytes(), trust=trust, at=at, data=data)
            report = worse(report, again)
    except OSError as error:
        raise click.FileError(str(path), hint=said(reason_for(error), lang)) from error
    return report


def _pictures(
    files: Sequence[Path], folder: Path, trust: Trust, at: datetime
) -> dict[Path, dict[str, Any]]:
    # Loads PDFium, which a check without pictures must not wait for.
    from chauban.cli.file_pictures import write_pictures

    try:
        return write_pictures(files, folder, trust=trust, at=at)
    except OSError as error:
        raise click.FileError(str(folder), hint=error.strerror) from error


def _seal_attachment(given: Given, *, code: str) -> None:
    if not file_acts.is_pdf(given.file):
        _sign_beside(given)
        return
    credential = _credential(given)
    made = file_acts.seal_attachment(
        given.file.read_bytes(),
        code=code,
        credential=credential,
        evidence=_evidence(given),
        now=datetime.now(UTC),
    )
    _keep(given, made, given.file, credential=credential, field="attachment-seal")


def _sign_beside(given: Given) -> None:
    credential = _credential(given)
    made = file_acts.sign_beside(
        given.file, credential=credential, evidence=_evidence(given), now=datetime.now(UTC)
    )
    beside = given.file.with_name(given.file.name + SIGNATURE_SUFFIX)
    _keep(given, made, beside, credential=credential, field="")


def _credential(given: Given) -> KeyCredential:
    if given.password_file:
        text = given.password_file.read_text("utf-8", errors="replace")
        password = text.partition("\n")[0].rstrip("\r")
    else:
        label = said(("Mật khẩu mở tệp khóa", "Password of the key"), given.lang)
        password = click.prompt(label, hide_input=True, err=True)
    return KeyCredential.load(given.keystore.read_bytes(), password)


def _evidence(given: Given) -> Evidence:
    client = HTTPClient(timeout_seconds=TIMEOUT_SECONDS)
    timestamp = None
    if given.tsa:
        try:
            url = given.trust.resolve(given.tsa)
        except AddressNotAllowed:
            url = given.tsa  # asked for by name on the command line
        timestamp = http_timestamper(url, post=client)
    return Evidence(timestamp, given.trust if given.trust.signing else None, client)


def _appearance(given: Given, width_mm: float) -> Appearance | None:
    if given.image is None:
        return None
    return image_appearance(given.image.read_bytes(), width_mm=width_mm)


def _keep(given: Given, made: Made, usual: Path, *, credential: KeyCredential, field: str) -> None:
    """Write what was made, whole or not at all, and say so."""
    out = given.out or usual
    unfinished = out.with_name(f".{out.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(made.content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, out)
    signer = display_name(credential.certificate)
    if given.as_json:
        said_so = {
            "file": str(given.file),
            "out": str(out),
            "field": field,
            "level": made.level,
            "signer": signer,
            "agency": agency_name(credential.certificate),
            "sha256": sha256(made.content).hexdigest(),
            "reasons": [note.as_dict() for note in made.notes],
        }
        click.echo(json.dumps(said_so, ensure_ascii=False, indent=1))
        return
    done = (f"Đã ký {out}: {signer}, mức {made.level}.", f"Signed {out}: {signer}, {made.level}.")
    click.echo(said(done, given.lang))
    for note in made.notes:
        click.echo(f"  – {said(note, given.lang)}")


@contextmanager
def _reporting(given: Given) -> Iterator[None]:
    """Tell a refusal in words and end with exit code 1; nothing was written then."""
    try:
        yield
    except (PKIError, PAdESError, OSError) as error:
        _refuse(given, reason_for(error))


def _refuse(given: Given, reason: Reason) -> NoReturn:
    if given.as_json:
        refusal = {"file": str(given.file), "out": None, "reasons": [reason.as_dict()]}
        click.echo(json.dumps(refusal, ensure_ascii=False, indent=1))
    else:
        click.echo(said(reason, given.lang), err=True)
    raise SystemExit(1)
