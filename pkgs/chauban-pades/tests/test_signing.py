"""Signing, filling and sealing, checked by qpdf, pdfsig and pyHanko (ETSI EN 319 142-1)."""

import io
import re
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chauban_pades import (
    add_timestamp,
    add_validation_data,
    fill_and_seal,
    fill_and_seal_pending,
    reserve,
    sign,
    sign_pending,
)
from chauban_pades.errors import (
    AlreadyTimestamped,
    CertificateNotValid,
    CoveredByLaterRevision,
    EncryptedPDF,
    FieldAlreadySigned,
    FieldNotFilled,
    FieldNotReserved,
    FieldNotSigned,
    HybridPDF,
    NoRoom,
    NotAPDF,
    NotASeal,
    PAdESError,
    SignedOutOfOrder,
    reason_for,
)
from chauban_pki.errors import TimestampUnavailable
from chauban_pki.signed_data import parse_signed_data, without_padding

VALID = {"valid": True, "trusted": True, "timestamped": True}


def signature_of(pdf: bytes, field: str) -> dict[str, object]:
    """The entries of a field's signature dictionary, as Python values."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fields = {str(each.T): each for each in document.Root.AcroForm.Fields}
        return {
            key: bytes(value)
            if key == "/Contents"
            else value.unparse().decode("latin-1")
            if isinstance(value, pikepdf.Object)
            else value
            for key, value in fields[field].V.items()
        }


def byte_range(pdf: bytes, field: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", str(signature_of(pdf, field)["/ByteRange"]))]


@pytest.fixture
def sign_letter(reserved, signatory, timestamp, now):
    """Signs the reserved letter; keywords replace what is given."""

    def signed(pdf=reserved, **changes):
        given = {
            "field": "signatory-1",
            "credential": signatory,
            "timestamp": timestamp,
            "now": now,
        }
        return sign(pdf, **{**given, **changes})

    return signed


@pytest.fixture
def seal_letter(signed, seal, timestamp, now, values):
    """Fills and seals the signed letter; keywords replace what is given."""

    def sealed(pdf=signed, **changes):
        given = {
            "field": "seal-1",
            "values": values,
            "credential": seal,
            "timestamp": timestamp,
            "now": now,
        }
        return fill_and_seal(pdf, **{**given, **changes})

    return sealed


def test_the_signature_is_valid_and_covers_the_whole_file(judge, signed, checked):
    checked(signed)
    assert judge(signed) == {"signatory-1": {**VALID, "coverage": "ENTIRE_FILE", "changes": "NONE"}}


def test_after_the_seal_the_signature_stays_valid_with_form_filling_since(judge, sealed, checked):
    checked(sealed)
    assert judge(sealed) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "FORM_FILLING"},
        "seal-1": {**VALID, "coverage": "ENTIRE_FILE", "changes": "NONE"},
    }


def test_after_validation_data_both_stay_valid(judge, sealed_lt, checked):
    """Judged with revocation hard-fail from the document's own store (PAdES B-LT)."""
    checked(sealed_lt)
    assert judge(sealed_lt) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "FORM_FILLING"},
        "seal-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "LTA_UPDATES"},
    }


def test_pdfsig_finds_both_signatures_valid(sealed_lt, checked):
    path = checked(sealed_lt)
    said = subprocess.run(
        ["pdfsig", "-nocert", path], capture_output=True, text=True, check=True
    ).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2
    assert said.count("Signature Type: ETSI.CAdES.detached") == 2
    assert "Signer Certificate Common Name: Nguyễn Văn Bình" in said


def test_pdfsig_and_pyhanko_refuse_a_sealed_letter_with_one_byte_changed(judge, sealed, tmp_path):
    at = sealed.index(b"/Type /Page ")
    changed = sealed[:at].replace(b"%PDF-1.7", b"%PDF-1.6") + sealed[at:]
    path = tmp_path / "changed.pdf"
    path.write_bytes(changed)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout
    assert "Signature is Valid" not in said
    assert [each["valid"] for each in judge(changed).values()] == [False, False]


