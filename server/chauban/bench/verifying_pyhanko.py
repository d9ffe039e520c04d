"""pyHanko as a participant of the verifying benchmark, in two ways."""

import asyncio
import io
import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import (
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from chauban_pki.revocation import ValidationData

# It warns of each structure that it finds unusual.
logging.getLogger("pyhanko").setLevel(logging.ERROR)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)

_ANY_SIGNING_USE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})


class Variant(Enum):
    """How pyHanko is used."""

    AS_SHIPPED = "as shipped"
    TUNED = "tuned"


class FoundInvalid(Exception):
    """It does not find every signature valid, trusted and unbroken by later changes."""


def pyhanko_act(
    variant: Variant, *, path: Path, root: Path, data: ValidationData, at: datetime
) -> Callable[[], object]:
    """Reads the file anew and judges all its signatures and document time-stamps.

    As shipped: a validation context for each, as its manual has it. Tuned: roots, certificates
    and revocation information parsed once for all calls, the file's own too, and one event loop
    kept; more than a server that meets a new file could keep.
    """
    if variant is Variant.AS_SHIPPED:
        return lambda: asyncio.run(_judge(path, lambda reader: _context(reader, root, data, at)))
    kept = _context(PdfFileReader(io.BytesIO(path.read_bytes())), root, data, at)
    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(_judge(path, lambda reader: kept))


async def _judge(path: Path, context: Callable[[PdfFileReader], ValidationContext]) -> None:
    reader = PdfFileReader(io.BytesIO(path.read_bytes()))
    found = [
        await async_validate_pdf_signature(
            one, context(reader), key_usage_settings=_ANY_SIGNING_USE
        )
        for one in reader.embedded_regular_signatures
    ]
    stamps = [
        await async_validate_pdf_timestamp(one, context(reader))
        for one in reader.embedded_timestamp_signatures
    ]
    is_valid = all(one.bottom_line for one in found) and all(one.trusted for one in stamps)
    if not found or not is_valid:
        raise FoundInvalid


def _context(
    reader: PdfFileReader, root: Path, data: ValidationData, at: datetime
) -> ValidationContext:
    """Revocation information from the file's store, else that at hand; nothing is fetched."""
    _, _, encoded = pem.unarmor(root.read_bytes())
    settings: dict[str, Any] = {
        "trust_roots": [x509.Certificate.load(encoded)],
        "allow_fetching": False,
        "moment": at,
        "revocation_mode": "hard-fail",
        "retroactive_revinfo": True,
    }
    if "/DSS" in reader.root:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)
    return ValidationContext(
        **settings,
        other_certs=[x509.Certificate.load(each) for each in data.certificates],
        crls=[crl.CertificateList.load(each) for each in data.crls],
        ocsps=[ocsp.OCSPResponse.load(each) for each in data.ocsps],
    )
