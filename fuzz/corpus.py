"""What fuzzing starts from: a demonstration PKI, signed letters, attacks on them, and their parts.

    python fuzz/corpus.py FOLDER

makes it once. A letter is small, so that a change hits its structure more often than its fonts.
"""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives.serialization import Encoding

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "vectors" / "pades"))

from attacks import ATTACKS, Workshop  # noqa: E402
from workshop import validation_data, workshop  # noqa: E402

from chauban_pades import reserve  # noqa: E402
from chauban_pki.certificates import encoded  # noqa: E402
from chauban_pki.cms import detached_signature  # noqa: E402
from chauban_pki.credentials import KeyCredential  # noqa: E402
from chauban_pki.demo.answers import crl, timestamper  # noqa: E402
from chauban_pki.demo.authority import DemoAuthority  # noqa: E402

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LARGEST_SEED_BYTES = 200_000
BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")


def small_letter(letter: bytes) -> bytes:
    """The typeset letter without what no signature depends on: outlines, tags, metadata."""
    pdf = pikepdf.open(io.BytesIO(letter))
    for key in ("/StructTreeRoot", "/Metadata", "/Outlines", "/OutputIntents", "/MarkInfo"):
        if key in pdf.Root:
            del pdf.Root[key]
    written = io.BytesIO()
    pdf.remove_unreferenced_resources()
    pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return written.getvalue()


def covered(pdf: bytes) -> set[str]:
    """The digests of what each byte range in a file covers, found without any of our readers."""
    found = set()
    for match in BYTE_RANGE.finditer(pdf):
        start, end, rest = map(int, match.groups())
        if end + rest <= len(pdf):
            found.add(sha256(pdf[:start] + pdf[end : end + rest]).hexdigest())
    return found


def make(folder: Path, letter: bytes) -> None:
    """Write the corpus into a new folder."""
    folder.mkdir(parents=True)
    authority = DemoAuthority.create(folder / "pki", NOW - timedelta(days=30))
    period = {"valid_from": NOW - timedelta(days=10), "valid_to": NOW + timedelta(days=700)}
    person = KeyCredential.load(
        authority.issue_person("Nguyễn Văn Bình", "Phó Chủ tịch", "UBND", password="-", **period),
        "-",
    )
    seal = KeyCredential.load(
        authority.issue_seal("UBND", "H57", password="-", key="p256", **period), "-"
    )
    data = validation_data(authority, person, seal, now=NOW)
    shop = workshop(
        reserve(small_letter(letter)),
        signatory=person,
        seal=seal,
        timestamp=timestamper(authority, NOW),
        data=data,
        now=NOW,
        authority=authority,
    )
    (folder / "root.pem").write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    signed = shop.sign(shop.reserved)
    pdfs = {"reserved": shop.reserved, "signed": signed, "sealed": shop.seal(signed)}
    pdfs["complete"] = shop.keep(pdfs["sealed"])
    pdfs |= _attacks(shop)
    known = sorted(set().union(*(covered(pdf) for pdf in pdfs.values())))
    (folder / "known.json").write_text(json.dumps(known))
    _write(folder / "reader", pdfs)
    digest = sha256(b"content").digest()
    token = shop.timestamp(sha256(b"data").digest())
    parts = {f"ocsp-{index}": b"3" + one for index, one in enumerate(data.ocsps)}
    parts |= {f"crl-{index}": b"2" + one for index, one in enumerate(data.crls)}
    parts["crl-issuing"] = b"2" + crl(authority, "issuing", now=NOW)
    parts |= {f"certificate-{n}": b"4" + one for n, one in enumerate(data.certificates)}
    parts["token"] = b"1" + token
    for name, one in {"rsa": person, "p256": seal}.items():
        for pss in (False, True) if name == "rsa" else (False,):
            credential = KeyCredential.of(one.key, one.certificate, one.chain, pss=pss)
            cms = detached_signature(
                digest, credential, claimed_at=NOW, timestamp=timestamper(authority, NOW)
            )
            parts[f"cms-{name}-{pss}"] = b"0" + cms
    _write(folder / "signed_data", parts)
    (folder / "signer.der").write_bytes(encoded(person.certificate))
    (folder / "sealer.der").write_bytes(encoded(seal.certificate))
    (folder / "issuing.der").write_bytes(encoded(authority.issuing.certificate))
    _write(folder / "report", {"empty": b"", "some": bytes(range(256))})


def _attacks(shop: Workshop) -> dict[str, bytes]:
    """Attacks and twins, as far as they are small."""
    made = {attack.name: attack.make(shop) for attack in ATTACKS.values()}
    own = [one for one in ATTACKS.values() if one.twin is not Workshop.complete]
    made |= {f"{attack.name}-twin": attack.twin(shop) for attack in own}
    return {name: pdf for name, pdf in made.items() if len(pdf) <= LARGEST_SEED_BYTES}


def _write(folder: Path, seeds: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in seeds.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    import typst

    source = ROOT / "pkgs" / "chauban-pades" / "tests" / "letter.typ"
    make(Path(sys.argv[1]), typst.compile(str(source), format="pdf", ignore_system_fonts=True))
