"""The document security store (ETSI EN 319 142-1 clause 5.4)."""

import hashlib
import io

import pikepdf
import pytest

from chauban_pades import add_validation_data, fill_and_seal
from chauban_pades.errors import NotSigned
from chauban_pki.revocation import ValidationData


def stored(pdf: bytes, kind: str) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [each.read_bytes() for each in document.Root.DSS.get(kind, [])]


def identifiers(pdf: bytes) -> list[str]:
    """SHA-1 over the whole of /Contents, upper case (clause 5.4.2.3)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            "/" + hashlib.sha1(bytes(field.V.Contents)).hexdigest().upper()
            for field in document.Root.AcroForm.Fields
            if pikepdf.Name.Sig == field.FT and "/V" in field
        ]


def test_the_store_holds_what_was_given_once_each(sealed_lt, validation_data):
    assert stored(sealed_lt, "/Certs") == list(dict.fromkeys(validation_data.certificates))
    assert stored(sealed_lt, "/CRLs") == list(dict.fromkeys(validation_data.crls))
    assert stored(sealed_lt, "/OCSPs") == list(dict.fromkeys(validation_data.ocsps))
    assert stored(sealed_lt, "/OCSPs"), "the end entities' status"


def test_every_signature_has_its_entry_by_the_digest_of_its_contents(sealed_lt):
    with pikepdf.open(io.BytesIO(sealed_lt)) as document:
        related = document.Root.DSS.VRI
        assert sorted(related.keys()) == sorted(identifiers(sealed_lt))
        for entry in related.values():
            assert entry.Type == pikepdf.Name.VRI
            assert len(entry.Cert) > 0


def test_adding_again_adds_what_is_new_and_repeats_nothing(judge, sealed_lt, validation_data):
    later = ValidationData(
        certificates=validation_data.certificates, crls=(*validation_data.crls, b"0\x00")
    )
    again = add_validation_data(sealed_lt, data=later)
    assert stored(again, "/CRLs") == [*stored(sealed_lt, "/CRLs"), b"0\x00"]
    assert stored(again, "/Certs") == stored(sealed_lt, "/Certs")
    assert stored(again, "/OCSPs") == stored(sealed_lt, "/OCSPs")
    assert again.startswith(sealed_lt)


def test_a_store_can_be_extended_after_a_later_signature(
    judge, signed, validation_data, seal, timestamp, now, values, checked
):
    """Validation data for the signatory may be kept while the seal is still to come."""
    early = add_validation_data(signed, data=validation_data)
    sealed = fill_and_seal(
        early, field="seal-1", values=values, credential=seal, timestamp=timestamp, now=now
    )
    complete = add_validation_data(sealed, data=validation_data)
    checked(complete)
    with pikepdf.open(io.BytesIO(complete)) as document:
        assert sorted(document.Root.DSS.VRI.keys()) == sorted(identifiers(complete))
    assert [each["valid"] for each in judge(complete).values()] == [True, True]


def test_a_document_without_a_signature_is_refused(reserved, validation_data):
    with pytest.raises(NotSigned):
        add_validation_data(reserved, data=validation_data)
