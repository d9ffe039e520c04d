from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "chauban.journal"
    label = "journal"
    verbose_name = "Nhật ký"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Sent once per app and migration; a rebuilt table has lost its triggers.
        post_migrate.connect(guard_the_journal, sender=self)


def guard_the_journal(*, using: str, **_: Any) -> None:
    from chauban.journal.guard import install
    from chauban.journal.models import Act

    connection = connections[using]
    if Act._meta.db_table in connection.introspection.table_names():
        install(connection)
