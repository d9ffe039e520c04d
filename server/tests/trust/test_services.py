"""The edge to the network: only where settings say, within limits, each failure by its name."""

from dataclasses import replace
from hashlib import sha256

import pytest

from chauban.trust.anchors import current_trust
from chauban.trust.services import fetcher, timestamper
from chauban.trust.words import explain
from chauban_pki.errors import AddressNotAllowed, TimestampUnavailable, Unreachable
from chauban_pki.network import HTTPClient
from chauban_pki.timestamps import assess_timestamp

pytestmark = pytest.mark.django_db

DIGEST = sha256("văn bản".encode()).digest()


def test_a_time_stamp_comes_from_the_authority_of_settings(trusted_pki, now):
    token = timestamper()(DIGEST)
    report = assess_timestamp(token, DIGEST, trust=current_trust(now), at=now)
    assert report.time == now


def test_an_authority_that_does_not_answer_is_named(settings):
    settings.TSA_URLS = ["http://127.0.0.1:9/tsa"]  # the discard port: nothing listens
    with pytest.raises(TimestampUnavailable) as refused:
        timestamper()(DIGEST)
    assert explain(refused.value).vi


def test_an_address_from_a_certificate_is_asked_only_where_settings_list_its_host(
    trusted_pki, settings, now
):
    """Design, decision 19: no request goes where a certificate says."""
    url = "http://ca.chauban.invalid/crl/issuing.crl"
    assert fetcher()(current_trust(now).resolve(url))
    settings.ADDRESSES = {}
    with pytest.raises(AddressNotAllowed):
        current_trust(now).resolve(url)


def test_an_answer_other_than_200_is_a_failure(pki_url):
    with pytest.raises(Unreachable):
        fetcher()(f"{pki_url}/nothing-here")


def test_the_next_authority_stamps_when_the_first_does_not_answer(trusted_pki, settings, now):
    settings.TSA_URLS = ["http://127.0.0.1:9/tsa", *settings.TSA_URLS]
    report = assess_timestamp(timestamper()(DIGEST), DIGEST, trust=current_trust(now), at=now)
    assert report.time == now


def test_an_authority_that_failed_rests_for_all_acts_of_the_process(trusted_pki, settings):
    settings.TSA_URLS = ["http://127.0.0.1:9/other", *settings.TSA_URLS]
    timestamper()(DIGEST)
    assert timestamper() is timestamper()
    assert timestamper()._failed_at.keys() == {0}


def test_revocation_information_is_asked_for_once_while_it_is_fresh(trusted_pki, now, monkeypatch):
    asked = []
    real = HTTPClient.__call__

    def counted(self, url, body=None, content_type=""):
        asked.append(url)
        return real(self, url, body, content_type)

    monkeypatch.setattr(HTTPClient, "__call__", counted)
    url = current_trust(now).resolve("http://ca.chauban.invalid/crl/root.crl")
    assert fetcher() is fetcher()  # one for all acts of the process
    kept = replace(fetcher().fetch, clock=lambda: now)
    kept.forget()
    assert kept(url) == kept(url)
    assert asked == [url]
    kept.forget()
    kept(url)
    assert asked == [url, url]
