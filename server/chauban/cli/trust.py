"""`chauban trust`: whom this installation trusts, and whose keys sign in it.

Each change is an act in the journal. Exit codes: 0 done; 1 refused, with the reason; 2 misuse.
"""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from chauban.cli.main import enter_server

Command = TypeVar("Command", bound=Callable[..., Any])
CUSTODIES = ("keystore", "device", "remote", "telephone", "plugin")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("trust")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the installation; else CHAUBAN_DATA.",
)
def command(data: Path | None) -> None:
    """Anchors, certificates, and where their keys are kept."""
    if data is not None:
        os.environ["CHAUBAN_DATA"] = str(data.resolve())
    enter_server()


def telling(act: Command) -> Command:
    """Add --json, print what act returns, and print a refusal in words with exit 1."""

    @command.command(act.__name__.replace("_", "-"), help=act.__doc__)
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(act)
    def told(as_json: bool, **options: Any) -> None:
        from chauban.trust.errors import TrustError
        from chauban.trust.words import explain
        from chauban_pki.errors import PKIError

        try:
            rows = act(**options)
        except (TrustError, PKIError) as refusal:
            words = explain(refusal)
            if as_json:
                print(json.dumps({"refused": {"vi": words.vi, "en": words.en}}, ensure_ascii=False))
            click.echo(f"✗ {words.vi} / {words.en}", err=True)
            raise SystemExit(1) from None
        _print(rows, as_json=as_json)

    return told  # type: ignore[return-value]


@telling
@click.option("--all", "with_ended", is_flag=True, help="Those that have ended as well.")
def anchors(with_ended: bool) -> list[dict[str, object]]:
    """List the anchors in force: whose signatures, or time-stamps, count here."""
    from chauban.directory.rules import legal_day
    from chauban.trust.models import Anchor

    held = Anchor.objects.order_by("id")
    rows = held if with_ended else held.as_of(legal_day(_now()))
    return [_anchor(row) for row in rows]


@telling
@click.option("--agency", default="", help="Key of an agency, such as so-tai-chinh.")
def certificates(agency: str) -> list[dict[str, object]]:
    """List the certificates: whose, where the key is kept, until when, what is weak."""
    from django.db.models import Q

    from chauban.trust.models import Certificate

    held = Certificate.objects.select_related("person", "body").order_by("id")
    if agency:
        of_person = Q(person__posts__agency__key=agency)
        held = held.filter(Q(body__agency__key=agency) | of_person).distinct()
    return [_certificate(row) for row in held]


@telling
@click.argument("file", type=FILE)
@click.option("--purpose", type=click.Choice(["signing", "timestamping"]), required=True)
@click.option("--name", required=True, help="For people.")
@click.option("--from", "valid_from", type=DAY, help="First day of trust; else today.")
def add_anchor(
    file: Path, purpose: str, name: str, valid_from: datetime | None
) -> list[dict[str, object]]:
    """Trust the root in FILE (PEM or DER), for signatures or for time-stamps."""
    from chauban.directory.rules import legal_day
    from chauban.trust.actions import store_anchor
    from chauban.trust.models import Anchor

    now = _now()
    row = store_anchor(
        _certificates_in(file)[0],
        purpose=Anchor.Purpose(purpose),
        name=name,
        valid_from=valid_from.date() if valid_from else legal_day(now),
        officer=None,
        now=now,
    )
    return [_anchor(row)]


@telling
@click.argument("number", type=int)
@click.option("--on", type=DAY, help="First day without trust; else today.")
def end_anchor(number: int, on: datetime | None) -> list[dict[str, object]]:
    """Trust anchor NUMBER (as `anchors` lists it) no longer."""
    from chauban.directory.rules import legal_day
    from chauban.trust import actions
    from chauban.trust.models import Anchor

    now = _now()
    row = Anchor.objects.filter(pk=number).first()
    if row is None:
        raise click.UsageError(f"không có gốc số {number} / no anchor {number}")
    day = on.date() if on else legal_day(now)
    actions.end_anchor(row, on=day, officer=None, now=now)
    return [_anchor(row)]


