"""From single signatures and changes to what the file is worth as a document.

Both legs conclude here, so that they can differ in what they found but not in what it means.

Law: Nghị định 30/2020/NĐ-CP Điều 5 (an original bears both signatures), Điều 25 and Phụ lục I
(copies and attachments bear the agency's alone). Design: architecture.md decision 17,
reserved-fields.md section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chauban_pki.certificates import Role
from chauban_pki.reasons import Reason, Verdict, worst

from .names import ATTACHMENT_SEAL, signature_name
from .report import Change, DocumentStatus, Report, SignatureReport
from .words import reason


@dataclass(frozen=True)
class Found:
    """What a leg found in a file.

    `reserved` names the signature fields reserved in the first signed revision; empty for a
    file of another system. `apart` is what the agency's only signature says the file is: an
    attachment, an electronic copy, or None. `broken_by` names, per change, the fields whose
    signatures do not allow it. `faults` are found in the document as it stands.
    """

    signatures: tuple[SignatureReport, ...]
    changes: tuple[Change, ...] = ()
    broken_by: tuple[frozenset[str], ...] = ()
    reserved: tuple[str, ...] = ()
    apart: DocumentStatus | None = None
    faults: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    has_trust: bool = True


def conclude(found: Found) -> Report:
    """The report on a file that reads."""
    if not found.signatures:
        return Report(Verdict.INDETERMINATE, DocumentStatus.UNSIGNED, reasons=(reason("unsigned"),))
    outcome = _outcome_of_changes(found)
    signatures = tuple(_judged(one, found, outcome) for one in found.signatures)
    document, reasons = _document(found, signatures, outcome)
    reasons = (*reasons, *found.faults, *found.doubts)
    if not found.has_trust:
        reasons = (*reasons, reason("no-trust"))
    verdicts = [one.verdict for one in signatures]
    if found.faults:
        verdicts.append(Verdict.TOTAL_FAILED)
    if found.doubts or not found.has_trust:
        verdicts.append(Verdict.INDETERMINATE)
    return Report(worst(*verdicts), document, signatures, found.changes, reasons)


def unreadable(code: str) -> Report:
    """The report on a file that does not read."""
    checked_later = code in ("encrypted", "too-large", "too-many-revisions", "too-many-objects")
    verdict = Verdict.INDETERMINATE if checked_later else Verdict.TOTAL_FAILED
    return Report(verdict, DocumentStatus.UNREADABLE, reasons=(reason(code),))


def with_role_checked(report: SignatureReport, reserved: tuple[str, ...]) -> SignatureReport:
    """The report, failed where a reserved field was signed by one of another role."""
    name = signature_name(report.field) if report.field in reserved else None
    if report.field.startswith(ATTACHMENT_SEAL):
        expected = Role.ORGANISATION
    elif name is None or report.certificate is None:
        return report
    else:
        expected = Role.ORGANISATION if name.is_seal else Role.PERSON
    if report.role is expected:
        return report
    if report.role is Role.UNKNOWN:
        verdict, found = Verdict.INDETERMINATE, reason("role-unknown", field=report.field)
    else:
        is_seal = expected is Role.ORGANISATION
        verdict, found = (
            Verdict.TOTAL_FAILED,
            reason(
                "role-mismatch",
                field=report.field,
                expected_vi="cơ quan, tổ chức" if is_seal else "người có thẩm quyền",
                expected_en="an agency" if is_seal else "a person",
            ),
        )
    return replace(report, verdict=worst(report.verdict, verdict), reasons=(*report.reasons, found))


def _outcome_of_changes(found: Found) -> DocumentStatus | None:
    """What the changes that some signature does not allow make of the document."""
    if not found.changes:
        return None
    if found.reserved:
        return DocumentStatus.ALTERED
    outcome = DocumentStatus.STAMPED_BY_ISSUER
    for change in found.changes:
        later = [
            one
            for one in found.signatures
            if one.revision is not None
            and one.revision >= change.revision
            and one.role in (Role.ORGANISATION, Role.UNKNOWN)
        ]
        seals = [one for one in later if one.role is Role.ORGANISATION]
        if any(one.verdict is Verdict.TOTAL_PASSED for one in seals):
            continue
        if not any(one.verdict is not Verdict.TOTAL_FAILED for one in later):
            return DocumentStatus.ALTERED
        outcome = DocumentStatus.NOT_ENOUGH_EVIDENCE
    return outcome


def _judged(
    signature: SignatureReport, found: Found, outcome: DocumentStatus | None
) -> SignatureReport:
    """The signature with what the changes after it mean for it."""
    broken = [
        change
        for change, fields in zip(found.changes, found.broken_by, strict=True)
        if signature.field in fields
    ]
    if outcome is None or not broken:
        return signature
    altered = outcome is DocumentStatus.ALTERED
    codes = {
        DocumentStatus.ALTERED: "changed-after-signing",
        DocumentStatus.STAMPED_BY_ISSUER: "stamped-by-issuer",
    }
    given = reason(
        codes.get(outcome, "stamp-not-proved"),
        detail_vi="; ".join(change.vi for change in broken[:5]),
        detail_en="; ".join(change.en for change in broken[:5]),
    )
    verdict = Verdict.TOTAL_FAILED if altered else Verdict.INDETERMINATE
    return replace(
        signature,
        verdict=worst(signature.verdict, verdict),
        reasons=(*signature.reasons, given),
    )


def _document(
    found: Found, signatures: tuple[SignatureReport, ...], outcome: DocumentStatus | None
) -> tuple[DocumentStatus, tuple[Reason, ...]]:
    missing = _missing(found, signatures)
    if any(_digest_failed(one) for one in signatures):
        return DocumentStatus.ALTERED, (reason("altered"), *missing)
    if any(one.verdict is Verdict.TOTAL_FAILED for one in found.signatures):
        return DocumentStatus.INVALID, missing
    if outcome is DocumentStatus.ALTERED:
        return DocumentStatus.ALTERED, (reason("altered"), *missing)
    if found.faults:
        return DocumentStatus.INVALID, missing
    if outcome is not None:
        return outcome, missing
    doubtful = found.doubts or not found.has_trust
    if doubtful or any(one.verdict is not Verdict.TOTAL_PASSED for one in signatures):
        return DocumentStatus.NOT_ENOUGH_EVIDENCE, missing
    if found.apart is not None:
        return found.apart, ()
    unknown = [one for one in signatures if one.role is Role.UNKNOWN]
    if missing and unknown:
        named = tuple(reason("role-unknown", field=one.field) for one in unknown)
        return DocumentStatus.NOT_ENOUGH_EVIDENCE, named
    if any(one.code == "signature-missing" for one in missing):
        return DocumentStatus.NO_SIGNATURE, missing
    return (DocumentStatus.NO_SEAL if missing else DocumentStatus.COMPLETE), missing


def _digest_failed(signature: SignatureReport) -> bool:
    return any(one.code == "digest-mismatch" for one in signature.reasons)


def _missing(found: Found, signatures: tuple[SignatureReport, ...]) -> tuple[Reason, ...]:
    """Reasons for the signatures that the document requires and does not have."""
    if found.apart is not None:
        return ()
    if found.reserved:
        signed = {one.field for one in signatures}
        return tuple(_missing_field(name) for name in found.reserved if name not in signed)
    roles = {one.role for one in signatures}
    reasons = []
    if Role.PERSON not in roles:
        reasons.append(reason("signature-missing", detail=""))
    if Role.ORGANISATION not in roles:
        reasons.append(reason("seal-missing", detail=""))
    return tuple(reasons)


def _missing_field(name: str) -> Reason:
    parsed = signature_name(name)
    is_seal = parsed is not None and parsed.is_seal
    return reason("seal-missing" if is_seal else "signature-missing", detail=name)
