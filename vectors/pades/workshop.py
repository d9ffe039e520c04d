"""The workshop in which the vectors are made: a demonstration PKI and those who sign.

    python vectors/pades/workshop.py LETTER.pdf FOLDER

makes every vector from a letter with reserved fields into a new folder, with `root.pem` and a
line of expectations for each, to try any verifier on.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attacks import ATTACKS, Workshop
from attacks.revising import stream
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pades import add_validation_data, fill_and_seal, sign
from chauban_pades.filling import field_appearance, reserved_box
from chauban_pades.increments import Increment
from chauban_pades.locks import lock_parameters
from chauban_pades.originals import open_original
from chauban_pades.signatures import Claim, add_signature_dictionary, fields_of, prepare
from chauban_pki.credentials import Credential, KeyCredential
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.paths import Purpose, build_path
from chauban_pki.revocation import ValidationData, collect_validation_data
from chauban_pki.timestamps import Timestamper

VALUES = {"number": "05", "day": "23", "month": "11", "year": "2026"}


def workshop(
    reserved: bytes,
    *,
    signatory: Credential,
    seal: Credential,
    timestamp: Timestamper,
    data: ValidationData,
    now: datetime,
    authority: DemoAuthority,
) -> Workshop:
    """A workshop for a letter with one signatory and one seal."""

    def seal_with(pdf: bytes, shown: Mapping[str, tuple[str, str]]) -> bytes:
        return sealed_over(pdf, shown, seal=seal, timestamp=timestamp, now=now)

    return Workshop(
        reserved=reserved,
        sign=lambda pdf: sign(
            pdf, field="signatory-1", credential=signatory, timestamp=timestamp, now=now
        ),
        seal=lambda pdf: fill_and_seal(
            pdf, field="seal-1", values=VALUES, credential=seal, timestamp=timestamp, now=now
        ),
        keep=lambda pdf: add_validation_data(pdf, data=data),
        seal_with=seal_with,
        sealer=seal,
        authority=authority,
        timestamp=timestamp,
        data=data,
        now=now,
    )


def sealed_over(
    pdf: bytes,
    shown: Mapping[str, tuple[str, str]],
    *,
    seal: Credential,
    timestamp: Timestamper,
    now: datetime,
) -> bytes:
    """The letter sealed by one who fills fields as he likes: value and what is shown, by name.

    An empty value leaves the field empty.
    """
    original = open_original(pdf)
    fields = fields_of(original)
    increment = Increment(original)
    for name, usual in VALUES.items():
        value, text = shown.get(name, (usual, usual))
        widget = fields[name]
        box = reserved_box(widget)
        assert box is not None
        if value:
            form = original.dictionary(original.dictionary(widget[b"/AP"])[b"/N"])
            kept = [key + b" " + each for key, each in form.entries.items() if key != b"/Length"]
            content = field_appearance(text, box)
            increment.replace(form.reference, stream(content, b" ".join(kept)))
            filled = widget.text({b"/V": f"({value})".encode()})
            increment.replace(widget.reference, filled)
    widget = fields["seal-1"]
    lock = lock_parameters(original, widget)
    number = add_signature_dictionary(increment, Claim.of(seal, now), lock)
    increment.replace(widget.reference, widget.text({b"/V": b"%d 0 R" % number}))
    return prepare(increment, number).signed(seal, timestamp)


def validation_data(
    authority: DemoAuthority, *credentials: Credential, now: datetime
) -> ValidationData:
    """What proves these holders' certificates and the time-stamping authority's at that time."""

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        if body is not None:
            return ocsp_response(authority, body, now=now)
        return crl(authority, "root" if url.endswith("root.crl") else "issuing", now=now)

    trust = authority.trust("http://127.0.0.1:1")
    holders = [(one.certificate, Purpose.SIGNING) for one in credentials]
    holders.append((authority.tsa.certificate, Purpose.TIMESTAMPING))
    issuing = (authority.issuing.certificate,)
    paths = [
        build_path(certificate, intermediates=issuing, trust=trust, at=now, purpose=purpose)
        for certificate, purpose in holders
    ]
    return collect_validation_data(*paths, trust=trust, fetch=fetch, at=now)


def main(letter: Path, folder: Path) -> None:
    """Make every vector from a letter into a folder."""
    now = datetime.now(UTC).replace(microsecond=0)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as keys:
        authority = DemoAuthority.create(Path(keys, "demo"), now - timedelta(days=1))
        until = now + timedelta(days=365)
        signatory = KeyCredential.load(
            authority.issue_person(
                "Nguyễn Văn Bình",
                "Phó Chủ tịch",
                "Ủy ban nhân dân thành phố Huế",
                password="-",
                valid_from=now,
                valid_to=until,
            ),
            "-",
        )
        seal = KeyCredential.load(
            authority.issue_seal(
                "Ủy ban nhân dân thành phố Huế",
                "H57",
                password="-",
                valid_from=now,
                valid_to=until,
            ),
            "-",
        )
        shop = workshop(
            letter.read_bytes(),
            signatory=signatory,
            seal=seal,
            timestamp=timestamper(authority, now),
            data=validation_data(authority, signatory, seal, now=now),
            now=now,
            authority=authority,
        )
        (folder / "root.pem").write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
        (folder / "complete.pdf").write_bytes(shop.complete())
        with (folder / "expected.jsonl").open("w", encoding="utf-8") as expected:
            for attack in ATTACKS.values():
                (folder / f"{attack.name}.pdf").write_bytes(attack.make(shop))
                line = {
                    "file": f"{attack.name}.pdf",
                    "source": attack.source,
                    "document": attack.document,
                    "code": attack.code,
                }
                expected.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
