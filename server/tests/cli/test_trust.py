"""`chauban trust` lists and changes whom an installation trusts; refusals are told in words."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from chauban.cli.main import main
from chauban.journal.models import Act
from chauban.trust.demo import DEMO_PIN
from chauban.trust.models import Anchor, Certificate
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from tests import databases
from tests.moments import NOW


def run(*arguments, code=0, entered=None):
    done = CliRunner().invoke(main, ["trust", *map(str, arguments)], input=entered)
    assert done.exit_code == code, done.output
    return done


def told(*arguments, **options):
    output = run(*arguments, "--json", **options).stdout
    return json.loads(output[output.index("[") :])


@pytest.fixture
def issued(demo_pki, officer, tmp_path):
    """Files of a leader: certificate with its issuers, and keystore; his address."""
    from datetime import UTC, datetime, timedelta

    person, today = officer("pho-chu-tich.vp-ubnd").person, datetime.now(UTC)
    p12 = demo_pki.issue_person(
        person.full_name, "Phó Chủ tịch", "Ủy ban nhân dân thành phố Huế", password=DEMO_PIN,
        valid_from=today - timedelta(days=1), valid_to=today + timedelta(days=300), key="p256",
    )  # fmt: skip
    credential = KeyCredential.load(p12, DEMO_PIN)
    pem, keystore = tmp_path / "person.pem", tmp_path / "person.p12"
    chain = (credential.certificate, *credential.chain)
    pem.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    keystore.write_bytes(p12)
    return pem, keystore, person.email


@pytest.mark.django_db
def test_an_anchor_is_added_listed_and_ended_each_as_an_act(demo_pki):
    root = demo_pki.folder / "root.pem"
    (added,) = told("add-anchor", root, "--purpose", "signing", "--name", "Gốc quốc gia")
    assert told("anchors") == [added]
    assert (added["name"], added["purpose"], added["valid_to"]) == ("Gốc quốc gia", "signing", None)
    (ended,) = told("end-anchor", added["number"])
    assert ended["valid_to"]
    assert told("anchors") == []
    assert told("anchors", "--all") == [ended]
    acts = Act.objects.on(Anchor.objects.get()).order_by("pk")
    assert [act.kind for act in acts] == ["anchor-stored", "anchor-ended"]
    assert "đã chấm dứt" in run("end-anchor", added["number"], code=1).stderr
    run("end-anchor", 999, code=2)


@pytest.mark.django_db
def test_a_certificate_is_entered_with_its_issuers_and_without_its_key(issued):
    pem, _, email = issued
    (row,) = told(
        *("add-certificate", pem, "--person", email, "--custody", "remote"),
        *("--service", "ca", "--credential", "x"),
    )
    assert (row["custody"], row["warnings"]) == ("remote", [])
    assert row["key_reference"] == {"service": "ca", "credential": "x"}
    holders = [one["holder"] for one in told("certificates")]
    assert sorted(holders) == ["authority", "authority", "person"]
    assert [one["holder"] for one in told("certificates", "--agency", "vp-ubnd")] == ["person"]
    assert Certificate.objects.get(holder="person").pkcs12 is None


@pytest.mark.django_db
def test_a_keystore_is_stored_under_the_pin_that_opens_it(issued):
    _, keystore, email = issued
    arguments = ("add-certificate", keystore, "--person", email, "--custody", "keystore")
    run(*arguments, entered="000000\n", code=1)
    assert not Certificate.objects.exists()
    run(*arguments, entered=f"{DEMO_PIN}\n")
    assert Certificate.objects.with_key().get().pkcs12


@pytest.mark.django_db
def test_what_is_not_fit_is_refused_in_words_and_leaves_nothing(issued, demo_pki):
    pem, _, email = issued
    to_telephone = ("--custody", "telephone", "--service", "ca", "--credential", "x")
    told("check", pem)
    refused = run("check", demo_pki.folder / "root.pem", code=1)
    assert "tổ chức chứng thực" in refused.stderr
    run("add-certificate", pem, "--person", email, "--custody", "telephone", code=1)
    assert not Certificate.objects.exists()
    run("add-certificate", pem, "--person", "khong@co.vn", *to_telephone, code=2)
    run("add-certificate", pem, *to_telephone, code=2)
    run("add-certificate", pem, "--person", email, *to_telephone)
    (known,) = told("check", pem)
    assert [one["code"] for one in known["warnings"]]  # no anchor: not trusted here
    told("add-anchor", demo_pki.folder / "root.pem", "--purpose", "signing", "--name", "Gốc")
    (known,) = told("check", pem)
    assert (known["anchor"], known["warnings"]) == ("Châu Bản Demo Root CA", [])


def test_the_command_finds_its_installation_by_its_folder(committed, tmp_path):
    root = DemoAuthority.create(tmp_path / "pki", NOW).folder / "root.pem"
    import os

    variables = {**os.environ, **databases.variables(committed)}
    command = [sys.executable, "-m", "chauban.cli.main", "trust", "--data", str(committed.data)]
    done = subprocess.run(
        [*command, "add-anchor", str(root), "--purpose", "timestamping", "--name", "Gốc"],
        env={**variables, "DJANGO_SETTINGS_MODULE": "chauban.config.settings"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "name=Gốc" in done.stdout
    assert Anchor.objects.get().purpose == "timestamping"