def test_a_sealed_letter_is_still_pdfa_2b(reserved, sealed_lt):
    """ISO 19005-2 clauses 6.2.11.4, 6.6, 6.4: fonts embedded, marks unchanged, no scripts."""
    listed = subprocess.run(["pdffonts", "-"], input=sealed_lt, capture_output=True, check=True)
    fonts = [line.split() for line in listed.stdout.decode().splitlines()[2:]]
    assert {font[-5] for font in fonts} == {"yes"}
    before, after = (pikepdf.open(io.BytesIO(pdf)) for pdf in (reserved, sealed_lt))
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert after.Root.OutputIntents.unparse() == before.Root.OutputIntents.unparse()
    for page in after.pages:
        for widget in page.Annots:
            assert widget.F == 4
            assert "/A" not in widget
            assert "/AA" not in widget
    assert "/NeedAppearances" not in after.Root.AcroForm


def test_a_revision_is_appended_and_nothing_before_it_changes(reserved, signed, sealed, sealed_lt):
    assert signed.startswith(reserved)
    assert sealed.startswith(signed)
    assert sealed_lt.startswith(sealed)


def test_number_date_and_seal_are_one_revision(signed, sealed):
    assert sealed[len(signed) :].count(b"%%EOF") == 1


def test_the_dictionary_says_who_and_when_and_never_certifies(signed, now):
    """ISO 32000-1 Table 252; ETSI EN 319 142-1 clause 6.3."""
    entries = signature_of(signed, "signatory-1")
    with pikepdf.open(io.BytesIO(signed)) as document:
        signature = document.Root.AcroForm.Fields[4].V
        assert str(signature.Name) == "Nguyễn Văn Bình"
        assert str(signature.M) == "D:20261123090000+07'00'"
        assert "/Perms" not in document.Root
    assert entries["/SubFilter"] == "/ETSI.CAdES.detached"
    assert "/Reason" not in entries
    assert "DocMDP" not in str(entries["/Reference"])
    assert "FieldMDP" in str(entries["/Reference"])


def test_a_reason_is_stated_if_given(sign_letter):
    with pikepdf.open(io.BytesIO(sign_letter(reason="Phê duyệt"))) as document:
        assert str(document.Root.AcroForm.Fields[4].V.Reason) == "Phê duyệt"


def test_the_byte_range_leaves_out_the_contents_and_nothing_else(signed):
    """ISO 32000-1 clause 12.8.1: from < to > inclusive."""
    start, gap_start, gap_end, rest = byte_range(signed, "signatory-1")
    assert (start, gap_end + rest) == (0, len(signed))
    assert signed[gap_start : gap_start + 1] == b"<"
    assert signed[gap_end - 1 : gap_end] == b">"
    contents = signature_of(signed, "signatory-1")["/Contents"]
    assert signed[gap_start + 1 : gap_end - 1] == contents.hex().encode()


def test_the_cms_states_no_time_as_the_dictionary_does(signed):
    """ETSI EN 319 142-1 clause 6.3: signing-time shall not be used in PAdES."""
    contents = signature_of(signed, "signatory-1")["/Contents"]
    cms = parse_signed_data(without_padding(contents))
    assert cms.signing_time is None
    assert cms.timestamp_token is not None


def test_a_pending_signature_is_b_b_and_completed_in_place(
    judge, reserved, signatory, now, timestamp
):
    pending = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    assert judge(pending)["signatory-1"]["timestamped"] is False
    completed = add_timestamp(pending, field="signatory-1", timestamp=timestamp)
    assert judge(completed) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_FILE", "changes": "NONE"}
    }
    _, gap_start, gap_end, _ = byte_range(pending, "signatory-1")
    assert len(completed) == len(pending)
    assert completed[:gap_start] == pending[:gap_start]
    assert completed[gap_end:] == pending[gap_end:]


def test_a_pending_seal_is_completed_in_place(judge, signed, seal, now, values, timestamp):
    pending = fill_and_seal_pending(signed, field="seal-1", values=values, credential=seal, now=now)
    completed = add_timestamp(pending, field="seal-1", timestamp=timestamp)
    assert [each["valid"] for each in judge(completed).values()] == [True, True]
    assert judge(completed)["seal-1"]["timestamped"] is True


