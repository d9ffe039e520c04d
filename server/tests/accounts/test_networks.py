"""Whose address counts, and what is inside: never what a stranger says of himself."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from chauban.accounts.networks import counted_as, visit_of


@pytest.fixture(autouse=True)
def networks(settings):
    settings.INSIDE_NETWORKS = (ip_network("10.1.0.0/16"), ip_network("2001:db8:1::/48"))
    settings.TRUSTED_PROXIES = (ip_network("10.9.0.1/32"),)


def visit(peer, **headers):
    return visit_of(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))


def test_a_machine_of_the_office_is_inside():
    assert visit("10.1.2.3").is_inside
    assert visit("::ffff:10.1.2.3").is_inside  # the same, as a socket of both families says it
    assert visit("2001:db8:1::7").is_inside


def test_any_other_is_outside():
    assert not visit("10.2.2.3").is_inside
    assert not visit("").is_inside


def test_our_proxy_says_for_whom_it_asks():
    asked = visit("10.9.0.1", **{"X-Forwarded-For": "10.1.2.3"})
    assert (asked.address, asked.is_inside) == ("10.1.2.3", True)


def test_what_the_client_itself_put_before_our_proxys_word_is_not_believed():
    asked = visit("10.9.0.1", **{"X-Forwarded-For": "10.1.2.3, 203.0.113.9"})
    assert (asked.address, asked.is_inside) == ("203.0.113.9", False)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_behind_a_proxy_that_is_not_ours_nobody_is_inside(header):
    """A proxy that the settings forgot asks too much of everybody, not too little."""
    assert not visit("10.1.2.3", **{header: "10.1.2.4"}).is_inside


@pytest.mark.parametrize("said", ["", "nonsense", "10.9.0.1"])
def test_our_proxy_that_does_not_say_for_whom_makes_nobody_inside(said, settings):
    settings.INSIDE_NETWORKS = (ip_network("10.0.0.0/8"),)
    assert not visit("10.9.0.1", **{"X-Forwarded-For": said}).is_inside


def test_ipv6_addresses_of_one_customer_are_counted_together():
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:1")
    assert counted_as("2001:db8::1") != counted_as("2001:db8:0:1::1")
