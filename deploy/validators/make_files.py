"""Write a letter of ours at each step and level, for validators that are run by hand.

python deploy/validators/make_files.py FOLDER
"""

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.pictures import seal_image, signature_image
from chauban_docform.typesetting import typeset
from chauban_pades import (
    add_document_timestamp,
    add_validation_data,
    fill_and_seal,
    image_appearance,
    reserve,
    sign,
    sign_attachment,
    sign_pending,
)
from chauban_pades.collecting import validation_data_of
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.demo.authority import DemoAuthority

BODY, PERSON = "Ủy ban nhân dân thành phố Huế", "Nguyễn Văn Bình"
VALUES = {"number": "05", "day": "23", "month": "11", "year": "2026"}


def main(folder: Path) -> None:
    """Write root.cer and the files; the demonstration's keys stay in the folder too."""
    now = datetime.now(UTC).replace(microsecond=0)
    authority = DemoAuthority.create(folder / "pki", now)
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=700)}
    person = KeyCredential.load(
        authority.issue_person(PERSON, "Phó Chủ tịch", BODY, password="-", **period), "-"
    )
    seal = KeyCredential.load(
        authority.issue_seal(BODY, "H57", password="-", key="p256", **period), "-"
    )
    given = {"timestamp": timestamper(authority, now), "now": now}
    trust = authority.trust("http://127.0.0.1:1")

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        if body is not None:
            return ocsp_response(authority, body, now=now)
        return crl(authority, "root" if url.endswith("root.crl") else "issuing", now=now)

    picture = image_appearance(signature_image(PERSON), width_mm=50)
    letter = letter_of(now)
    made = {"1-letter": letter, "2-reserved": reserve(letter)}
    first = {"field": "signatory-1", "credential": person, "image": picture}
    made["3-signed-b-b"] = sign_pending(made["2-reserved"], now=now, **first)
    made["4-signed-b-t"] = sign(made["2-reserved"], **first, **given)
    made["5-sealed-b-t"] = fill_and_seal(
        made["4-signed-b-t"],
        field="seal-1",
        values=VALUES,
        credential=seal,
        image=image_appearance(seal_image(BODY), width_mm=36),
        **given,
    )
    data = validation_data_of(made["5-sealed-b-t"], trust=trust, fetch=fetch, at=now)
    made["6-sealed-b-lt"] = add_validation_data(made["5-sealed-b-t"], data=data)
    made["7-sealed-b-lta"] = add_document_timestamp(
        made["6-sealed-b-lt"], timestamp=given["timestamp"]
    )
    made["8-attachment-b-t"] = sign_attachment(
        letter_without_places(letter), credential=seal, lines=["05/UBND-VX", "23/11/2026"], **given
    )
    data = validation_data_of(made["8-attachment-b-t"], trust=trust, fetch=fetch, at=now)
    made["9-attachment-b-lt"] = add_validation_data(made["8-attachment-b-t"], data=data)
    for name, pdf in made.items():
        (folder / f"{name}.pdf").write_bytes(pdf)
    (folder / "root.cer").write_bytes(authority.root.certificate.public_bytes(Encoding.DER))


def letter_of(now: datetime) -> bytes:
    """The letter as our typesetter makes it."""
    letter = Letter(
        kind=kind("cong_van"),
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        notation="UBND-VX",
        place="Huế",
        subject="gửi, nhận văn bản điện tử có ký số",
        body=(Paragraph("Ủy ban nhân dân thành phố yêu cầu các cơ quan thực hiện."),),
        signers=(Signer(("TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"), PERSON),),
        to_places=("Như trên",),
        archive_line="VT, VX",
        addressees=("Sở Nội vụ",),
    )
    return typeset(letter, created_at=now)


def letter_without_places(letter: bytes) -> bytes:
    """The same without the marks of reserved fields, as an attachment that was made elsewhere."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter)) as document:
        for page in document.pages:
            del page.Annots
        document.save(written, fix_metadata_version=False)
    return written.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