def test_several_signatories_and_seals_are_all_valid_at_b_lt(
    judge, typeset, signatory, seal, timestamp, now, values, validation_data
):
    """Joint documents (liên tịch): the first seal numbers, the last locks all signatures."""
    pdf = reserve(typeset(signatories=2, seals=2))
    given = {"timestamp": timestamp, "now": now}
    for field in ("signatory-1", "signatory-2"):
        pdf = sign(pdf, field=field, credential=signatory, **given)
    pdf = fill_and_seal(pdf, field="seal-1", values=values, credential=seal, **given)
    pdf = sign(pdf, field="seal-2", credential=seal, **given)
    pdf = add_validation_data(pdf, data=validation_data)
    verdicts = judge(pdf)
    assert [each["valid"] for each in verdicts.values()] == [True] * 4
    assert verdicts["seal-2"]["changes"] == "LTA_UPDATES"


@pytest.mark.parametrize("mode", ["generate", "disable"])
@pytest.mark.parametrize("linearized", [True, False])
def test_the_new_section_is_of_the_type_of_the_last_one(
    judge, checked, letter, reserved, signatory, seal, timestamp, now, values, mode, linearized
):
    """ISO 32000-1 clauses 7.5.4, 7.5.8; object streams and linearized files included."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(reserved)) as document:
        document.save(
            written,
            object_stream_mode=getattr(pikepdf.ObjectStreamMode, mode),
            linearize=linearized,
        )
    pdf = written.getvalue()
    given = {"timestamp": timestamp, "now": now}
    signed = sign(pdf, field="signatory-1", credential=signatory, **given)
    sealed = fill_and_seal(signed, field="seal-1", values=values, credential=seal, **given)
    checked(sealed)
    added = sealed[len(pdf) :]
    assert (added.count(b"/Type /XRef"), added.count(b"\nxref\n")) == (
        (2, 0) if mode == "generate" else (0, 2)
    )
    assert [each["valid"] for each in judge(sealed).values()] == [True, True]


def test_a_field_that_is_not_reserved_is_refused(sign_letter):
    with pytest.raises(FieldNotReserved, match="signatory-2"):
        sign_letter(field="signatory-2")


def test_a_text_field_takes_no_signature(sign_letter):
    with pytest.raises(FieldNotReserved, match="number"):
        sign_letter(field="number")


def test_a_signed_field_is_not_signed_again(sign_letter, signed):
    with pytest.raises(FieldAlreadySigned):
        sign_letter(signed)


def test_the_seal_does_not_come_before_the_signatory(seal_letter, reserved):
    """The signatory's lock covers no seal that was there before (design: section 3)."""
    with pytest.raises(SignedOutOfOrder, match="signatory-1"):
        seal_letter(reserved)


def test_a_seal_over_an_empty_number_is_refused(sign_letter, signed, seal):
    with pytest.raises(FieldNotFilled, match="number"):
        sign_letter(signed, field="seal-1", credential=seal)


def test_a_document_without_text_fields_is_sealed_with_sign(
    judge, typeset, signatory, seal, sign_letter
):
    pdf = sign_letter(reserve(typeset(texts="no")))
    sealed = sign_letter(pdf, field="seal-1", credential=seal)
    assert [each["valid"] for each in judge(sealed).values()] == [True, True]


def test_a_certificate_that_is_not_yet_or_no_longer_valid_is_refused(sign_letter, signatory):
    """RFC 5280 section 4.1.2.5: both ends of the period belong to it."""
    first = signatory.certificate.not_valid_before_utc
    last = signatory.certificate.not_valid_after_utc
    second = timedelta(seconds=1)
    for moment in (first, last):
        sign_letter(now=moment)
    for moment in (first - second, last + second):
        with pytest.raises(CertificateNotValid):
            sign_letter(now=moment)


def test_without_a_timestamp_there_is_no_b_t(sign_letter, seal_letter):
    def unavailable(digest: bytes) -> bytes:
        raise TimestampUnavailable("tsa.chauban.invalid")

    for act in (sign_letter, seal_letter):
        with pytest.raises(TimestampUnavailable):
            act(timestamp=unavailable)


def test_a_number_is_filled_with_a_seal_only(seal_letter, signatory, reserved):
    with pytest.raises(NotASeal):
        seal_letter(reserved, field="signatory-1", credential=signatory)


