"""Papers signed and sealed for real, with keys of the demo's authority."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.typesetting import typeset
from chauban_pades import add_validation_data, fill_and_seal, reserve, sign, sign_attachment
from chauban_pades.collecting import validation_data_of
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.demo.authority import DemoAuthority
from tests.moments import NOW

BODY_NAME = "Ủy ban nhân dân thành phố Huế"
PASSWORD = "246810"
TABLE = b"stt;noi dung\n1;Thu\n"


@dataclass(frozen=True)
class Papers:
    letter: bytes  # complete: signatory and seal, B-LT
    unsealed: bytes  # the same before the seal
    attachment: bytes  # a PDF that only the agency signed
    table_signature: bytes  # .p7s of TABLE


def make_papers(authority: DemoAuthority) -> Papers:
    person, seal = _credentials(authority)
    stamp = timestamper(authority, NOW)
    reserved = reserve(typeset(_letter(), created_at=NOW))
    signed = sign(reserved, field="signatory-1", credential=person, timestamp=stamp, now=NOW)
    values = {"number": "05", "day": "23", "month": "11", "year": "2026"}
    sealed = fill_and_seal(
        signed, field="seal-1", values=values, credential=seal, timestamp=stamp, now=NOW
    )
    attachment = sign_attachment(
        typeset(_letter(), created_at=NOW),
        credential=seal,
        timestamp=stamp,
        now=NOW,
        lines=("Số: 05/UBND-TH",),
    )
    return Papers(
        letter=_for_ever(sealed, authority),
        unsealed=signed,
        attachment=_for_ever(attachment, authority),
        table_signature=detached_signature(
            sha256(TABLE).digest(), seal, claimed_at=NOW, timestamp=stamp
        ),
    )


def services_of(authority: DemoAuthority):
    """The authority's trust, and its revocation services asked without a network."""

    def fetch(url, body=None, content_type=""):
        if body is not None:
            return ocsp_response(authority, body, now=NOW)
        return crl(authority, "root" if "root" in url else "issuing", now=NOW)

    return authority.trust("http://localhost"), fetch


def _credentials(authority):
    valid = {"valid_from": NOW - timedelta(days=1), "valid_to": NOW + timedelta(days=365)}
    person = authority.issue_person(
        "Nguyễn Văn Thử", "Phó Chủ tịch", BODY_NAME, password=PASSWORD, key="p256", **valid
    )
    seal = authority.issue_seal(BODY_NAME, "H57", password=PASSWORD, key="p256", **valid)
    return KeyCredential.load(person, PASSWORD), KeyCredential.load(seal, PASSWORD)


def _for_ever(pdf, authority):
    trust, fetch = services_of(authority)
    data = validation_data_of(pdf, trust=trust, fetch=fetch, at=NOW)
    return add_validation_data(pdf, data=data)


def _letter() -> Letter:
    return Letter(
        kind=kind("cong_van"),
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        notation="UBND-TH",
        place="Huế",
        subject="chuẩn bị họp giao ban",
        body=(Paragraph("Ủy ban nhân dân thành phố yêu cầu các cơ quan chuẩn bị báo cáo."),),
        signers=(
            Signer(("TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"), "Nguyễn Văn Thử"),
        ),
        to_places=("Như trên",),
        addressees=("Các sở, ban, ngành thành phố",),
    )
