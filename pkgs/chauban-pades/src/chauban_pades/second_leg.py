"""The second leg: pyHanko's own reading, the only place that knows its ways (design decision 2).

It concludes by the same rules as the first leg, so that the two differ in what they find but
not in what it means. pyHanko is read as corrected by `pyhanko_corrections`; whatever it raises
on a damaged file becomes a report. `assess_apart` runs it in a process of its own, as does

    python -m chauban_pades.second_leg FILE --trust root.pem --at 2026-11-23T02:00:00Z --json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from chauban_pki.certificates import Role, encoded, parse_certificate, parse_certificates
from chauban_pki.errors import CertificateMalformed, DigestMismatch, PKIError, SignatureMismatch
from chauban_pki.reasons import Reason, Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.trust import Trust
from chauban_pki.words import reason_for

from .concluding import Found, conclude, unreadable, with_role_checked
from .evidence import read_store
from .names import signature_name
from .placing import apart_from_letter, is_top_right
from .pyhanko_corrections import be_quiet, open_reader
from .reading import read_history
from .report import (
    Change,
    DocumentStatus,
    Report,
    ReportMalformed,
    SignatureReport,
    parse_report,
    with_holder,
)
from .views import Unreadable
from .words import change, reason

_ANY_SIGNING_USE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
MAX_NAMESAKES = 8
"""Certificates of one name that a file may bring; a renewed authority has two or three."""
MEMORY_BYTES = 1_500_000_000
"""Address space that the second leg's own process may take."""
MAX_FORMS = 8
"""How deep forms may stand in forms in a signature's appearance."""


@dataclass(frozen=True)
class _Judged:
    """What pyHanko says of one signature; `changed` where it finds a change not allowed."""

    report: SignatureReport
    changed: bool


def assess_with_pyhanko(
    pdf: bytes, *, trust: Trust, at: datetime, data: ValidationData | None = None
) -> Report:
    """The second leg's report on a PDF; `at` is the moment of asking, UTC.

    Nothing is fetched: revocation comes from the file and from data. What the first leg refuses
    as too much is not tried. No exception escapes because of what the file holds.
    """
    be_quiet()
    try:
        _require_bounded(pdf)
        return _assess(pdf, trust=trust, at=at, data=data or ValidationData())
    except Unreadable as error:
        return unreadable(error.why)
    except Exception:  # pyHanko raises many kinds on damaged files; a crash is a report
        return unreadable("second-leg-failed")


def _assess(pdf: bytes, *, trust: Trust, at: datetime, data: ValidationData) -> Report:
    reader = open_reader(pdf)
    if reader.encrypted:
        return unreadable("encrypted")
    signatures = list(reader.embedded_regular_signatures)
    for one in signatures:
        _require_few_namesakes(each.dump() for each in one.other_embedded_certs)
    judged = [
        _judge(reader, one, trust=trust, at=at, data=data, size=len(pdf)) for one in signatures
    ]
    first = min((one.signed_revision for one in reader.embedded_signatures), default=0)
    reserved = _reserved(reader, first) if signatures else ()
    changes = tuple(_change(one.report) for one in judged if one.changed)
    found = Found(
        signatures=tuple(with_role_checked(one.report, reserved) for one in judged),
        changes=changes,
        broken_by=tuple(frozenset({one.report.field}) for one in judged if one.changed),
        reserved=reserved,
        apart=_apart(reader, signatures, judged) if signatures and not reserved else None,
        has_trust=bool(trust.signing),
    )
    return conclude(found)


def _require_bounded(pdf: bytes) -> None:
    try:
        store = read_store(read_history(pdf).newest)
        _require_few_namesakes(store.certificates)
    except Unreadable as error:
        if error.why.startswith("too-"):
            raise


def _require_few_namesakes(certificates: Iterable[bytes]) -> None:
    """Refuse a heap of certificates of one name: pyHanko tries every path through it."""
    names = Counter(one.subject for one in parse_certificates(certificates))
    if max(names.values(), default=0) > MAX_NAMESAKES:
        raise Unreadable("too-many-objects", "certificates of one name")


