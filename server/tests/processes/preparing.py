"""Makes, in a process of its own, the demo province that each test of processes gets a copy of.

Besides what `chauban demo` prepares before its first page: the keys of one department, and
letters of the Committee that are signed and wait for their numbers.
"""

from datetime import UTC, datetime
from pathlib import Path

from chauban.cli.main import enter_server

if __name__ == "__main__":
    enter_server()

from django.conf import settings

from chauban.cli import acting, province
from chauban.trust.anchors import current_trust
from chauban.trust.demo import mint_for_body, open_demo_pki
from chauban.trust.services import fetcher
from chauban.workflow.made import SigningServices
from chauban.workflow.models import Draft
from chauban_pki.demo.answers import timestamper

SIGNED_DRAFTS = 12
ANSWERING = "so-tai-chinh"
RECIPIENTS = ("ubnd-thuan-hoa", ANSWERING)
COMMITTEE = acting.Cast.of("vp-ubnd", signatory="pho-chu-tich.vp-ubnd")


def clock() -> datetime:
    return datetime.now(UTC)


def prepare(data: Path) -> None:
    province.prepare(data)
    authority = open_demo_pki(data / "pki", now=clock())
    mint_for_body(acting.body_named(ANSWERING), authority=authority, now=clock())
    text = acting.letters()[0]
    recipients = [acting.body_named(key) for key in RECIPIENTS]
    for _ in range(SIGNED_DRAFTS):
        draft = acting.write(
            text,
            body=acting.body_named("ubnd-tp"),
            cast=COMMITTEE,
            recipients=recipients,
            now=clock(),
        )
        acting.bring_to(
            draft,
            Draft.State.SIGNED,
            COMMITTEE,
            services=lambda: SigningServices(
                timestamper(authority, clock()), fetcher(), current_trust(clock())
            ),
            clock=clock,
        )


if __name__ == "__main__":
    prepare(settings.ENVIRONMENT.data)
