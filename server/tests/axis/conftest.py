"""Calls of another system, signed as the axis's SDK signs them (edxml.md 11.2)."""

import json
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM, register_demo_axis
from chauban_edxml.vxp import hash_file, sign_headers, vxp_timestamp


@pytest.fixture
def axis(db):
    return register_demo_axis(date(2026, 11, 23))


def signed(
    *,
    system=OUTSIDE_SYSTEM,
    secret=OUTSIDE_SECRET,
    at=None,
    content_type="application/json",
    **parameters,
):
    """Headers of a call; parameters by their names on the wire, `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    fixed = {
        "systemid": system,
        "timestamp": vxp_timestamp(at or datetime.now(UTC)),
        "Content-Type": content_type,
    }
    return sign_headers({**named, **fixed}, secret)


def sending(raw, *, to=(), **values):
    named = {
        "from": values.pop("sender", "000.00.00.H44"),
        "servicetype": "eDoc",
        "messagetype": values.pop("messagetype", "edoc"),
        "hash_file": values.pop("hash_file", hash_file(raw)),
    }
    if to:
        named["to"] = json.dumps(list(to))
    return signed(content_type="application/octet-stream", **named, **values)


@pytest.fixture
def call(axis):
    """call("getReceivedEdocList", messagetype="edoc"): the answer's envelope."""
    client = Client()

    def make(operation, body=b"", *, headers=None, **parameters):
        headers = headers or signed(**parameters)
        response = client.post(
            f"/axis/{operation}",
            body,
            content_type=headers["Content-Type"],
            headers={name: value for name, value in headers.items() if name != "Content-Type"},
        )
        assert response.status_code == 200
        return response.json()

    return make


@pytest.fixture
def send(call):
    """send(raw): sendEdoc by the system outside, with the line end that the SDK adds."""
    return lambda raw, **values: call("sendEdoc", raw + b"\r\n", headers=sending(raw, **values))
