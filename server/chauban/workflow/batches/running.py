"""A batch beside the request that confirmed it, in the same process: there alone the key is open.

The opened key never leaves this process; its results are rows, which any process shows. When the
process dies, the key is gone with it and what is left is confirmed anew.
"""

from datetime import UTC, datetime
from functools import partial
from threading import Thread

from django.db import connections

from chauban.accounts.officers import Officer
from chauban.trust.keys import Keys
from chauban.workflow.batches.actions import Means, carry_out
from chauban.workflow.batches.models import Batch
from chauban.workflow.services import signing_services


def start(batch: Batch, keys: Keys | None, *, officer: Officer, call_back: str) -> Thread:
    """Carry out a batch that was just begun; the thread ends with it and forgets the keys."""
    means = Means(keys, partial(datetime.now, UTC), signing_services, call_back=call_back)
    thread = Thread(target=_run, args=(batch, means, officer), name=f"batch {batch.pk}")
    thread.start()
    return thread


def _run(batch: Batch, means: Means, officer: Officer) -> None:
    try:
        carry_out(batch, means, officer=officer)
    finally:
        connections.close_all()
