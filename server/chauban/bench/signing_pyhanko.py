"""pyHanko as a participant of the signing benchmark, in three ways."""

import asyncio
import io
import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

from chauban_pki.credentials import KeyCredential
from chauban_pki.revocation import ValidationData

ROOM_BYTES = 16384

# It warns at each signature that revocation information is embedded without being fetched.
logging.getLogger("pyhanko").setLevel(logging.ERROR)


class Variant(Enum):
    """How pyHanko is used."""

    AS_SHIPPED = "as shipped"
    KEY_CACHED = "key cached"
    TUNED = "tuned"


class CachedSigner(signers.SimpleSigner):
    """Signs with a key that was loaded once; pyHanko loads and checks it at each signature."""

    credential: KeyCredential

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if dry_run:
            return bytes(self.credential.signature_algorithm.size_bytes)
        return self.credential.sign(data)


def pyhanko_act(
    variant: Variant,
    *,
    pdf: bytes,
    field: str,
    p12: Path,
    password: str,
    credential: KeyCredential,
    level: str,
    tsa_url: str,
    root: Path,
    data: ValidationData,
    now: datetime,
) -> Callable[[], object]:
    """Signs once; all that can be prepared is prepared, save what the variant leaves out.

    Tuned: the key cached, the room for the signature given and the loop kept.
    """
    signer = signers.SimpleSigner.load_pkcs12(str(p12), passphrase=password.encode())
    assert signer is not None
    if variant is not Variant.AS_SHIPPED:
        signer = CachedSigner(
            signing_cert=signer.signing_cert,
            signing_key=signer.signing_key,
            cert_registry=signer.cert_registry,
        )
        signer.credential = credential
    options: dict[str, Any] = {
        "field_name": field,
        "md_algorithm": "sha256",
        "subfilter": SigSeedSubFilter.PADES,
    }
    stamper = None if level == "B-B" else HTTPTimeStamper(tsa_url)
    if level in ("B-LT", "B-LTA"):
        options |= {"embed_validation_info": True, "use_pades_lta": level == "B-LTA"}

    async def act() -> object:
        if "embed_validation_info" in options:
            options["validation_context"] = _context(root, data, now)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        return await signers.async_sign_pdf(
            writer,
            signers.PdfSignatureMetadata(**options),
            signer=signer,
            timestamper=stamper,
            existing_fields_only=True,
            bytes_reserved=ROOM_BYTES if variant is Variant.TUNED else None,
        )

    if variant is Variant.TUNED:
        loop = asyncio.new_event_loop()
        return lambda: loop.run_until_complete(act())
    return lambda: asyncio.run(act())


def _context(root: Path, data: ValidationData, now: datetime) -> ValidationContext:
    """Revocation information at hand, parsed as pyHanko wants it, nothing fetched."""
    _, _, encoded = pem.unarmor(root.read_bytes())
    return ValidationContext(
        trust_roots=[x509.Certificate.load(encoded)],
        other_certs=[x509.Certificate.load(each) for each in data.certificates],
        crls=[crl.CertificateList.load(each) for each in data.crls],
        ocsps=[ocsp.OCSPResponse.load(each) for each in data.ocsps],
        allow_fetching=False,
        moment=now,
        revocation_mode="hard-fail",
    )