def _judge(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    *,
    trust: Trust,
    at: datetime,
    data: ValidationData,
    size: int,
) -> _Judged:
    report = SignatureReport(
        signature.field_name,
        revision=signature.signed_revision + 1,
        covers_whole_document=_covered(signature) == size,
    )
    certificate = _certificate(signature)
    if certificate is not None:
        report = with_holder(report, certificate)
    time = _stamped_time(signature) or at
    try:
        status = asyncio.run(
            async_validate_pdf_signature(
                signature,
                _context(reader, trust.signing, trust, min(time, at), data),
                ts_validation_context=_context(
                    reader, trust.timestamping, trust, min(time, at), data
                ),
                key_usage_settings=_ANY_SIGNING_USE,
            )
        )
    except Exception as error:  # as above: whatever it raises, it refuses this signature
        refused = reason("second-leg-refused", detail=type(error).__name__)
        return _Judged(replace(report, verdict=Verdict.TOTAL_FAILED, reasons=(refused,)), False)
    verdict, reasons = _verdict(status)
    changed = status.modification_level is not None and not status.docmdp_ok
    return _Judged(replace(report, verdict=verdict, reasons=reasons), changed)


def _verdict(status: PdfSignatureStatus) -> tuple[Verdict, tuple[Reason, ...]]:
    """pyHanko's finding on the signature itself, changes after it left aside."""
    if not status.intact:
        return Verdict.TOTAL_FAILED, (reason_for(DigestMismatch()),)
    if not status.valid:
        return Verdict.TOTAL_FAILED, (reason_for(SignatureMismatch()),)
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return Verdict.TOTAL_FAILED, (reason("byte-range-wrong"),)
    if not status.trusted:
        problem = status.trust_problem_indic
        has_failed = problem is not None and problem.status is AdESStatus.FAILED
        name = problem.standard_name if problem is not None else "NO_CERTIFICATE_CHAIN_FOUND"
        verdict = Verdict.TOTAL_FAILED if has_failed else Verdict.INDETERMINATE
        return verdict, (reason("second-leg-not-trusted", detail=name),)
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.intact and stamp.valid and stamp.trusted):
        return Verdict.INDETERMINATE, (reason("second-leg-not-trusted", detail="TIMESTAMP"),)
    if not status.seed_value_ok:
        return Verdict.INDETERMINATE, (reason("second-leg-not-trusted", detail="SEED_VALUE"),)
    return Verdict.TOTAL_PASSED, ()


def _context(
    reader: PdfFileReader,
    anchors: Sequence[x509.Certificate],
    trust: Trust,
    moment: datetime,
    data: ValidationData,
) -> ValidationContext:
    """A context that asks nobody: revocation from the file and data, hard-fail."""
    others = [*trust.intermediates, *_parsed(data.certificates)]
    settings: dict[str, Any] = {
        "trust_roots": [asn1_x509.Certificate.load(encoded(one)) for one in anchors],
        "other_certs": [asn1_x509.Certificate.load(encoded(one)) for one in others],
        "allow_fetching": False,
        "moment": moment,
        "revocation_mode": "hard-fail",
        "retroactive_revinfo": True,
        "crls": data.crls,
        "ocsps": data.ocsps,
    }
    if "/DSS" in reader.root:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)
    return ValidationContext(**settings)


def _parsed(many: Sequence[bytes]) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for one in many:
        try:
            found.append(parse_certificate(one))
        except CertificateMalformed:
            continue
    return found


def _certificate(signature: EmbeddedPdfSignature) -> x509.Certificate | None:
    try:
        return parse_certificate(signature.signer_cert.dump())
    except Exception:  # asn1crypto's errors are many; a signer that does not read has no name
        return None


def _stamped_time(signature: EmbeddedPdfSignature) -> datetime | None:
    stamp = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    if stamp is None:
        return None
    time: datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    return time


def _covered(signature: EmbeddedPdfSignature) -> int:
    _, _, start, length = (int(number) for number in signature.byte_range)
    return start + length


def _reserved(reader: PdfFileReader, first: int) -> tuple[str, ...]:
    """The signature fields of our naming in the first signed revision."""
    fields = enumerate_sig_fields(reader.get_historical_resolver(first))
    return tuple(name for name, _, _ in fields if signature_name(name))


def _change(report: SignatureReport) -> Change:
    after = (report.revision or 0) + 1
    return change("second-leg-changed", revision=after, page=None, field=report.field)


