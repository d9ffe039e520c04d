"""What keeps trust current: delta and huge CRLs, caches, fail-over, warnings, profiles."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Thread
from time import perf_counter
from wsgiref.simple_server import WSGIServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pki import crls, der
from chauban_pki.algorithms import ECDSA_P256_SHA256
from chauban_pki.cache import LONGEST_CRL, LONGEST_OCSP, CachingFetch
from chauban_pki.credentials import KeyCredential
from chauban_pki.crl_status import read_crl, read_delta_crl
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.service import make_server
from chauban_pki.errors import (
    CertificateRevoked,
    RevocationInformationInvalid,
    RevocationInformationStale,
    RevocationUnknown,
    TimestampUnavailable,
    Unreachable,
    UntrustedAnchor,
)
from chauban_pki.network import HTTPClient
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE, ocsp_request
from chauban_pki.paths import CertificatePath, Purpose, build_path
from chauban_pki.profiles import check_profile, expiry_warning
from chauban_pki.revocation import ValidationData, check_revocation, collect_validation_data
from chauban_pki.revocation_status import require_fresh
from chauban_pki.timestamps import Failover, Timestamper, http_timestamper, verify_timestamp
from chauban_pki.trust import Fetch, Trust

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DIGEST = sha256(b"data").digest()


# Delta CRLs (RFC 5280 section 5.2.4)


@pytest.fixture(scope="module")
def ca(mint):
    return mint("Nơi cấp", None, ca=True)


@pytest.fixture(scope="module")
def leaf(mint, ca):
    points = x509.CRLDistributionPoints([_point("http://ca.invalid/full.crl")])
    return mint("Người ký", ca, points)


def _point(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)


MakeCRL = Callable[..., bytes]


@pytest.fixture
def make_crl(ca, now: datetime) -> MakeCRL:
    """Make a CRL: `make_crl(number, {serial: reason}, base=, at=, *extensions)`."""

    def make(
        number: int,
        revoked: dict[int, x509.ReasonFlags],
        *extensions: x509.ExtensionType,
        base: int | None = None,
        at: datetime = now - HOUR,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(ca.certificate.subject)
            .last_update(at)
            .next_update(at + 2 * HOUR)
            .add_extension(x509.CRLNumber(number), False)
        )
        if base is not None:
            builder = builder.add_extension(x509.DeltaCRLIndicator(base), True)
        for one in extensions:
            builder = builder.add_extension(one, isinstance(one, x509.IssuingDistributionPoint))
        for serial_number, reason in revoked.items():
            entry = x509.RevokedCertificateBuilder(serial_number, now - 2 * HOUR)
            entry = entry.add_extension(x509.CRLReason(reason), False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key or ca.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


HOLD, COMPROMISE = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.key_compromise


def test_a_delta_adds_a_revocation(make_crl: MakeCRL, ca, leaf, now: datetime):
    serial_number = leaf.certificate.serial_number
    data = ValidationData(crls=(make_crl(5, {}),))
    known = {"at": now, "now": now}
    status = check_revocation(leaf.certificate, ca.certificate, data=data, **known)
    assert status.revoked_at is None
    delta = make_crl(6, {serial_number: COMPROMISE}, base=5)
    with pytest.raises(CertificateRevoked):
        check_revocation(
            leaf.certificate, ca.certificate, data=data | ValidationData(crls=(delta,)), **known
        )


def test_a_delta_lifts_a_hold(make_crl: MakeCRL, ca, leaf, now: datetime):
    """RFC 5280 section 5.3.1: removeFromCRL stands in delta CRLs alone."""
    serial_number = leaf.certificate.serial_number
    held = make_crl(5, {serial_number: HOLD})
    lifted = make_crl(6, {serial_number: x509.ReasonFlags.remove_from_crl}, base=5)
    known = {"at": now, "now": now}
    with pytest.raises(CertificateRevoked):
        check_revocation(
            leaf.certificate, ca.certificate, data=ValidationData(crls=(held,)), **known
        )
    status = check_revocation(
        leaf.certificate, ca.certificate, data=ValidationData(crls=(lifted, held)), **known
    )
    assert (status.revoked_at, status.delta) == (None, lifted)


def test_a_delta_alone_says_nothing(make_crl: MakeCRL, ca, leaf, now: datetime):
    data = ValidationData(crls=(make_crl(6, {}, base=5),))
    with pytest.raises(RevocationUnknown):
        check_revocation(leaf.certificate, ca.certificate, data=data, at=now, now=now)
    with pytest.raises(RevocationInformationInvalid, match="without the complete one"):
        read_crl(data.crls[0], leaf.certificate, ca.certificate, now=now)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"number": 8, "base": 6}, "does not follow"),
        ({"number": 5, "base": 4}, "does not follow"),
        ({"number": 6, "base": None}, "not a delta"),
        ({"number": 6, "base": 5, "forged": True}, "not signed"),
        ({"number": 6, "base": 5, "users_only": True}, "scope"),
        ({"number": 6, "base": 5, "later": 2 * HOUR}, "future"),
        ({"number": 6, "base": 5}, ""),
    ],
    ids=str,
)
def test_a_delta_has_to_follow_its_complete_crl(
    make_crl: MakeCRL, ca, leaf, now: datetime, options: dict, told: str
):
    """RFC 5280 section 6.3.3 (c)."""
    known = read_crl(make_crl(5, {}), leaf.certificate, ca.certificate, now=now)
    users = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    delta = make_crl(
        options["number"],
        {},
        *((users,) if "users_only" in options else ()),
        base=options["base"],
        at=now - HOUR + options.get("later", timedelta(0)),
        key=ec.generate_private_key(ec.SECP256R1()) if "forged" in options else None,
    )
    arguments = (delta, known, leaf.certificate, ca.certificate)
    if told:
        with pytest.raises(RevocationInformationInvalid, match=told):
            read_delta_crl(*arguments, now=now)
    else:
        assert read_delta_crl(*arguments, now=now).delta == delta


def test_the_newest_delta_is_fetched_where_the_crl_names_it(
    make_crl: MakeCRL, ca, leaf, now: datetime
):
    """RFC 5280 section 5.2.6: freshestCRL; without the delta the complete CRL still counts."""
    freshest = x509.FreshestCRL([_point("http://ca.invalid/delta.crl")])
    served = {
        "http://127.0.0.1:1/full.crl": make_crl(5, {}, freshest),
        "http://127.0.0.1:1/delta.crl": make_crl(
            6, {leaf.certificate.serial_number: COMPROMISE}, base=5
        ),
    }

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        try:
            return served[url]
        except KeyError:
            raise Unreachable(url, "404") from None

    trust = Trust((ca.certificate,), addresses={"ca.invalid": "http://127.0.0.1:1"})
    asked = {"data": ValidationData(), "at": now, "now": now, "trust": trust, "fetch": fetch}
    with pytest.raises(CertificateRevoked):
        check_revocation(leaf.certificate, ca.certificate, **asked)
    served["http://127.0.0.1:1/delta.crl"] = make_crl(6, {}, base=5)
    path = CertificatePath((leaf.certificate, ca.certificate))
    collected = collect_validation_data(path, trust=trust, fetch=fetch, at=now)
    assert set(collected.crls) == set(served.values())
    del served["http://127.0.0.1:1/delta.crl"]
    assert check_revocation(leaf.certificate, ca.certificate, **asked).delta == b""


# Huge CRLs


def _huge_crl(ca, serial_numbers: range, now: datetime) -> bytes:
    """A CRL in DER of our own making: `cryptography` takes a minute for as many entries."""
    time = der.encode(der.UTC_TIME, f"{now - HOUR:%y%m%d%H%M%SZ}".encode())
    entry = der.encode(der.SEQUENCE, der.encode_integer(serial_numbers[0]), time)
    entries = b"".join(
        entry[:4] + number.to_bytes(16, "big") + entry[20:] for number in serial_numbers
    )
    to_be_signed = der.encode(
        der.SEQUENCE,
        der.encode_integer(1),
        ECDSA_P256_SHA256.der,
        ca.certificate.subject.public_bytes(),
        time,
        der.encode(der.UTC_TIME, f"{now + DAY:%y%m%d%H%M%SZ}".encode()),
        der.encode(der.SEQUENCE, entries),
    )
    value = ca.key.sign(to_be_signed, ec.ECDSA(hashes.SHA256()))
    return der.encode(
        der.SEQUENCE, to_be_signed, ECDSA_P256_SHA256.der, der.encode(0x03, b"\0" + value)
    )


def test_a_huge_crl_is_opened_once_and_then_asked_without_delay(ca, mint, now: datetime):
    """100,000 revoked: all certificates after the first cost a look into a set."""
    start = 0x7000_0000_0000_0000_0000_0000_0000_0000
    crl = _huge_crl(ca, range(start, start + 100_000), now)
    leaves = [mint(f"Người {number}", ca).certificate for number in range(20)]
    read_crl(crl, leaves[0], ca.certificate, now=now)
    started = perf_counter()
    for one in leaves:
        assert read_crl(crl, one, ca.certificate, now=now).revoked_at is None
    each = (perf_counter() - started) / len(leaves)
    assert each < 0.002
    opened = crls.open_crl(crl)
    assert opened.entry(start + 99_999) is not None
    assert opened.entry(start + 100_000) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"\x02\x10\x70", b"\x04\x10\x70"), (b"\x02\x10\x70\x00", b"\x02\x10\x00\x70")],
    ids=["no INTEGER", "not minimal"],
)
def test_an_index_is_never_made_of_what_could_hide_an_entry(
    ca, leaf, now: datetime, before: bytes, after: bytes
):
    start = 0x7000_0000_0000_0000_0000_0000_0000_0000
    crl = _huge_crl(ca, range(start, start + 2), now)
    crls.open_crl(crl)
    with pytest.raises(RevocationInformationInvalid, match="malformed"):
        crls.open_crl(crl.replace(before, after, 1))


# Caches


def _counting(fetch: Fetch) -> tuple[Fetch, list[str]]:
    asked: list[str] = []

    def counted(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        asked.append(url)
        return fetch(url, body, content_type)

    return counted, asked


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def test_answers_are_given_again_while_fresh_and_fetched_anew_after(
    seal: KeyCredential, authority: DemoAuthority, fetch: Fetch, now: datetime
):
    counted, asked = _counting(fetch)
    clock = Clock(now)
    cached = CachingFetch(counted, clock)
    request = ocsp_request(seal.certificate, authority.issuing.certificate)

    def ask() -> None:
        cached("http://127.0.0.1:1/ocsp", request, OCSP_REQUEST_TYPE)
        cached("http://127.0.0.1:1/crl/root.crl")

    ask()
    ask()
    assert len(asked) == 2
    clock.now = now + LONGEST_OCSP
    ask()
    assert asked[2:] == ["http://127.0.0.1:1/ocsp"]
    clock.now = now + LONGEST_CRL
    ask()
    assert asked[3:].count("http://127.0.0.1:1/crl/root.crl") == 1
    cached.forget()
    ask()
    assert asked[-2:] == ["http://127.0.0.1:1/ocsp", "http://127.0.0.1:1/crl/root.crl"]


def test_questions_about_two_certificates_are_kept_apart(
    seal: KeyCredential, person: KeyCredential, authority: DemoAuthority, fetch: Fetch,
    now: datetime,
):  # fmt: skip
    cached = CachingFetch(fetch, Clock(now))
    issuer = authority.issuing.certificate
    kept = {
        cached("http://127.0.0.1:1/ocsp", ocsp_request(one.certificate, issuer), OCSP_REQUEST_TYPE)
        for one in (seal, person)
    }
    assert len(kept) == 2


@pytest.mark.parametrize("content", [b"<html>", b"\x30\x03\x0a\x01\x06"], ids=["junk", "try later"])
def test_what_states_no_life_is_never_kept(content: bytes, now: datetime):
    counted, asked = _counting(lambda url, body=None, content_type="": content)
    cached = CachingFetch(counted, Clock(now))
    for _ in range(2):
        cached("http://127.0.0.1:1/ocsp", b"", OCSP_REQUEST_TYPE)
        cached("http://127.0.0.1:1/crl")
    assert len(asked) == 4


def test_the_cache_keeps_no_more_than_its_bytes(make_crl: MakeCRL, now: datetime):
    one = make_crl(1, {}, at=now)
    counted, asked = _counting(lambda url, body=None, content_type="": one)
    cached = CachingFetch(counted, Clock(now), most_bytes=2 * len(one))
    for name in ("a", "b", "c", "c", "b", "a"):
        cached(f"http://127.0.0.1:1/{name}")
    assert [url[-1] for url in asked] == ["a", "b", "c", "a"]


# Several time-stamping authorities


@pytest.fixture
def server(authority: DemoAuthority, now: datetime) -> Iterator[WSGIServer]:
    with make_server(authority.folder, "127.0.0.1", 0, lambda: now) as running:
        Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


def test_the_next_authority_stamps_when_one_is_dead(server: WSGIServer):
    """One is a closed port, the other the demonstration service; connections are kept."""
    client = HTTPClient(timeout_seconds=2)
    seconds = [0.0]
    asked: list[str] = []

    def post(url: str, body: bytes, content_type: str) -> bytes:
        asked.append(url)
        return client(url, body, content_type)

    dead, alive = "http://127.0.0.1:9/tsa", f"http://127.0.0.1:{server.server_port}/tsa"
    stampers = tuple(http_timestamper(url, post=post) for url in (dead, alive))
    timestamp: Timestamper = Failover(stampers, lambda: seconds[0])
    for _ in range(3):
        verify_timestamp(timestamp(DIGEST), DIGEST)
    # The dead one is asked once; for the next minute it is the last resort.
    assert asked == [dead, alive, alive, alive]
    seconds[0] = 61
    timestamp(DIGEST)
    assert asked[4:] == [dead, alive]
    pool = client.pool.connection_from_url(alive)
    assert pool.num_connections == 1


def test_when_no_authority_stamps_each_failure_is_told():
    def failing(name: str) -> Timestamper:
        def timestamp(digest: bytes) -> bytes:
            raise TimestampUnavailable(name)

        return timestamp

    with pytest.raises(TimestampUnavailable, match="one; two"):
        Failover((failing("one"), failing("two")), lambda: 0.0)(DIGEST)
    with pytest.raises(TimestampUnavailable, match="no authority"):
        Failover((), lambda: 0.0)(DIGEST)


# Anchors by purpose, several hierarchies side by side


def test_an_anchor_counts_for_its_own_purpose_only(
    authority: DemoAuthority, seal: KeyCredential, now: datetime
):
    root = (authority.root.certificate,)
    both = {"intermediates": (authority.issuing.certificate,), "at": now}
    build_path(seal.certificate, trust=Trust(signing=root), **both)
    build_path(
        authority.tsa.certificate,
        trust=Trust(timestamping=root),
        purpose=Purpose.TIMESTAMPING,
        **both,
    )
    with pytest.raises(UntrustedAnchor):
        build_path(seal.certificate, trust=Trust(timestamping=root), **both)
    with pytest.raises(UntrustedAnchor):
        build_path(
            authority.tsa.certificate,
            trust=Trust(signing=root),
            purpose=Purpose.TIMESTAMPING,
            **both,
        )


def test_several_hierarchies_stand_side_by_side(
    mint, authority: DemoAuthority, seal: KeyCredential, now: datetime
):
    government = mint("Ban Cơ yếu", None, ca=True)
    signer = mint("Cán bộ", government).certificate
    ours = Trust(signing=(authority.root.certificate,), addresses={"a": "1", "b": "1"})
    theirs = Trust(signing=(government.certificate,), addresses={"b": "2", "c": "2"})
    joined = ours | theirs
    for one in (seal.certificate, signer):
        build_path(one, intermediates=seal.chain, trust=joined, at=now)
    with pytest.raises(UntrustedAnchor):
        build_path(signer, intermediates=(), trust=ours, at=now)
    assert joined.addresses == {"a": "1", "b": "1", "c": "2"}
    assert (joined | ours).signing == joined.signing


# Warnings before a certificate ends, and profiles


@pytest.mark.parametrize(
    ("left", "within", "days_left"),
    [
        (61 * DAY, None, None),
        (60 * DAY, 60, 60),
        (31 * DAY, 60, 31),
        (30 * DAY, 30, 30),
        (7 * DAY + HOUR, 30, 7),
        (7 * DAY, 7, 7),
        (timedelta(0), 7, 0),
        (-MINUTE, 0, -1),
    ],
)
def test_a_certificate_that_ends_is_warned_of_in_three_stages(
    mint, left: timedelta, within: int | None, days_left: int | None
):
    valid_to = datetime(2027, 6, 1, tzinfo=UTC)
    certificate = mint("Người ký", None, valid_to=valid_to).certificate
    warning = expiry_warning(certificate, now=valid_to - left)
    if within is None:
        assert warning is None
    else:
        assert warning is not None
        assert (warning.within_days, warning.days_left) == (within, days_left)


def test_the_demonstrations_certificates_keep_the_profile(
    person: KeyCredential, seal: KeyCredential, now: datetime
):
    assert check_profile(person.certificate, at=now) == ()
    assert check_profile(seal.certificate, at=now) == ()


def test_each_departure_from_the_profile_is_named(mint, authority: DemoAuthority, now: datetime):
    def codes(certificate: x509.Certificate) -> set[str]:
        return {reason.code for reason in check_profile(certificate, at=now)}

    plain = mint("Ai đó", None).certificate
    assert codes(plain) == {"profile-no-status", "profile-role"}
    long = mint("Ai đó", None, valid_to=now + 6 * 366 * DAY).certificate
    assert codes(long) - codes(plain) == {"profile-life"}
    assert "profile-authority" in codes(authority.issuing.certificate)
    usage = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
    assert codes(mint("Ai đó", None, usage).certificate) - codes(plain) == {"profile-key-usage"}
    assert "profile-weak-key" in codes(
        mint("Ai đó", None, key=ec.generate_private_key(ec.SECP256K1())).certificate
    )
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "UBND"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "UBND"),
        ]
    )
    assert codes(mint(name, None).certificate) == {"profile-no-status", "profile-no-organ-code"}


def test_a_stale_delta_does_not_make_an_old_crl_fresh(make_crl: MakeCRL, ca, leaf, now: datetime):
    old = make_crl(5, {}, at=now - 10 * DAY)
    delta = make_crl(6, {}, base=5, at=now - 5 * DAY)
    known = read_crl(old, leaf.certificate, ca.certificate, now=now)
    with pytest.raises(RevocationInformationStale):
        require_fresh(
            read_delta_crl(delta, known, leaf.certificate, ca.certificate, now=now), at=now
        )
