"""CMS, time-stamp tokens, CRLs, OCSP answers and certificates: an error of ours or a reading.

    python fuzz/signed_data.py CORPUS CRASHES [arguments of libFuzzer]

The first byte of an input says what the rest is read as.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chauban_pki", "chauban_pades.definite_lengths"]):
    from chauban_pades.definite_lengths import is_indefinite, with_definite_lengths
    from chauban_pki import der
    from chauban_pki.certificates import certificate_role, parse_certificate, signature_scheme
    from chauban_pki.crl_status import crl_urls, is_delta, read_crl
    from chauban_pki.errors import PKIError
    from chauban_pki.ocsp_status import ocsp_urls, read_ocsp
    from chauban_pki.profiles import check_profile
    from chauban_pki.signed_data import (
        parse_signed_data,
        verify_signed_data,
        weakness_today,
        without_padding,
    )
    from chauban_pki.timestamps import read_timestamp_response, verify_timestamp

from corpus import NOW
from fuzzing import Broken, run

CORPUS, CRASHES = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
SEEDS = [path.read_bytes() for path in sorted((CORPUS / "signed_data").iterdir())]
SIGNER, SEALER, ISSUING = (
    parse_certificate((CORPUS / name).read_bytes())
    for name in ("signer.der", "sealer.der", "issuing.der")
)
CONTENT, STAMPED = sha256(b"content").digest(), sha256(b"data").digest()


def _signed_data(data: bytes) -> None:
    if is_indefinite(data):
        data = with_definite_lengths(data)
    signed = parse_signed_data(without_padding(data))
    certificate = verify_signed_data(signed, digest=CONTENT, at=NOW)
    weakness_today(signed, certificate)
    if certificate.public_key() not in (SIGNER.public_key(), SEALER.public_key()):
        raise Broken("verified with a key that never signed")


def _token(data: bytes) -> None:
    with suppress(PKIError):
        read_timestamp_response(data, digest=STAMPED, nonce=bytes(8))
    info, _ = verify_timestamp(data, STAMPED)
    if info.time != NOW:
        raise Broken("a token that verifies states another time")


def _crl(data: bytes) -> None:
    is_delta(data)
    status = read_crl(data, SIGNER, ISSUING, now=NOW)
    if status.revoked_at is not None:
        raise Broken("revoked by a CRL that does not list it")


def _ocsp(data: bytes) -> None:
    status = read_ocsp(data, SIGNER, ISSUING, now=NOW)
    if status.revoked_at is not None:
        raise Broken("revoked by an answer that does not say so")


def _certificate(data: bytes) -> None:
    certificate = parse_certificate(data)
    with suppress(PKIError):
        signature_scheme(certificate)
    certificate_role(certificate)
    check_profile(certificate, at=NOW)
    crl_urls(certificate)
    ocsp_urls(certificate)


FIRST = ord("0")
READERS = (_signed_data, _token, _crl, _ocsp, _certificate)


def target(data: bytes) -> None:
    """Read the rest as the first byte says."""
    if data:
        with suppress(PKIError):
            READERS[(data[0] - FIRST) % len(READERS)](data[1:])


# Changes that keep lengths right


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """A few changes to elements, lengths made right again; sometimes any change of bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.1 or not data:
        data = chance.choice(SEEDS)
    if chance.random() < 0.25:
        return bytes(atheris.Mutate(data, max_size))
    for _ in range(chance.choice((1, 1, 2, 4))):
        with suppress(der.NotDER):
            data = data[:1] + _changed(data[1:], chance)
    return data[:max_size]


def _changed(encoded: bytes, chance: random.Random) -> bytes:
    """The element with a change somewhere in it."""
    element = der.read_all(encoded)
    try:
        children = [child.encoded for child in element.children()]
    except der.NotDER:
        children = []
    if not (element.tag & 0x20 and children) or chance.random() < 0.05:
        return _other(element.tag, element.contents, chance)
    place = chance.randrange(len(children))
    what = chance.random()
    if what < 0.05:
        del children[place]
    elif what < 0.1:
        children.insert(place, chance.choice(children))
    elif what < 0.15:
        chance.shuffle(children)
    else:
        children[place] = _changed(children[place], chance)
    return der.encode(element.tag, *children)


TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x17, 0x18, 0x30, 0x31, 0xA0, 0xA1)


def _other(tag: int, contents: bytes, chance: random.Random) -> bytes:
    what = chance.random()
    if what < 0.2:
        return der.encode(chance.choice(TAGS), contents)
    if what < 0.4:
        return der.encode(tag, chance.randbytes(chance.choice((0, 1, 2, len(contents)))))
    if what < 0.5:
        return der.encode(tag, (contents * chance.choice((2, 50)))[:100_000])
    if what < 0.6:
        return der.encode(tag, contents[: chance.randrange(len(contents) + 1)])
    changed = bytearray(contents or b"\0")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return der.encode(tag, bytes(changed))


if __name__ == "__main__":
    run(target, crashes=CRASHES, name="signed_data", mutate=mutate)