def _apart(
    reader: PdfFileReader, signatures: Sequence[EmbeddedPdfSignature], judged: Sequence[_Judged]
) -> DocumentStatus | None:
    if any(one.report.role is not Role.ORGANISATION for one in judged):
        return None
    return apart_from_letter(
        signatures[0].field_name,
        stated_reason=str(signatures[0].sig_object.get("/Reason", "")),
        is_marginal=_is_marginal(reader, signatures[0].sig_field),
    )


def _is_marginal(reader: PdfFileReader, widget: generic.DictionaryObject) -> bool:
    """As `placing.is_marginal`, read by pyHanko."""
    page = reader.root["/Pages"]
    while "/Kids" in page:
        page = page["/Kids"][0]
    if _entry(widget, "/P") is not page or "/Rect" not in widget:
        return False
    appearance = _entry(_entry(widget, "/AP"), "/N")
    while "/MediaBox" not in page:
        page = page["/Parent"]
    return is_top_right(widget["/Rect"], page["/MediaBox"]) and not _shows_picture(appearance)


def _shows_picture(form: Any, depth: int = 0) -> bool:
    shown = _entry(_entry(form, "/Resources"), "/XObject") or {}
    return depth > MAX_FORMS or any(
        _entry(one, "/Subtype") == "/Image" or _shows_picture(one, depth + 1)
        for one in (_entry(shown, key) for key in shown)
    )


def _entry(dictionary: Any, key: str) -> Any:
    """What stands there, a reference followed; None where nothing does."""
    return dictionary[key] if dictionary is not None and key in dictionary else None


def assess_apart(
    pdf: bytes,
    *,
    trust: Trust,
    at: datetime,
    data: ValidationData | None = None,
    timeout_seconds: float = 60.0,
    memory_bytes: int = MEMORY_BYTES,
) -> Report:
    """The second leg's report, from a process of its own that is ended after the time-out.

    It ends too where it needs more address space than that.

    `data` is revocation information that the file lacks, such as the first leg fetched.
    """
    with tempfile.TemporaryDirectory(prefix="chauban-") as folder:
        file, anchors = Path(folder, "assessed.pdf"), Path(folder, "trust.pem")
        file.write_bytes(pdf)
        pems = (*trust.signing, *trust.timestamping, *trust.intermediates)
        anchors.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in pems))
        beside = Path(folder, "data.json")
        beside.write_text(json.dumps((data or ValidationData()).as_dict()), "ascii")
        command = [sys.executable, "-m", __name__, str(file), "--trust", str(anchors)]
        try:
            done = subprocess.run(
                [
                    *(*command, "--data", str(beside), "--at", at.isoformat(), "--json"),
                    *("--memory-bytes", str(memory_bytes)),
                ],
                capture_output=True,
                timeout=timeout_seconds,
                check=False,
            )
            return parse_report(json.loads(done.stdout))
        except (subprocess.TimeoutExpired, ValueError, ReportMalformed):
            return unreadable("second-leg-failed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the second leg's report on a file; 0 when the document has legal value, else 1."""
    parser = argparse.ArgumentParser(prog="python -m chauban_pades.second_leg")
    parser.add_argument("file", type=Path)
    parser.add_argument("--trust", type=Path, action="append", default=[], metavar="PEM")
    parser.add_argument("--data", type=Path, metavar="JSON")
    parser.add_argument("--at", type=datetime.fromisoformat, default=None, metavar="TIME")
    parser.add_argument("--memory-bytes", type=int, help="end when more address space is needed")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args(arguments)
    if given.memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (given.memory_bytes, given.memory_bytes))
    try:
        trust = Trust.of_pem(*(path.read_bytes() for path in given.trust))
        pdf = given.file.read_bytes()
        data = _read_data(given.data) if given.data else None
    except (OSError, PKIError, ValueError, KeyError) as error:
        parser.error(str(error))
    report = assess_with_pyhanko(pdf, trust=trust, at=given.at or datetime.now(UTC), data=data)
    if given.as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        print(f"{report.verdict.value} {report.document}")
    return 0 if report.document.has_legal_value else 1


def _read_data(path: Path) -> ValidationData:
    return ValidationData.from_dict(json.loads(path.read_text("ascii")))


if __name__ == "__main__":
    raise SystemExit(main())
