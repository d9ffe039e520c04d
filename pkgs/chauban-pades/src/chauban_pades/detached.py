"""Assess a detached signature, `<name>.p7s`, beside a file that is no PDF (design section 2, 6).

ETSI EN 319 122-1 (CAdES); Nghị định 30/2020/NĐ-CP Phụ lục I mục II.8.b: an attachment in a file
of its own bears the agency's signature.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from cryptography import x509

from chauban_pki.certificates import Role
from chauban_pki.errors import PKIError
from chauban_pki.oids import ID_DATA
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.signed_data import SignedData, parse_signed_data, verify_signed_data
from chauban_pki.trust import Fetch, Trust
from chauban_pki.words import reason_for

from .concluding import Found, conclude
from .evidence import Circumstances
from .judging import judge
from .report import DocumentStatus, Report, SignatureReport, with_holder
from .words import reason

MAX_SIGNATURE_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024


def assess_detached(
    content: bytes | BinaryIO,
    p7s: bytes,
    *,
    trust: Trust,
    at: datetime,
    fetch: Fetch | None = None,
    data: ValidationData | None = None,
) -> Report:
    """What a file with a detached CMS signature is worth; `at` is the moment of asking, UTC.

    A file object is read to its end in pieces. `data` adds revocation information, such as that
    in the letter which the file belongs to. The agency's signature makes it an attachment. No
    exception escapes because of what the signature holds.
    """
    given = Circumstances(trust, at, fetch, data or ValidationData())
    report = _assess(content, p7s, given)
    is_seal = report.role is Role.ORGANISATION
    return conclude(
        Found(
            signatures=(report,),
            apart=DocumentStatus.ATTACHMENT if is_seal else None,
            has_trust=bool(trust.signing),
        )
    )


def _assess(content: bytes | BinaryIO, p7s: bytes, given: Circumstances) -> SignatureReport:
    report = SignatureReport("", revision=1, covers_whole_document=True)
    failed = replace(report, verdict=Verdict.TOTAL_FAILED)
    if len(p7s) > MAX_SIGNATURE_BYTES:
        return replace(failed, reasons=(reason("too-large"),))
    try:
        signed = parse_signed_data(p7s)
        if signed.content_type != ID_DATA or signed.content is not None:
            return replace(failed, reasons=(reason("content-type-wrong"),))
        digest = _digest(content, signed)

        def verify(at: datetime | None) -> x509.Certificate:
            return verify_signed_data(signed, digest=digest, at=at)

        found = judge(signed, verify, existed_at=given.at, given=given)
    except PKIError as error:
        return replace(report, verdict=error.verdict, reasons=(reason_for(error),))
    report = replace(
        report,
        verdict=found.verdict,
        reasons=found.reasons,
        level=found.level,
        signing_time=found.time or signed.signing_time,
        is_time_proved=found.time is not None,
    )
    return with_holder(report, found.certificate)


def _digest(content: bytes | BinaryIO, signed: SignedData) -> bytes:
    digest = hashlib.new(signed.stated_digest_name)
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
    return digest.digest()
