"""Settings are typed, a wrong one stops the start by its name, and the guide lists each."""

from dataclasses import fields
from pathlib import Path

import pytest

from chauban.cli.main import COMMANDS
from chauban.config.environment import Environment, WrongSetting

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "operators-guide.md"


def test_a_variable_is_read_with_its_type():
    read = Environment.read({"CHAUBAN_MAX_UPLOAD_MB": "7", "CHAUBAN_DEMO": "true"})
    assert (read.max_upload_mb, read.demo) == (7, True)


@pytest.mark.parametrize(
    ("name", "value"), [("CHAUBAN_MAX_UPLOAD_MB", "many"), ("CHAUBAN_DEMO", "perhaps")]
)
def test_a_wrong_setting_is_named(name: str, value: str):
    with pytest.raises(WrongSetting, match=name):
        Environment.read({name: value})


def test_a_file_gives_what_the_variables_leave_unset(tmp_path: Path):
    file = tmp_path / "chauban.toml"
    file.write_text('max_upload_mb = 9\nbase_url = "https://a.example"\n', "utf-8")
    variables = {"CHAUBAN_CONFIG": str(file), "CHAUBAN_BASE_URL": "https://b.example"}
    read = Environment.read(variables)
    assert (read.max_upload_mb, read.base_url) == (9, "https://b.example")


def test_an_unknown_name_in_the_file_is_named(tmp_path: Path):
    file = tmp_path / "chauban.toml"
    file.write_text("max_uplaod_mb = 9\n", "utf-8")
    with pytest.raises(WrongSetting, match="MAX_UPLAOD_MB"):
        Environment.read({"CHAUBAN_CONFIG": str(file)})


def test_sqlite_takes_turns_and_guards_the_journal():
    database = Environment().database()
    assert database["ENGINE"] == "chauban.config.sqlite"  # which waits for the disk
    options = database["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "recursive_triggers=ON" in options["init_command"]


def test_a_database_url_is_postgresql_or_refused():
    url = "postgresql://u:p@db.example:5433/chauban"
    assert Environment(database_url=url).database()["PORT"] == "5433"
    with pytest.raises(WrongSetting, match="DATABASE_URL"):
        Environment(database_url="mysql://db.example/chauban").database()


def test_accounts_are_codes_with_secrets_in_which_an_equals_sign_may_stand():
    given = {"CHAUBAN_AXIS_ACCOUNTS": "H57.03=a==, H57=b"}
    assert Environment.read(given).axis_account_map() == {"H57.03": "a==", "H57": "b"}
    alone = Environment(axis_system_id="H57", axis_secret="c")
    assert alone.axis_account_map() == {"H57": "c"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHAUBAN_AXIS_INTERFACE", "soap"),
        ("CHAUBAN_AXIS_ACCOUNTS", "khoa-bi-mat"),
        ("CHAUBAN_AXIS_ACCOUNTS", "H57=khoa-bi-mat-ế"),
        ("CHAUBAN_AXIS_ACCOUNTS", "H57=khoa-bi-mat\nX: y"),
    ],
)
def test_a_wrong_interface_or_account_is_named_and_no_secret_shown(name: str, value: str):
    with pytest.raises(WrongSetting, match=name) as wrong:
        Environment.read({name: value})
    assert "khoa-bi-mat" not in str(wrong.value)


def test_addresses_map_names_to_urls_only():
    assert Environment(addresses="a.invalid=http://127.0.0.1:1").address_map() == {
        "a.invalid": "http://127.0.0.1:1"
    }
    with pytest.raises(WrongSetting, match="ADDRESSES"):
        Environment(addresses="a.invalid=file:///etc/passwd").address_map()


def test_time_stamping_services_are_asked_in_the_order_of_settings():
    two = "http://a.example/tsa, https://b.example/tsa"
    assert Environment(tsa_urls=two).tsa_list() == ("http://a.example/tsa", "https://b.example/tsa")
    assert Environment(tsa_urls="").tsa_list() == ()
    with pytest.raises(WrongSetting, match="TSA_URLS"):
        Environment(tsa_urls="http://a.example/tsa,ftp://b.example/tsa").tsa_list()


def test_signing_services_have_names_and_urls():
    assert Environment(signing_services="ca=https://a.example/csc/v2").signing_service_map() == {
        "ca": "https://a.example/csc/v2"
    }
    with pytest.raises(WrongSetting, match="SIGNING_SERVICES"):
        Environment(signing_services="https://a.example/csc/v2").signing_service_map()


def test_the_operators_guide_lists_every_setting_and_command():
    guide = GUIDE.read_text("utf-8")
    missing = [f.name for f in fields(Environment) if f"CHAUBAN_{f.name.upper()}`" not in guide]
    missing += [
        name for name in COMMANDS if f"`chauban {name}" not in guide and f"`{name}`" not in guide
    ]
    assert missing == []
