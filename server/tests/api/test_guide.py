"""The guide lists what there is, and its examples run as they stand against a real server."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from chauban.api import errors
from chauban.api.actions import register_application
from chauban.api.catalogue import every_code, leaves
from chauban.api.events import EVENTS
from chauban.api.models import Application
from chauban.api.scopes import Scope, scopes_of_role
from chauban.api.words import kebab
from chauban.cli.processes import ending_together, free_port, start, wait_listening
from chauban.journal.models import Act
from chauban.trust.demo import grant_demo_mandate, signatories_of
from chauban.workflow.models import Draft
from tests.api.operations import AUTHOR, declared
from tests.axis.test_live import variables_of

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
TEXT = GUIDE.read_text("utf-8")


def examples(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_the_guide_lists_every_scope_operation_and_event():
    named = set(re.findall(r"`([^`\n]+)`", TEXT))
    operations = {f"{one.method} {one.path.removeprefix('/api/v1')}" for one in declared()}
    assert not {scope.value for scope in Scope} - named
    assert not operations - named
    assert not EVENTS.keys() - named


def test_the_guide_lists_every_error_of_the_api_and_none_that_is_not():
    own = {kebab(one.__name__) for one in leaves(errors.ApiError)}
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", TEXT, re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in re.findall(r"`(.*?)`", codes)}
    known = every_code()
    assert not (own & known.keys()) - told.keys()
    assert {code: status for code, status in told.items() if known.get(code) != status} == {}


@pytest.mark.processes
def test_every_example_runs(committed, officer, body, tmp_path):
    now = timezone.now()
    who = officer(AUTHOR)
    for signatory, post in signatories_of(body("ubnd-tp"), now.date()):
        grant_demo_mandate(signatory, post, body("ubnd-tp"), now=now)
    scopes = [one.value for one in scopes_of_role(who.post.role)]
    _, secret = register_application(
        name="Ví dụ", scopes=scopes, expires_at=now + timedelta(days=1), officer=who, now=now
    )
    port, variables = free_port(), variables_of(committed)
    argv = ["chauban.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
    web = start("web", argv, variables=variables, logs=tmp_path / "logs")
    with ending_together([web]):
        wait_listening(web, port, seconds=60)
        given = {
            "CHAUBAN": f"http://127.0.0.1:{port}",
            "TOKEN": secret.text,
            "PATH": os.environ["PATH"],
        }
        shell = "set -euo pipefail\n" + "\n".join(examples("sh"))
        _run(["bash", "-c", shell], given, tmp_path)
        _run([sys.executable, "-c", "\n".join(examples("python"))], given, tmp_path)
    application = Application.objects.get()
    draft = Draft.objects.get()
    acts = Act.objects.on(draft)
    assert draft.state == Draft.State.CONTENT_CHECK
    assert {act.facts["application"] for act in acts} == {application.pk}
    assert (tmp_path / "so-van-ban-di.csv").read_text("utf-8-sig").startswith("id,code,")


def _run(argv, variables, folder):
    done = subprocess.run(
        argv, env=variables, cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
