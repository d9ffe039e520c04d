"""The API is what its schema says, whatever is sent: schemathesis over every operation.

No answer is a fault of the server, each conforms to the schema, and no row comes out but what the
rules let the officer see. A longer run by hand: docs/measured/api.md.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from chauban.api.counting import forget_counts
from chauban.api.events import _DELIVERY, _DRAFT, _INCOMING, _OUTGOING
from chauban.config.wsgi import application as wsgi
from chauban.workflow.models import Task
from tests.api.operations import CITY, FINANCE, OPERATIONS

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("CHAUBAN_API_EXAMPLES", "2"))
# Ids as rows of the province have them, of whatever agency; others are generated.
SMALL = st.integers(1, 9)
load_all_checks()
CHECKED = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]
SEEN = {"drafts": _DRAFT, "outgoing": _OUTGOING, "incoming": _INCOMING, "deliveries": _DELIVERY}


@pytest.fixture(autouse=True)
def one_connection():
    """Calls through WSGI leave the test's connection open, as those of Django's own client do."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


def the_schema():
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", wsgi)
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return schema


def rows_in(operation, told):
    """Which rows an answer tells of: the resource's name with each id."""
    name = operation.tags[0] if operation.tags else ""
    if name not in (*SEEN, "tasks", "registers"):
        return
    if name == "registers":
        name = operation.path.rpartition("/")[2]
    rows = told.get("items", [told]) if isinstance(told, dict) else []
    whole = [row for row in rows if "id" in row and ("changed_at" in row or "state" in row)]
    for row in whole:
        if name == "tasks" or "assignee" in row:
            yield "tasks", row["id"]
        elif "recalls" not in operation.path and name in SEEN:
            yield name, row["id"]


def may_see(officer, name, pk):
    if name == "tasks":
        return Task.objects.of(officer).filter(pk=pk).exists()
    return SEEN[name].seen(officer).filter(pk=pk).exists()


def run(operation, headers, officer, told_of):
    """Put generated cases to one operation; what they did is undone."""
    cases = operation.as_strategy()

    @seed(26_11)
    @settings(
        max_examples=EXAMPLES if officer else 1,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, known=st.none() | SMALL)
    def holds(case, known):
        for name in ("pk", "attachment", "ordinal"):
            if known and name in (case.path_parameters or {}):
                case.path_parameters[name] = known
        forget_counts()
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKED)
        is_json = "json" in (answer.headers.get("content-type") or [""])[0]
        if officer is None:
            assert answer.status_code == 401
        elif answer.status_code == 200 and is_json:
            for name, pk in rows_in(operation, answer.json()):
                told_of.add(name)
                assert may_see(officer, name, pk), (operation.path, name, pk)

    holds()


@pytest.mark.parametrize("username", [CITY, FINANCE, None])
def test_no_call_breaks_the_server_or_gets_what_it_may_not(
    province, application_of, officer, username
):
    token = application_of(username)[1].text if username else "chauban_wrong"
    who = officer(username) if username else None
    told_of: set[str] = set()
    tried = 0
    for found in the_schema().get_all_operations():
        run(found.ok(), {"Authorization": f"Bearer {token}"}, who, told_of)
        tried += 1
    assert tried == len(OPERATIONS)
    if username:
        assert len(told_of) >= 2  # rows came out at all
