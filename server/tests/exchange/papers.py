"""Papers signed and sealed for real, with keys of the demo's authority."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from chauban.directory.rules import legal_day
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
    person, seal = _credentials(authority, BODY_NAME, "H57", NOW)
    stamp = timestamper(authority, NOW)
    signed = _signed(person, stamp, NOW)
    attachment = sign_attachment(
        typeset(_letter(), created_at=NOW),
        credential=seal,
        timestamp=stamp,
        now=NOW,
        lines=("Số: 05/UBND-TH",),
    )
    return Papers(
        letter=_sealed(signed, seal, authority, NOW),
        unsealed=signed,
        attachment=_for_ever(attachment, authority, NOW),
        table_signature=detached_signature(
            sha256(TABLE).digest(), seal, claimed_at=NOW, timestamp=stamp
        ),
    )


def make_letter(authority: DemoAuthority, *, name: str, organ_id: str, now: datetime) -> bytes:
    """A letter that a body of that name has signed, numbered and sealed, B-LT."""
    person, seal = _credentials(authority, name, organ_id, now)
    return _sealed(_signed(person, timestamper(authority, now), now), seal, authority, now)


def services_of(authority: DemoAuthority, now: datetime = NOW):
    """The authority's trust, and its revocation services asked without a network."""

    def fetch(url, body=None, content_type=""):
        if body is not None:
            return ocsp_response(authority, body, now=now)
        return crl(authority, "root" if "root" in url else "issuing", now=now)

    return authority.trust("http://localhost"), fetch


def _signed(person, stamp, now):
    reserved = reserve(typeset(_letter(), created_at=now))
    return sign(reserved, field="signatory-1", credential=person, timestamp=stamp, now=now)


def _sealed(signed, seal, authority, now):
    day = legal_day(now)
    values = {"number": "05", "day": f"{day:%d}", "month": f"{day:%m}", "year": f"{day:%Y}"}
    sealed = fill_and_seal(
        signed,
        field="seal-1",
        values=values,
        credential=seal,
        timestamp=timestamper(authority, now),
        now=now,
    )
    return _for_ever(sealed, authority, now)


def _credentials(authority, name, organ_id, now):
    valid = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=365)}
    person = authority.issue_person(
        "Nguyễn Văn Thử", "Phó Chủ tịch", name, password=PASSWORD, key="p256", **valid
    )
    seal = authority.issue_seal(name, organ_id, password=PASSWORD, key="p256", **valid)
    return KeyCredential.load(person, PASSWORD), KeyCredential.load(seal, PASSWORD)


def _for_ever(pdf, authority, now):
    trust, fetch = services_of(authority, now)
    data = validation_data_of(pdf, trust=trust, fetch=fetch, at=now)
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
