"""`chauban scenario outages`: sealing goes on while what it needs is killed, part by part.

By hand it runs with 200 documents (docs/measured/outages.md); here with fewer, and the minute
that the worker waits between two tries is cut short.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chauban.cli import acting
from chauban.cli.key_device import KeyDevice
from chauban.cli.outages_watch import Watch
from chauban.registers.actions import SealedFile, enter_sealed
from chauban.registers.models import OutgoingFile
from chauban.trust.keys import keys_under
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.sealing import seal_draft
from chauban.workflow.services import signing_services
from tests.processes.installation import Installation, processes_of, terminal
from tests.processes.preparing import COMMITTEE
from tests.processes.soundness import require_sound

pytestmark = pytest.mark.soak

DOCUMENTS = 14
PATIENCE_SECONDS = 400.0
TRY_AGAIN_SECONDS = 4.0


def no_pause() -> None:
    """The worker's pause before its next try is over."""
    now = datetime.now(UTC)
    waiting = KeyUse.objects.pending().filter(lease_until__gt=now)
    waiting.update(lease_until=now - timedelta(seconds=1))


def played(place: Installation) -> dict[str, Any]:
    argv = ["chauban.cli.main", "scenario", "outages", "--data", str(place.data)]
    database = place.environment.database_url
    process = subprocess.Popen(
        [sys.executable, "-m", *argv, "--documents", str(DOCUMENTS), "--json"],
        env={**terminal(), "CHAUBAN_DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            out, err = process.communicate(timeout=TRY_AGAIN_SECONDS)
        except subprocess.TimeoutExpired:
            no_pause()
        else:
            assert out, err
            return json.loads(out) | {"exit": process.returncode}
    process.terminate()
    raise AssertionError(process.communicate())


def test_nothing_half_sealed_is_seen_and_all_is_sealed_once_in_the_end(
    installation: Installation, settings: Any
) -> None:
    outcome = played(installation)
    assert (outcome["failure"], outcome["ok"], outcome["exit"]) == ("", True, 0)
    steps = outcome["steps"]
    (prepared,) = [one for one in steps if one["step"] == "prepared"]
    (watched,) = [one["figures"] for one in steps if one["step"] == "watched"]
    (checked,) = [one for one in steps if one["step"] == "checked"]
    outages = {one["what"]: one["figures"] for one in steps if one["step"] == "outage"}

    assert prepared["documents"] == {"numbered": DOCUMENTS}
    assert checked["documents"] == {"issued": DOCUMENTS}
    assert watched["half_sealed"] == 0
    assert watched["files_of_the_register"] >= DOCUMENTS
    assert watched["sealed_files_of_van-thu.thuan-hoa"] == DOCUMENTS
    assert watched["sealed_files_of_van-thu.so-xay-dung"] >= DOCUMENTS
    said = {name: figures["said_missing"] for name, figures in outages.items()}
    assert outages["tsa"]["held"]
    assert "timestamp" in said["tsa"]
    assert outages["revocation, nothing cached"]["held"]
    assert "revocation" in said["revocation, nothing cached"]
    if prepared["figures"]["seal_kept_in"] == "device":
        assert outages["device"]["refused"]
        assert said["device"] == ["device"]
        device = KeyDevice.of_this_machine(installation.data, socket=installation.data)
        settings.PKCS11_LIBRARY = str(device.client)  # so that the doctor knows it
    assert processes_of(installation.data) == []
    require_sound()


@pytest.mark.parametrize("is_half_sealed", [True, False])
def test_what_is_half_sealed_would_be_seen(
    installation: Installation, is_half_sealed: bool
) -> None:
    """So the watching above can fail: a seal without its evidence, entered all the same."""
    now = datetime.now(UTC)
    draft = Draft.objects.filter(state=Draft.State.SIGNED)[0]
    draft = acting.step(draft, COMMITTEE, services=signing_services(now), now=now)
    clerk = acting.officer(COMMITTEE.clerk, now)
    seal_draft(
        draft, keys=keys_under("246810", officer=clerk, now=now), shown=draft.signing_copy.shown,
        officer=clerk, now=now, services=signing_services(now),
    )  # fmt: skip
    held = KeyUse.objects.pending().get(purpose=KeyUse.Purpose.SEAL)
    watch = Watch(None, None)  # type: ignore[arg-type] — nobody at a browser here
    if is_half_sealed:
        part, kind = OutgoingFile.Part.MAIN, "application/pdf"
        file = SealedFile(held.result, part, "so.pdf", kind, {})
        enter_sealed(draft.outgoing, [file], officer=clerk, now=now)
    problems = list(watch._audit())
    assert len(problems) == (1 if is_half_sealed else 0), problems
    assert all("in the register" in problem for problem in problems)
