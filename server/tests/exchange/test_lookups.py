"""Among the messages of years and 125,000 organisations nothing is found by reading all of them.

An index in part serves a query that says the index's own condition, not one that implies it.
"""

import pytest
from django.db import connection

from chauban.axis.models import Carriage, Forwarding
from chauban.directory.models import OutsideOrganisation
from chauban.exchange.models import Delivery, OutgoingMessage
from chauban.workflow.models import KeyUse
from tests.moments import NOW

LOOKUPS = {
    "documents carried before": lambda: Carriage.objects.of_documents(["a", "b"], senders=["H57"]),
    "copies that wait": lambda: Carriage.objects.filter(system=1).waiting("edoc"),
    "packages to forward": lambda: Forwarding.objects.filter(neighbour=1, due_at__lte=NOW),
    "organisations by either code": lambda: OutsideOrganisation.objects.with_any_code(["a", "b"]),
    "messages to send": lambda: OutgoingMessage.objects.due(NOW),
    "deliveries to assess": lambda: Delivery.objects.filter(state="arrived", arrived_at__lte=NOW),
    "keys that a telephone answers for": lambda: KeyUse.objects.filter(response_id="x").exclude(
        response_id=""
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", LOOKUPS)
def test_what_is_looked_up_is_found_by_an_index(name):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # of a small table it would rather read all
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = LOOKUPS[name]().explain()
    assert "Seq Scan" not in plan
    assert not [line for line in plan.splitlines() if "SCAN" in line and "INDEX" not in line], plan


@pytest.mark.django_db
def test_a_lookup_that_only_implies_an_index_in_part_reads_everything():
    if connection.vendor != "sqlite":
        pytest.skip("what SQLite cannot prove")
    assert "SCAN" in OutsideOrganisation.objects.filter(old_code__in=["a", "b"]).explain()
