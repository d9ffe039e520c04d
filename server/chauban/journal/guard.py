"""The database itself refuses to change or remove an act (design, decision 5; PL VI F5.a).

Triggers vanish when a migration rebuilds the table, so they are made again after every
migration. They stop mistakes and ordinary programs; who owns the database can drop them,
which is why `chauban doctor` asks `is_guarded` and the ledger keeps a proof elsewhere.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "journal: an act is never changed or removed"

_SQLITE = {
    "journal_act_is_not_changed": f"""
        BEFORE UPDATE ON journal_act BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    "journal_act_is_not_removed": f"""
        BEFORE DELETE ON journal_act BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    # INSERT OR REPLACE fires the trigger above only where recursive_triggers is on; this one
    # holds also for a connection that forgot the pragma.
    "journal_act_is_not_replaced": f"""
        BEFORE INSERT ON journal_act
        WHEN EXISTS (SELECT 1 FROM journal_act WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
}

_POSTGRESQL_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL = {
    "journal_act_is_not_changed": "BEFORE UPDATE",
    "journal_act_is_not_removed": "BEFORE DELETE",
    "journal_act_is_not_truncated": "BEFORE TRUNCATE",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers anew on SQLite or PostgreSQL; harmless where they stand already."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, rule in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} {rule}")
            return
        cursor.execute(_POSTGRESQL_FUNCTION)
        for name, event in _POSTGRESQL.items():
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {name} {event} ON journal_act"
                " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
            )
            # ALWAYS: also where a session calls itself a replica.
            cursor.execute(f"ALTER TABLE journal_act ENABLE ALWAYS TRIGGER {name}")


def is_guarded(connection: BaseDatabaseWrapper) -> bool:
    """Whether every trigger stands and is switched on (and the pragma, on SQLite)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal_act'"
            )
            standing = {name for (name,) in cursor.fetchall()}
            cursor.execute("PRAGMA recursive_triggers")
            return standing >= _SQLITE.keys() and cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT tgname FROM pg_trigger"
            " WHERE tgrelid = 'journal_act'::regclass AND tgenabled = 'A'"
        )
        return {name for (name,) in cursor.fetchall()} >= _POSTGRESQL.keys()


def restrict(connection: BaseDatabaseWrapper, role: str) -> None:
    """Leave a PostgreSQL role no more than INSERT and SELECT on the journal.

    Run by the owner of the tables for the role under which web server and worker sign in.
    The owner itself keeps its power: let it be used for migrations only.
    """
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON journal_act FROM PUBLIC, {name}")
        cursor.execute(f"GRANT SELECT, INSERT ON journal_act TO {name}")
        cursor.execute(f"GRANT USAGE ON SEQUENCE journal_act_id_seq TO {name}")