def test_a_second_timestamp_is_refused(signed, timestamp):
    with pytest.raises(AlreadyTimestamped):
        add_timestamp(signed, field="signatory-1", timestamp=timestamp)


def test_an_unsigned_field_takes_no_timestamp(signed, timestamp):
    with pytest.raises(FieldNotSigned):
        add_timestamp(signed, field="seal-1", timestamp=timestamp)


def test_a_timestamp_that_comes_after_the_next_revision_is_refused(
    reserved, signatory, seal, now, timestamp, values
):
    pending = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    later = fill_and_seal_pending(pending, field="seal-1", values=values, credential=seal, now=now)
    with pytest.raises(CoveredByLaterRevision):
        add_timestamp(later, field="signatory-1", timestamp=timestamp)


def test_a_token_larger_than_its_room_is_refused(sign_letter, timestamp):
    with pytest.raises(NoRoom):
        sign_letter(timestamp=lambda digest: b"\x30\x82\x40\x00" + bytes(0x4000))


def saved(pdf: bytes, **options: object) -> bytes:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(written, **options)
    return written.getvalue()


def test_an_encrypted_document_is_refused(sign_letter, reserved):
    """With or without a password to open it; the words tell what to do."""
    for user in ("", "mat-khau"):
        encryption = pikepdf.Encryption(owner="chu", user=user, R=6)
        with pytest.raises(EncryptedPDF) as refused:
            sign_letter(saved(reserved, encryption=encryption))
        assert "mật khẩu" in reason_for(refused.value).vi


def test_hybrid_cross_references_are_refused(sign_letter, reserved):
    """ISO 32000-1 clause 7.5.8.4: older and newer readers would see two documents."""
    previous = int(re.search(rb"startxref\n(\d+)", reserved)[1])
    root = re.search(rb"/Root \d+ 0 R", reserved)[0]
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer << /Size 200 %b /Prev %d%b >>\n"
    stream_at = len(reserved)
    entry = b"\x01" + stream_at.to_bytes(4, "big") + b"\x00"
    hidden = (
        b"199 0 obj\n<< /Type /XRef /W [1 4 1] /Index [199 1] /Size 200 %b /Length 6 >>\n" % root
    )
    hidden += b"stream\n" + entry + b"\nendstream\nendobj\n"
    end = b"startxref\n%d\n%%%%EOF\n" % (stream_at + len(hidden))
    plain = reserved + hidden + table % (root, previous, b"") + end
    hybrid = reserved + hidden + table % (root, previous, b" /XRefStm %d" % stream_at) + end
    sign_letter(plain)
    with pytest.raises(HybridPDF):
        sign_letter(hybrid)


def test_a_document_that_needs_repair_is_refused(sign_letter, reserved):
    for damaged in (
        reserved[:-40],
        b" " + reserved,
        reserved + b"x",
        reserved.replace(b"xref", b"xxxx"),
    ):
        with pytest.raises(NotAPDF):
            sign_letter(damaged)


def test_an_object_beyond_the_stated_size_is_refused(sign_letter, reserved):
    """Its number would be given to a new object, and what refers to it would show that."""
    size = int(re.search(rb"/Size (\d+)", reserved[reserved.rindex(b"trailer") :])[1])
    smaller = reserved.replace(b"/Size %d" % size, b"/Size %d" % (size - 5))
    with pytest.raises(PAdESError):
        sign_letter(smaller)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_parser_error_escapes_from_a_broken_document(seal_letter, signed, data):
    """Bytes are overwritten among the objects; qpdf may take it or not, but nothing crashes."""
    broken = bytearray(signed)
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(9, len(broken) - 1))
        broken[at] = data.draw(st.sampled_from(b"0159 /<>[]()RnNfS\x00\xff"))
    with suppress(PAdESError):
        seal_letter(bytes(broken))


def test_the_moment_may_be_given_in_any_zone(sign_letter):
    moment = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    with pikepdf.open(io.BytesIO(sign_letter(now=moment))) as document:
        assert str(document.Root.AcroForm.Fields[4].V.M) == "D:20261201063000+07'00'"
