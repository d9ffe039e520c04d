"""The database refuses to change or remove an act (NĐ 30/2020 PL VI F5.a; QCVN 12:2026/BCA Q5)."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from chauban.journal import guard
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import record


@pytest.fixture
def act(db, officer, now):
    clerk = officer("van-thu.vp-ubnd")
    return record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)


def execute(statement, parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(statement, *parameters):
    with pytest.raises(DatabaseError, match="an act is never changed or removed"):
        execute(statement, parameters)


def test_an_act_is_added(act):
    assert Act.objects.get(pk=act.pk).kind == "signed-in"


def test_an_act_is_not_changed(act):
    refused("UPDATE journal_act SET kind = 'sealed' WHERE id = %s", act.pk)


def test_an_act_is_not_removed(act):
    refused("DELETE FROM journal_act WHERE id = %s", act.pk)


def test_an_act_is_not_changed_through_the_orm(act):
    act.kind = ActKind.SEALED
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act.save()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Act.objects.all().delete()


def test_an_act_is_not_replaced_by_another_of_its_number(act):
    columns = "id, kind, at, subject_type, subject_id, digest, facts"
    values = "%s, 'sealed', '2026-01-01 00:00:00+00', 'x', 1, '', '{}'"
    if connection.vendor == "sqlite":
        refused(f"INSERT OR REPLACE INTO journal_act ({columns}) VALUES ({values})", act.pk)
    else:
        refused(
            f"INSERT INTO journal_act ({columns}) VALUES ({values})"
            " ON CONFLICT (id) DO UPDATE SET kind = 'sealed'",
            act.pk,
        )


def test_replacing_is_refused_even_where_recursive_triggers_are_off(committed, officer, now):
    if connection.vendor != "sqlite":
        pytest.skip("the pragma is SQLite's")
    with transaction.atomic():
        clerk = officer("van-thu.vp-ubnd")
        act = record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
        assert not guard.is_guarded(connection)
    refused(
        "INSERT OR REPLACE INTO journal_act (id, kind, at, subject_type, subject_id, digest, facts)"
        " VALUES (%s, 'sealed', '2026-01-01', 'x', 1, '', '{}')",
        act.pk,
    )


def test_the_journal_is_not_truncated(act):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; DELETE without a condition is refused above")
    refused("TRUNCATE journal_act CASCADE")
    refused("SET LOCAL session_replication_role = replica; DELETE FROM journal_act")


def test_the_guard_is_made_again_after_every_migration(act):
    """A migration that rebuilds the table drops its triggers; post_migrate makes them anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER journal_act_is_not_removed")
        else:
            cursor.execute("DROP TRIGGER journal_act_is_not_removed ON journal_act")
    assert not guard.is_guarded(connection)
    call_command("migrate", verbosity=0, skip_checks=True)
    assert guard.is_guarded(connection)
    refused("DELETE FROM journal_act WHERE id = %s", act.pk)


def test_a_restricted_role_may_only_add_and_read(act):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no roles")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE office")
        guard.restrict(connection, "office")
        privileges = ("INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE")
        cursor.execute(
            "SELECT "
            + ", ".join(
                f"has_table_privilege('office', 'journal_act', '{privilege}')"
                for privilege in privileges
            )
        )
        assert cursor.fetchone() == (True, True, False, False, False)