@telling
@click.argument("file", type=FILE)
@click.option("--person", help="Whose it is: the e-mail address in the directory.")
@click.option("--body", help="Whose seal it is: the key of the issuing body, such as ubnd-tp.")
@click.option("--authority", is_flag=True, help="A CA, OCSP or time-stamping authority's.")
@click.option("--custody", type=click.Choice(CUSTODIES), help="Where the key is kept.")
@click.option("--token", help="device: the token's label.")
@click.option("--key", help="device: the key's identifier (CKA_ID), hexadecimal.")
@click.option("--service", help="remote, telephone: the service's name in settings.")
@click.option("--credential", help="remote, telephone: the key's name at the service.")
@click.option("--picture", type=FILE, help="PNG of the signature or seal.")
@click.option("--width-mm", type=float, help="Width of the picture; for a seal its diameter.")
def add_certificate(
    file: Path,
    person: str | None,
    body: str | None,
    authority: bool,
    custody: str | None,
    picture: Path | None,
    width_mm: float | None,
    **reference: str | None,
) -> list[dict[str, object]]:
    """Enter the certificate in FILE (PEM or DER; its issuers may follow it).

    With custody keystore FILE is a PKCS#12 file, and its PIN is asked for; else no key comes
    here. The certificate is refused where nothing valid can be signed with it.
    """
    from django.db import transaction

    from chauban.trust import actions
    from chauban.trust.models import Custody
    from chauban.trust.registering import enter_certificate

    now = _now()
    if authority:
        return [
            _certificate(actions.store_authority(one, officer=None, now=now))
            for one in _certificates_in(file)
        ]
    if custody is None or bool(person) == bool(body) or (picture is None) != (width_mm is None):
        raise click.UsageError(
            "cần --custody và một trong --person, --body; --picture đi cùng --width-mm"
            " / give --custody and one of --person, --body; --picture goes with --width-mm"
        )
    holder = _holder(person, body)
    with transaction.atomic():
        drawn = {"picture": _blob(picture, now), "picture_width_mm": width_mm}
        if custody == Custody.KEYSTORE:
            pin = click.prompt("PIN", hide_input=True)
            content = file.read_bytes()
            row, warnings = (
                actions.store_keystore(content, pin, holder=holder, officer=None, now=now, **drawn),
                (),
            )
        else:
            leaf, *issuers = _certificates_in(file)
            for one in issuers:
                actions.store_authority(one, officer=None, now=now)
            entered = enter_certificate(
                leaf,
                holder=holder,
                custody=Custody(custody),
                key_reference={name: value for name, value in reference.items() if value},
                officer=None,
                now=now,
                **drawn,
            )
            row, warnings = entered.certificate, entered.warnings
    return [_certificate(row) | {"warnings": [_words(one) for one in warnings]}]


@telling
@click.argument("file", type=FILE)
def check(file: Path) -> list[dict[str, object]]:
    """Tell whether the certificate in FILE is fit to sign with, and trusted here; store nothing."""
    from chauban.trust.anchors import current_trust
    from chauban.trust.registering import findings
    from chauban_pki.certificates import display_name
    from chauban_pki.errors import PathInvalid
    from chauban_pki.paths import build_path
    from chauban_pki.words import reason_for

    now = _now()
    leaf, *issuers = _certificates_in(file)
    found = list(findings(leaf, now=now))
    try:
        path = build_path(leaf, intermediates=issuers, trust=current_trust(now), at=now)
        anchor = display_name(path.anchor)
    except PathInvalid as untrusted:
        found.append(reason_for(untrusted))
        anchor = ""
    return [
        {
            "name": display_name(leaf),
            "anchor": anchor,
            "valid_to": leaf.not_valid_after_utc.isoformat(),
            "warnings": [_words(one) for one in found],
        }
    ]


def _now() -> datetime:
    return datetime.now(UTC)


def _certificates_in(file: Path) -> "list[Any]":
    from chauban.trust.registering import certificates_in

    return certificates_in(file.read_bytes())


def _holder(person: str | None, body: str | None) -> "Any":
    from chauban.directory.models import IssuingBody, Person

    if person:
        found: Any = Person.objects.filter(email=person).first()
    else:
        found = IssuingBody.objects.filter(key=body).first()
    if found is None:
        raise click.UsageError(f"không có trong danh bạ / not in the directory: {person or body}")
    return found


def _blob(picture: Path | None, now: datetime) -> "Any":
    from chauban.blobs import store

    return store.put(picture.read_bytes(), now=now) if picture else None


def _anchor(row: "Any") -> dict[str, object]:
    from chauban_pki.certificates import parse_certificate

    return {
        "number": row.pk,
        "name": row.name,
        "purpose": row.purpose,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
        "certificate_ends": parse_certificate(bytes(row.der)).not_valid_after_utc.isoformat(),
        "fingerprint": row.fingerprint,
    }


def _certificate(row: "Any") -> dict[str, object]:
    from chauban.trust.strengths import weak_since

    weak = weak_since(row)
    return {
        "number": row.pk,
        "holder": row.holder,
        "name": str(row.person or row.body or row.subject),
        "custody": row.custody,
        "key_reference": row.key_reference,
        "valid_from": row.not_before.isoformat(),
        "valid_to": row.not_after.isoformat(),
        "weak_since": _day(weak),
        "fingerprint": row.fingerprint,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _words(reason: "Any") -> dict[str, str]:
    return {"code": reason.code, "vi": reason.vi, "en": reason.en}


def _print(rows: Sequence[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        warnings = row.pop("warnings", [])
        click.echo("  ".join(f"{name}={value}" for name, value in row.items() if value))
        for one in warnings if isinstance(warnings, list) else []:
            click.echo(f"! {one['vi']} / {one['en']}")
