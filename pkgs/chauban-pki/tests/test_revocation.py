"""OCSP and CRLs: who may say what, about whom, and for what time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.crl_status import read_crl
from chauban_pki.demo import answers
from chauban_pki.errors import (
    AddressNotAllowed,
    CertificateRevoked,
    RevocationInformationInvalid,
    RevocationInformationStale,
    RevocationUnknown,
    UnknownSerialNumber,
    Unreachable,
)
from chauban_pki.ocsp_status import ocsp_request, read_ocsp
from chauban_pki.paths import Purpose, build_path
from chauban_pki.revocation import (
    ValidationData,
    check_path_revocation,
    check_revocation,
    collect_validation_data,
)
from chauban_pki.revocation_status import require_fresh

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def root(mint):
    return mint("Gốc", None, ca=True)


@pytest.fixture(scope="module")
def ca(mint, root):
    return mint("Trung gian", root, ca=True)


@pytest.fixture(scope="module")
def leaf(mint, ca):
    return mint("Người ký", ca)


def test_data_that_bring_nothing_new_leave_what_is_known():
    held = ValidationData((b"1", b"2"), (b"3",), (b"4",))
    assert held | ValidationData((b"2",), (), (b"4",)) is held
    assert (held | ValidationData((b"5",))).certificates == (b"1", b"2", b"5")
    twice = ValidationData((b"1", b"1"))
    assert (twice | ValidationData()).certificates == (b"1",)


def test_of_a_stores_ocsp_responses_those_about_a_certificate_are_asked(make_ocsp, mint, ca, leaf):
    """And those that do not read, for them to be told of."""
    other = mint("Người khác", ca)
    about_leaf, about_other = make_ocsp(), make_ocsp(about=other)
    data = ValidationData(ocsps=(b"broken", about_other, about_leaf))
    assert data.ocsps_for(leaf.certificate) == (about_leaf, b"broken")
    assert data.ocsps_for(other.certificate) == (about_other, b"broken")
    assert data.ocsps_for(ca.certificate) == (b"broken",)


@pytest.fixture(scope="module")
def make_ocsp(mint, ca, leaf, now):
    """Makes an OCSP response about leaf, good and by ca unless told otherwise."""

    def make(
        *, about=None, issuer=None, responder=None, this_update=now, next_update=now + HOUR,
        revoked_at=None, embedded=(), status=None,
    ):  # fmt: skip
        about, issuer, responder = about or leaf, issuer or ca, responder or ca
        status = status or (ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD)
        reason = x509.ReasonFlags.key_compromise if revoked_at else None
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                about.certificate, issuer.certificate, hashes.SHA1(), status,
                this_update, next_update, revoked_at, reason,
            )
            .responder_id(ocsp.OCSPResponderEncoding.NAME, responder.certificate)
        )  # fmt: skip
        if embedded:
            builder = builder.certificates([one.certificate for one in embedded])
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@pytest.fixture(scope="module")
def make_crl(ca, now):
    """Makes a CRL, empty and by ca unless told otherwise."""

    def make(
        *, issuer=None, key=None, this_update=now, next_update=now + DAY, revoked=(), extensions=()
    ):
        issuer = issuer or ca
        builder = x509.CertificateRevocationListBuilder(
            issuer.certificate.subject, this_update, next_update
        )
        for one, revoked_at in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(one.certificate.serial_number, revoked_at).build()
            )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


def _read_ocsp(response, leaf, ca, now):
    return read_ocsp(response, leaf.certificate, ca.certificate, now=now)


def _read_crl(crl, leaf, ca, now):
    return read_crl(crl, leaf.certificate, ca.certificate, now=now)


OCSP_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])


def test_the_issuer_itself_may_answer(make_ocsp, leaf, ca, now):
    status = _read_ocsp(make_ocsp(), leaf, ca, now)
    assert (status.revoked_at, status.this_update, status.next_update) == (None, now, now + HOUR)


def test_a_responder_named_by_the_issuer_may_answer(mint, make_ocsp, leaf, ca, now):
    # RFC 6960 section 4.2.2.2
    responder = mint("OCSP", ca, OCSP_SIGNING)
    response = make_ocsp(responder=responder, embedded=[responder])
    assert _read_ocsp(response, leaf, ca, now).revoked_at is None


def test_nobody_else_may_answer(mint, make_ocsp, root, leaf, ca, now):
    signer = mint("OCSP", ca)
    of_another_ca = mint("OCSP", root, OCSP_SIGNING)
    expired = mint("OCSP", ca, OCSP_SIGNING, valid_to=now - DAY)
    for responder in (signer, of_another_ca, expired):
        response = make_ocsp(responder=responder, embedded=[responder])
        with pytest.raises(RevocationInformationInvalid, match="not authorised"):
            _read_ocsp(response, leaf, ca, now)
    named = mint("OCSP", ca, OCSP_SIGNING)
    with pytest.raises(RevocationInformationInvalid, match="missing"):
        _read_ocsp(make_ocsp(responder=named), leaf, ca, now)


def test_a_forged_response_is_refused(mint, make_ocsp, root, leaf, ca, now):
    namesake = mint("Trung gian", root, ca=True)
    with pytest.raises(RevocationInformationInvalid, match="not signed"):
        _read_ocsp(make_ocsp(responder=namesake), leaf, ca, now)


def test_a_response_about_another_certificate_is_refused(mint, make_ocsp, root, leaf, ca, now):
    other = mint("Người khác", ca)
    with pytest.raises(RevocationInformationInvalid, match="another certificate"):
        _read_ocsp(make_ocsp(about=other), leaf, ca, now)
    # The same serial number under another issuer is another certificate.
    with pytest.raises(RevocationInformationInvalid, match="another certificate"):
        _read_ocsp(make_ocsp(issuer=root), leaf, ca, now)


def test_a_response_that_does_not_know_is_no_answer(make_ocsp, leaf, ca, now):
    with pytest.raises(RevocationInformationInvalid, match="does not know"):
        _read_ocsp(make_ocsp(status=ocsp.OCSPCertStatus.UNKNOWN), leaf, ca, now)


def test_a_response_from_the_future_is_refused(make_ocsp, leaf, ca, now):
    _read_ocsp(make_ocsp(this_update=now + timedelta(minutes=4)), leaf, ca, now)
    with pytest.raises(RevocationInformationInvalid, match="future"):
        _read_ocsp(make_ocsp(this_update=now + timedelta(minutes=6)), leaf, ca, now)


@pytest.mark.parametrize("broken", [b"", b"\x30\x03\x0a\x01\x06", b"\x30\x80"])
def test_what_is_no_successful_response_is_refused(broken, leaf, ca, now):
    with pytest.raises(RevocationInformationInvalid):
        _read_ocsp(broken, leaf, ca, now)
    with pytest.raises(RevocationInformationInvalid):
        _read_crl(broken, leaf, ca, now)


def test_a_crl_lists_the_revoked(mint, make_crl, leaf, ca, now):
    other = mint("Người khác", ca)
    crl = make_crl(revoked=[(other, now - HOUR)])
    assert _read_crl(crl, leaf, ca, now).revoked_at is None
    assert _read_crl(crl, other, ca, now).revoked_at == now - HOUR


def test_a_crl_not_signed_by_the_issuer_is_refused(mint, make_crl, root, leaf, ca, now):
    with pytest.raises(RevocationInformationInvalid, match="another issuer"):
        _read_crl(make_crl(issuer=root), leaf, ca, now)
    with pytest.raises(RevocationInformationInvalid, match="not signed"):
        _read_crl(make_crl(key=root.key), leaf, ca, now)


def test_a_key_that_may_not_sign_crls_signs_none(mint, make_crl, root, now):
    # RFC 5280 section 6.3.3 (f)
    wrong = mint("Trung gian", root)
    with pytest.raises(RevocationInformationInvalid, match="may not sign CRLs"):
        _read_crl(make_crl(issuer=wrong), mint("Người ký", wrong), wrong, now)


def _point(**given) -> x509.IssuingDistributionPoint:
    usual = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**usual, **given})


@pytest.mark.parametrize(
    ("extension", "is_refused"),
    [
        (_point(only_contains_user_certs=True), False),
        (_point(only_contains_ca_certs=True), True),
        (_point(indirect_crl=True), True),
        (_point(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})), True),
        (_point(full_name=[x509.UniformResourceIdentifier("http://x.invalid/1")]), True),
        (x509.DeltaCRLIndicator(1), True),
    ],
)
def test_a_crl_must_cover_the_certificate(make_crl, leaf, ca, now, extension, is_refused):
    # RFC 5280 sections 5.2.4, 5.2.5, 6.3.3 (b)
    crl = make_crl(extensions=[extension])
    if is_refused:
        with pytest.raises(RevocationInformationInvalid):
            _read_crl(crl, leaf, ca, now)
    else:
        assert _read_crl(crl, leaf, ca, now).revoked_at is None


def test_information_that_ended_before_the_moment_is_stale(make_crl, make_ocsp, leaf, ca, now):
    for status in (
        _read_crl(make_crl(next_update=now + DAY), leaf, ca, now),
        _read_ocsp(make_ocsp(next_update=now + DAY), leaf, ca, now),
    ):
        require_fresh(status, at=now + DAY)
        require_fresh(status, at=now - DAY)
        with pytest.raises(RevocationInformationStale):
            require_fresh(status, at=now + DAY + timedelta(seconds=1))


def test_a_revocation_counts_from_its_moment(make_ocsp, leaf, ca, now):
    # Thông tư 41/2017/TT-BTTTT: valid when the certificate was valid at signing time.
    data = ValidationData(ocsps=(make_ocsp(revoked_at=now - HOUR),))

    def check(at):
        return check_revocation(leaf.certificate, ca.certificate, data=data, at=at, now=now)

    assert check(now - HOUR - timedelta(seconds=1)).revoked_at == now - HOUR
    with pytest.raises(CertificateRevoked) as revoked:
        check(now - HOUR)
    assert (revoked.value.revoked_at, revoked.value.cause) == (now - HOUR, "keyCompromise")


def test_a_good_answer_does_not_hide_a_revocation(make_ocsp, make_crl, leaf, ca, now):
    good = make_ocsp(this_update=now - 2 * HOUR, next_update=now + HOUR)
    data = ValidationData(ocsps=(good,), crls=(make_crl(revoked=[(leaf, now - HOUR)]),))
    with pytest.raises(CertificateRevoked):
        check_revocation(leaf.certificate, ca.certificate, data=data, at=now, now=now)
    without = replace(data, crls=())
    assert check_revocation(leaf.certificate, ca.certificate, data=without, at=now, now=now)


def test_information_made_after_expiry_does_not_show_a_certificate_good(mint, make_ocsp, ca, now):
    # It may have been dropped from the CRL by then (RFC 5280 section 3.3).
    expired = mint("Người ký", ca, valid_to=now - HOUR)
    for this_update, is_known in ((now - 2 * HOUR, True), (now, False)):
        data = ValidationData(ocsps=(make_ocsp(about=expired, this_update=this_update),))
        arguments = {"data": data, "at": now - 3 * HOUR, "now": now}
        if is_known:
            assert check_revocation(expired.certificate, ca.certificate, **arguments)
        else:
            with pytest.raises(RevocationUnknown):
                check_revocation(expired.certificate, ca.certificate, **arguments)


def test_without_information_the_status_is_unknown_and_says_why(make_crl, leaf, ca, now):
    stale = make_crl(this_update=now - 2 * DAY, next_update=now - DAY)
    with pytest.raises(RevocationUnknown) as unknown:
        check_revocation(
            leaf.certificate, ca.certificate, data=ValidationData((), (stale,)), at=now, now=now
        )
    assert [type(cause) for cause in unknown.value.causes] == [RevocationInformationStale]


# With the demonstration service


@pytest.fixture
def paths(authority, person, trust, now):
    return [
        build_path(
            credential.certificate,
            intermediates=credential.chain,
            trust=trust,
            at=now,
            purpose=purpose,
        )
        for credential, purpose in (
            (person, Purpose.SIGNING),
            (authority.tsa, Purpose.TIMESTAMPING),
        )
    ]


def test_validation_data_collected_once_serve_without_a_network(paths, trust, fetch, now):
    # ETSI EN 319 142-1 clause 5.4: OCSP for each end entity, one CRL for the issuing CA.
    data = collect_validation_data(*paths, trust=trust, fetch=fetch, at=now)
    assert (len(data.certificates), len(data.crls), len(data.ocsps)) == (4, 1, 2)
    for path in paths:
        statuses = check_path_revocation(path, data=data, at=now, now=now)
        assert [status.source for status in statuses] == ["ocsp", "crl"]


def test_an_address_that_is_not_listed_is_not_fetched(paths, trust, fetch, now):
    # Design decision 19
    asked: list[str] = []

    def spy(url, body=None, content_type=""):
        asked.append(url)
        return fetch(url, body, content_type)

    unlisted = replace(trust, addresses={})
    with pytest.raises(RevocationUnknown) as unknown:
        collect_validation_data(*paths, trust=unlisted, fetch=spy, at=now)
    assert {type(cause) for cause in unknown.value.causes} == {AddressNotAllowed}
    assert asked == []
    collect_validation_data(*paths, trust=trust, fetch=spy, at=now)
    assert all(url.startswith("http://127.0.0.1:1/") for url in asked)


def test_when_ocsp_does_not_answer_the_crl_does(paths, trust, fetch, now):
    def only_crls(url, body=None, content_type=""):
        if body is not None:
            raise Unreachable(url, "down")
        return fetch(url)

    data = collect_validation_data(*paths, trust=trust, fetch=only_crls, at=now)
    assert (len(data.crls), len(data.ocsps)) == (2, 0)


def test_a_revoked_seal_is_known_by_ocsp_and_crl(authority, issue_seal, trust, fetch, now):
    seal = issue_seal()
    authority.revoke(
        seal.certificate.serial_number, now - HOUR, x509.ReasonFlags.cessation_of_operation
    )
    authority.revoke(seal.certificate.serial_number, now, x509.ReasonFlags.key_compromise)
    issuer = authority.issuing.certificate
    response = answers.ocsp_response(authority, ocsp_request(seal.certificate, issuer), now=now)
    crl = answers.crl(authority, "issuing", now=now)
    for status in (
        read_ocsp(response, seal.certificate, issuer, now=now),
        read_crl(crl, seal.certificate, issuer, now=now),
    ):
        assert (status.revoked_at, status.cause) == (now - HOUR, "cessationOfOperation")
    with pytest.raises(CertificateRevoked):
        check_revocation(
            seal.certificate,
            issuer,
            data=ValidationData(),
            at=now,
            now=now,
            trust=trust,
            fetch=fetch,
        )


def test_what_was_never_issued_cannot_be_revoked(authority, now):
    with pytest.raises(UnknownSerialNumber):
        authority.revoke(1, now)
