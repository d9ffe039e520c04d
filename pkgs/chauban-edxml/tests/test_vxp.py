"""Signed request headers of the axis, as its SDK makes them."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_edxml.vxp import (
    BadTimestamp,
    HeaderMissing,
    HeadersDisagree,
    NotHeaderText,
    SignatureInvalid,
    claimed_system,
    hash_file,
    is_hash_of,
    parse_vxp_timestamp,
    sign_headers,
    verify_headers,
    vxp_timestamp,
)

SECRET = "khóa bí mật"
PARAMS = {
    "systemid": "002.00.00.H57",
    "timestamp": "23112026T080509+0042",
    "Content-Type": "application/octet-stream",
    "servicetype": "eDoc",
    "messagetype": "edoc",
    "hash-file": "abc",
    "from": "H57.03",
    "to": '["H57.64","H57"]',
}


@pytest.fixture
def headers() -> dict[str, str]:
    return sign_headers(PARAMS, SECRET)


def test_parameters_are_signed_in_the_order_of_the_sdk_s_hash_table(headers):
    assert headers["XroadVnpt-sign-header-key"] == (
        "systemid;servicetype;messagetype;hash-file;from;to;timestamp;Content-Type"
    )


def test_the_signed_text_is_compact_json_and_its_mac_is_under_the_secret_s_bytes(headers):
    signed = headers["XroadVnpt-sign-header"]
    assert signed.startswith('{"XroadVnpt-systemid":"002.00.00.H57","XroadVnpt-servicetype":"eDoc"')
    assert json.loads(signed)["XroadVnpt-to"] == '["H57.64","H57"]'
    assert " " not in signed
    mac = hmac.new(SECRET.encode(), signed.encode(), sha256).hexdigest()
    assert headers["XroadVnpt-hash-header"] == mac


def test_a_request_carries_each_parameter_and_the_sdk_s_constants(headers):
    for name, value in PARAMS.items():
        assert headers[f"XroadVnpt-{name}"] == value
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["User-Agent"] == "JAVASDKAgent/1.0.0 XRoad/VPCP"
    assert headers["XroadVnpt-version"] == "3.0.201608"


def test_a_signed_request_is_verified_whatever_the_case_of_its_names(headers):
    lower = {name.lower(): value for name, value in headers.items()}
    assert verify_headers(lower, SECRET) == PARAMS
    assert claimed_system(lower) == "002.00.00.H57"


def test_another_order_of_signing_is_accepted():
    names = list(PARAMS)
    signed = json.dumps({f"XroadVnpt-{name}": PARAMS[name] for name in names})
    headers = {
        **{f"XroadVnpt-{name}": PARAMS[name] for name in names},
        "XroadVnpt-sign-header-key": ";".join(names),
        "XroadVnpt-sign-header": signed,
        "XroadVnpt-hash-header": hmac.new(SECRET.encode(), signed.encode(), sha256).hexdigest(),
    }
    assert verify_headers(headers, SECRET) == PARAMS


def test_another_secret_is_refused(headers):
    with pytest.raises(SignatureInvalid):
        verify_headers(headers, SECRET + " ")


@pytest.mark.parametrize("name", ["from", "to", "hash-file", "timestamp", "systemid"])
def test_a_changed_parameter_is_refused_by_name(headers, name):
    headers[f"XroadVnpt-{name}"] += "1"
    with pytest.raises(HeadersDisagree) as refusal:
        verify_headers(headers, SECRET)
    assert refusal.value.name == name
    assert name in refusal.value.vi


def test_a_changed_signed_text_is_refused(headers):
    headers["XroadVnpt-sign-header"] = headers["XroadVnpt-sign-header"].replace("H57.03", "H57.04")
    with pytest.raises(SignatureInvalid):
        verify_headers(headers, SECRET)


def test_a_list_of_names_that_leaves_one_out_is_refused(headers):
    headers["XroadVnpt-sign-header-key"] = "systemid;timestamp"
    with pytest.raises(HeadersDisagree):
        verify_headers(headers, SECRET)


@pytest.mark.parametrize("name", ["sign-header", "sign-header-key", "hash-header"])
def test_a_request_without_its_signature_is_refused(headers, name):
    del headers[f"XroadVnpt-{name}"]
    with pytest.raises(HeaderMissing) as refusal:
        verify_headers(headers, SECRET)
    assert refusal.value.name == name


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "[]",
        "{}",
        "[1]",
        '{"a":"1"}',
        '{"XroadVnpt-a":1}',
        '{"XroadVnpt-a":"1"',
        '{"XroadVnpt-a":"1","XroadVnpt-a":"1"}',
        "[" * 100_000,
    ],
)
def test_a_signed_text_of_another_form_is_refused_even_with_the_right_mac(signed):
    headers = {
        "XroadVnpt-a": "1",
        "XroadVnpt-sign-header-key": "a",
        "XroadVnpt-sign-header": signed,
        "XroadVnpt-hash-header": hmac.new(SECRET.encode(), signed.encode(), sha256).hexdigest(),
    }
    with pytest.raises(HeadersDisagree):
        verify_headers(headers, SECRET)


@pytest.mark.parametrize("value", ["Sở Tài chính", "a\r\nX-Injected: 1", "\x00"])
def test_only_printable_ascii_goes_into_a_header(value):
    with pytest.raises(NotHeaderText):
        sign_headers({**PARAMS, "from": value}, SECRET)


def test_letters_outside_ascii_in_a_received_signature_are_refused(headers):
    headers["XroadVnpt-hash-header"] = "\ud800é"
    with pytest.raises(NotHeaderText):
        verify_headers(headers, SECRET)


@pytest.mark.parametrize("name", ["systemid", "timestamp", "Content-Type"])
def test_every_call_has_the_fixed_parameters(name):
    with pytest.raises(HeaderMissing):
        sign_headers({key: value for key, value in PARAMS.items() if key != name}, SECRET)


def test_the_timestamp_is_viet_nam_time_a_literal_plus_and_milliseconds():
    moment = datetime(2018, 9, 28, 1, 30, 15, 42_999, tzinfo=UTC)
    assert vxp_timestamp(moment) == "28092018T083015+0042"


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_timestamp_parses_back_to_the_millisecond(moment):
    expected = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert parse_vxp_timestamp(vxp_timestamp(moment)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "28092018T083015", "28092018T083015+42", "31022018T083015+0000", "28092018T083015+1000"],
)
def test_a_timestamp_of_another_form_is_refused(text):
    with pytest.raises(BadTimestamp):
        parse_vxp_timestamp(text)


def test_the_hash_of_a_file_drops_each_byte_s_leading_zero_as_the_sdk_does():
    data = b"edXML"
    digest = sha256(data).digest()
    assert hash_file(data) == "".join(hex(byte)[2:] for byte in digest)
    assert len(hash_file(data)) < 64
    assert is_hash_of(hash_file(data), data)
    assert is_hash_of(digest.hex().upper(), data)
    assert not is_hash_of(hash_file(data), data + b"\n")
