"""kill -9 between a holder's answer, given elsewhere, and the signed revision.

However often worker or web server die, what the holder confirmed is embedded exactly once, and
he is not asked again (design, decision 18).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from chauban.blobs import store
from chauban.cli import acting
from chauban.cli.processes import Child
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.trust.models import Certificate
from chauban.workflow import local_program, telephone
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.services import signing_services
from chauban_pki.demo.signing_service import SigningService
from tests.faults import killing
from tests.processes.installation import (
    Installation,
    require_dead,
    start_pki,
    start_web,
    start_worker,
    until,
    work_once,
)
from tests.processes.preparing import COMMITTEE
from tests.processes.soundness import require_sound
from tests.workflow.holders import program_with, telephones

UPDATE = 'UPDATE "workflow_keyuse" SET "{}"'
WRITES = {
    "claim the look": killing.Kill("after", UPDATE.format("next_look_at")),
    "before the values are kept": killing.Kill("before", UPDATE.format("values")),
    "values kept": killing.Kill("after", UPDATE.format("values")),
    "file stored": killing.Kill("after", killing.RENAME),
    "before it is settled": killing.at_act("before", ActKind.SIGNED),
    "settled": killing.at_act("after", ActKind.SIGNED),
}


UPLOADS = {
    "ticket used": killing.Kill("after", 'UPDATE "workflow_pluginticket"'),
    "before the file is stored": killing.Kill("before", killing.RENAME),
    "before it is kept": killing.Kill("before", UPDATE.format("returned_id")),
    "kept": killing.Kill("after", UPDATE.format("returned_id")),
}


@pytest.fixture
def service(installation: Installation, settings: Any) -> Iterator[SigningService]:
    signatory = acting.officer(COMMITTEE.signatory, clock())
    certificate = Certificate.objects.of_person(signatory.person, at=clock())
    with telephones(settings, installation.data / "signing-services", certificate) as service:
        url = settings.SIGNING_SERVICES["mobile"]
        installation.variables["CHAUBAN_SIGNING_SERVICES"] = f"mobile={url}"  # type: ignore[index]
        yield service


def clock() -> datetime:
    return datetime.now(UTC)


def draft_to_sign() -> Draft:
    draft = acting.write(
        acting.letters()[1],
        body=acting.body_named("ubnd-tp"),
        cast=COMMITTEE,
        recipients=[],
        now=clock(),
    )
    return acting.bring_to(
        draft,
        Draft.State.SIGNING,
        COMMITTEE,
        services=lambda: signing_services(clock()),
        clock=clock,
    )


def require_signed_once(draft: Draft, use: KeyUse) -> None:
    draft.refresh_from_db()
    use.refresh_from_db()
    assert draft.state == Draft.State.SIGNED
    assert use.result_id
    assert draft.signing_copy.key_uses.count() == 1, "he was asked once"
    assert Act.objects.filter(kind=ActKind.SIGNED, subject_id=draft.pk).count() == 1


def let_leases_end() -> None:
    KeyUse.objects.waiting().update(next_look_at=clock() - timedelta(seconds=1))


def test_what_was_confirmed_is_embedded_once_wherever_the_worker_dies(
    installation: Installation, running: list[Child], service: SigningService
) -> None:
    running.append(start_pki(installation))
    draft = draft_to_sign()
    use = telephone.ask_to_sign(
        draft,
        shown=draft.signing_copy.shown,
        officer=acting.officer(COMMITTEE.signatory, clock()),
        now=clock(),
        call_back="",
    )
    use.refresh_from_db()
    service.confirm(use.response_id)
    kill = installation.kill_file("work")
    for what, death in WRITES.items():
        let_leases_end()
        killing.arm(kill, death)
        running.append(start_worker(installation))
        until(lambda: not kill.exists(), f"the worker never came to: {what}")
        require_dead(running[-1])
    let_leases_end()
    work_once(installation)
    require_signed_once(draft, use)
    assert len(service.requests) == 1
    require_sound()


def test_what_the_program_brought_is_kept_once_wherever_the_web_server_dies(
    installation: Installation, running: list[Child], tmp_path: Path
) -> None:
    running.append(start_pki(installation))
    draft = draft_to_sign()
    signatory = acting.officer(COMMITTEE.signatory, clock())
    program = program_with(Certificate.objects.of_person(signatory.person, at=clock()), tmp_path)
    use = local_program.hand_over_to_sign(
        draft, shown=draft.signing_copy.shown, officer=signatory, now=clock()
    )
    signed = program.sign(store.read(draft.signing_copy.reserved))
    kill = installation.kill_file("web")
    for what, death in UPLOADS.items():
        (one,) = local_program.issue_tickets(use, officer=signatory, now=clock())
        running.append(start_web(installation))
        killing.arm(kill, death)
        with pytest.raises(HTTPError):
            bring_back(installation, one.upload_token, signed)
        assert not kill.exists(), f"the server never came to: {what}"
        require_dead(running[-1], port=installation.port)
    work_once(installation)
    require_signed_once(draft, use)
    require_sound()


def bring_back(installation: Installation, token: str, signed: bytes) -> None:
    path = reverse("workflow:program-upload", args=[token])
    file = {"uploadfile": ("signed.pdf", signed, "application/pdf")}
    PoolManager(retries=False).request("POST", installation.url + path, fields=file)
