"""Assess a PDF by our own strict reading: the first of two legs (design decision 2).

Nothing raises because of what a file holds: an assessment is a report (ETSI EN 319 102-1 clause
5). Law: Thông tư 41/2017/TT-BTTTT (what a verifier checks), Nghị định 30/2020/NĐ-CP Điều 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chauban_pki.certificates import Role
from chauban_pki.reasons import Reason, Verdict
from chauban_pki.trust import Fetch, Trust

from . import words
from .changes import changes_after
from .comparing import FIELD_FILLED, Delta
from .concluding import Found, conclude, unreadable, with_role_checked
from .evidence import Circumstances, StoreProofs, assess_document_timestamp, read_store
from .names import signature_name
from .permissions import NO_LOCKS, Permissions, Surroundings, is_permitted, read_permissions
from .placing import apart_from_letter, is_marginal
from .reading import History, read_history
from .report import Change, DocumentStatus, PlaceOnPage, Report, SignatureReport
from .reserved_text import fault_of_filled, is_empty, text_fields
from .signature_assessing import assess_signature, malformed_signature
from .signature_reading import (
    MAX_SIGNATURES,
    Covered,
    Signature,
    SignatureMalformed,
    read_signature,
)
from .two_views import require_one_document
from .views import Field, Unreadable, View
from .whereabouts import field_spots


def assess(pdf: bytes, *, trust: Trust, at: datetime, fetch: Fetch | None = None) -> Report:
    """What a PDF is worth as a document, by its signatures and what changed after each.

    `at` is the moment of asking, UTC. Revocation is read from the file's own validation data;
    with fetch also from the addresses that trust allows. Without anchors nothing is better than
    INDETERMINATE. No exception escapes because of what the file holds.
    """
    try:
        return _assess(pdf, trust=trust, at=at, fetch=fetch)
    except Unreadable as error:
        return unreadable(error.why)
    except UnicodeDecodeError:  # a name or text that is not in the encoding it claims
        return unreadable("damaged")
    except Exception:  # a parser's crash is a report, never an error page (design decision 3)
        return unreadable("reader-failed")


@dataclass(frozen=True)
class _Read:
    """A signed field as it reads: the signature in it and what it locks, or why it is none."""

    field: Field
    signature: Signature | None = None
    permissions: Permissions = NO_LOCKS
    malformed: SignatureMalformed | None = None


def _assess(pdf: bytes, *, trust: Trust, at: datetime, fetch: Fetch | None) -> Report:
    history = read_history(pdf)
    newest = history.newest
    require_one_document(history)
    read = _read_signatures(history)
    given = Circumstances(trust, at, fetch, read_store(newest))
    covered = Covered(pdf, (each.signature for each in read if each.signature))
    given, stamp_faults = _with_document_timestamps(history, covered, read, given)
    reports = [_report(covered, each, given) for each in read if not _is_timestamp(each)]
    first = min((each.signature.revision for each in read if each.signature), default=None)
    if first is None or not reports:
        return conclude(Found(signatures=tuple(reports), has_trust=bool(trust.signing)))
    deltas, form = changes_after(history, first)
    reserved = tuple(name for name in form.fields if signature_name(name))
    reports = [with_role_checked(one, reserved) for one in reports]
    judged = _judge_changes(newest, deltas, read, reports, is_reserved=bool(reserved))
    found = Found(
        signatures=tuple(reports),
        changes=tuple(change for change, broken in judged if broken),
        broken_by=tuple(broken for _, broken in judged if broken),
        reserved=reserved,
        apart=_apart(newest, read, reports, reserved),
        faults=(*stamp_faults, *(_faults_of_text(newest, reports) if reserved else ())),
        doubts=(words.reason("structure-doubtful"),) if newest.warned else (),
        has_trust=bool(trust.signing),
    )
    permitted = tuple(change for change, broken in judged if not broken)
    return replace(conclude(found), permitted_changes=permitted)


def _read_signatures(history: History) -> list[_Read]:
    """Every signed field of the document as it stands, in the order of signing."""
    fields = [field for field in history.newest.fields.values() if field.kind == "/Sig"]
    signed = [field for field in fields if field.value is not None]
    if len(signed) > MAX_SIGNATURES:
        raise Unreadable("too-many-objects", "signatures")
    read: list[_Read] = []
    numbers: set[int] = set()
    for field in signed:
        try:
            signature = read_signature(history, field)
            if signature.object_number in numbers:
                raise SignatureMalformed("signature-shared")
            numbers.add(signature.object_number)
            permissions = read_permissions(field.value, field.dictionary)
            read.append(_Read(field, signature, permissions))
        except SignatureMalformed as malformed:
            read.append(_Read(field, malformed=malformed))
    return sorted(read, key=lambda each: each.signature.revision if each.signature else 0)


def _is_timestamp(read: _Read) -> bool:
    return read.signature is not None and read.signature.is_timestamp


def _report(covered: Covered, read: _Read, given: Circumstances) -> SignatureReport:
    if read.signature is not None:
        return assess_signature(covered, read.field.name, read.signature, given)
    malformed = read.malformed or SignatureMalformed("signature-dictionary-missing")
    return malformed_signature(read.field.name, malformed)


def _with_document_timestamps(
    history: History, covered: Covered, read: Sequence[_Read], given: Circumstances
) -> tuple[Circumstances, tuple[Reason, ...]]:
    """The circumstances with what the document time-stamps prove, the latest judged first."""
    faults: tuple[Reason, ...] = ()
    proved: dict[int, datetime] = {}
    stamps = [each.signature for each in read if each.signature and each.signature.is_timestamp]
    for signature in reversed(stamps):
        so_far = replace(given, proved=proved, item_proved_at=StoreProofs(history, proved))
        at = so_far.existed_at(signature.revision)
        report = assess_document_timestamp(covered, signature, at=at, given=so_far)
        if report.verdict is Verdict.TOTAL_PASSED and report.time is not None:
            proved = {**proved, signature.revision: report.time}
        elif report.verdict is Verdict.TOTAL_FAILED:
            faults += report.reasons
    return replace(given, proved=proved, item_proved_at=StoreProofs(history, proved)), faults


def _judge_changes(
    newest: View,
    deltas: Sequence[Delta],
    read: Sequence[_Read],
    reports: Sequence[SignatureReport],
    *,
    is_reserved: bool,
) -> list[tuple[Change, frozenset[str]]]:
    """The changes in their order, each with the fields whose signatures do not allow it."""
    seals = {
        one.field: one.revision
        for one in reports
        if one.role is Role.ORGANISATION and one.verdict is not Verdict.TOTAL_FAILED
    }
    sealed = {revision for revision in seals.values() if revision is not None}
    surroundings = Surroundings(is_reserved, sealed | _filled_for(sealed, deltas))
    signed_by = {each.signature.revision: each.field.name for each in read if each.signature}
    judged: list[tuple[Change, frozenset[str]]] = []
    for delta in deltas:
        broken = frozenset(
            each.field.name
            for each in read
            if each.signature is not None
            and each.signature.revision < delta.revision
            and not is_permitted(
                delta,
                each.permissions,
                is_seal=each.field.name in seals,
                surroundings=surroundings,
            )
        )
        change = _named(newest, delta, surroundings)
        judged.append((replace(change, signed_by=signed_by.get(delta.revision)), broken))
    return judged


def _filled_for(sealed: set[int], deltas: Sequence[Delta]) -> set[int]:
    """The revisions right before a seal's own that fill number and date, and do nothing else.

    So does a seal made elsewhere, which covers them (docs/adr/0023).
    """
    found: dict[int, set[str]] = {}
    for delta in deltas:
        found.setdefault(delta.revision, set()).add(delta.what)
    return {one - 1 for one in sealed if found.get(one - 1) == {FIELD_FILLED}}


def _named(newest: View, delta: Delta, surroundings: Surroundings) -> Change:
    unsealed = delta.what == FIELD_FILLED and delta.revision not in surroundings.sealed_revisions
    field = newest.fields.get(delta.field or "")
    spots = delta.spots or (field_spots(newest, field) if field else ())
    numbers = newest.pages if spots else {}
    places = (PlaceOnPage(numbers[one.page], one.box) for one in spots if one.page in numbers)
    return words.change(
        "filled-without-seal" if unsealed else delta.what,
        revision=delta.revision,
        page=delta.page,
        field=delta.field,
        detail=delta.detail,
        places=tuple(places),
    )


def _apart(
    newest: View,
    read: Sequence[_Read],
    reports: Sequence[SignatureReport],
    reserved: tuple[str, ...],
) -> DocumentStatus | None:
    """What the file is when only agencies signed it, apart from the letter itself."""
    if reserved or any(one.role is not Role.ORGANISATION for one in reports):
        return None
    field = next(each.field for each in read if not _is_timestamp(each))
    stated_reason = str(field.value.get("/Reason", ""))
    return apart_from_letter(
        field.name, stated_reason=stated_reason, is_marginal=is_marginal(newest, field)
    )


def _faults_of_text(newest: View, reports: Sequence[SignatureReport]) -> tuple[Reason, ...]:
    """What is wrong with number and date as they stand; empty ones count once sealed."""
    names = [signature_name(one.field) for one in reports]
    is_sealed = any(name is not None and name.is_seal for name in names)
    faults: list[Reason] = []
    for field in text_fields(newest).values():
        code = None if is_empty(field) else fault_of_filled(newest, field)
        if is_empty(field) and is_sealed:
            code = "field-empty"
        if code is not None:
            faults.append(words.reason(code, field=field.name))
    return tuple(faults)
