"""Every address of the server: who may use it, at which of the province's rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chauban.accounts.flows import Factors
from chauban.accounts.models import Session, User
from chauban.api.events import TEST
from chauban.api.models import Announcement, Application, Subscription, Token
from chauban.axis.models import Carriage, Member, Neighbour, System
from chauban.directory.models import Post, Unit
from chauban.directory.rules import legal_day
from chauban.exchange.models import (
    ChangeRequest,
    OutgoingMessage,
    PassedOn,
    ReceivedRecall,
    Recipient,
)
from chauban.journal.models import Act
from chauban.office.models import PushDevice
from chauban.workflow.models import Batch, Opinion, OpinionRound
from tests.moments import NOW as MOMENT
from tests.ui.conftest import Province

CITY = "van-thu.vp-ubnd"
AUTHOR = "chuyen-vien.vp-ubnd"
SIGNATORY = "pho-chu-tich.vp-ubnd"
FINANCE = "van-thu.so-tai-chinh"
HANDLER = "chuyen-vien.so-tai-chinh"
ASKED = "chanh-vp.vp-ubnd"
OPERATOR = "quan-tri.vp-ubnd"
# The clerk of an agency that has nothing to do with any of it.
ELSEWHERE = "van-thu.so-noi-vu"


@dataclass(frozen=True)
class Address:
    """One address of ours.

    `who` may use it; `others` may not, besides the clerk of another agency and the public.
    Where any officer may (each sees his own), `is_anybodys`; `is_part` of a page, htmx asks.
    """

    who: str
    of: Callable[[Province], list[Any]] = lambda it: []
    posts: bool = False
    others: tuple[str, ...] = ()
    is_anybodys: bool = False
    is_part: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"HX-Request": "true"} if self.is_part else {}


def recipient_of(province: Province) -> list[int]:
    return [Recipient.objects.filter(document=province.issued.outgoing).first().pk]


def named_of(province: Province) -> list[int]:
    return [province.issued.recipients.first().pk]


def dispatch_of(province: Province) -> list[int]:
    return [province.posted.pk]


def set_aside_of(province: Province) -> list[int]:
    return [province.set_aside.pk]


def request_of(province: Province) -> list[int]:
    """What a recipient of a recalled document is asked."""
    recipient = Recipient.objects.filter(document=province.issued.outgoing).first()
    asked, _ = ChangeRequest.objects.get_or_create(
        recipient=recipient, kind=1, defaults={"state": "undelivered", "asked_at": MOMENT}
    )
    return [asked.pk]


def recall_of(province: Province) -> list[int]:
    """A recall of the document that waits for the clerk."""
    waiting = province.waiting
    asked, _ = ReceivedRecall.objects.get_or_create(
        delivery=waiting,
        defaults={
            "message": waiting.message,
            "body": waiting.body,
            "sender": waiting.sender,
            "document_key": waiting.document_key,
            "from_organ_id": waiting.from_organ_id,
            "document_id": waiting.document_id,
            "sender_name": "UBND",
            "asked_at": MOMENT,
        },
    )
    return [asked.pk]


def session_of(province: Province) -> list[int]:
    """A session of the clerk's."""
    user = User.objects.get(username=CITY)
    session, _ = Session.objects.get_or_create(
        user=user,
        session_key="of-another-machine",
        defaults={
            "address": "10.0.0.8", "since": MOMENT, "last_seen_at": MOMENT,
            "until": MOMENT + timedelta(hours=10),
        },
    )  # fmt: skip
    return [session.pk]


def passkey_of(province: Province) -> list[int]:
    """A passkey of the clerk's, who has a telephone and recovery codes too."""
    user = User.objects.get(username=CITY)
    passkey, _ = Authenticator.objects.get_or_create(
        user=user, type="webauthn", defaults={"data": {"name": "Khóa", "credential": {}}}
    )
    return [passkey.pk]


def totp_of(province: Province) -> list[int]:
    """The clerk has a telephone that shows codes, and recovery codes."""
    user = User.objects.get(username=CITY)
    sealed = Factors().encrypt("JBSWY3DPEHPK3PXP")
    for kind, data in (
        ("totp", {"secret": sealed}),
        ("recovery_codes", {"seed": sealed, "used_mask": 0}),
    ):
        Authenticator.objects.get_or_create(user=user, type=kind, defaults={"data": data})
    return []


def colleague_of(province: Province) -> list[int]:
    return [province.issued.author_id]


def agency_of(province: Province) -> list[int]:
    return [province.issued.agency_id]


def person_of(province: Province) -> list[int]:
    return [province.issued.author.person_id]


def message_of(province: Province) -> list[int]:
    return [OutgoingMessage.objects.first().pk]


def passed_on_of(province: Province) -> list[int]:
    """An agency that the incoming document was passed on to."""
    passed_on, _ = PassedOn.objects.get_or_create(
        incoming=province.incoming,
        organ_id="H44",
        defaults={
            "name": "UBND tỉnh Phú Thọ",
            "message": OutgoingMessage.objects.first(),
            "by": province.task.assigned_by,
            "at": MOMENT,
            "request": "refused",
        },
    )
    return [passed_on.pk]


def device_of(province: Province) -> list[int]:
    """A device of the clerk's."""
    post = Post.objects.get(person__user__username=CITY)
    device, _ = PushDevice.objects.get_or_create(
        endpoint="https://fcm.googleapis.com/fcm/send/abc",
        defaults={
            "user": post.person.user,
            "post": post,
            **dict.fromkeys(("since", "next_look_at", "digest_at"), MOMENT),
        },
    )
    return [device.pk]


def undoable_of(province: Province) -> list[int]:
    """The routing of the incoming document, by its leader."""
    return [Act.objects.filter(kind="routed").latest("pk").pk]


def status_of(province: Province) -> list[int]:
    return [province.waiting.statuses_owed.first().pk]


def copy_of(province: Province) -> list[Any]:
    return [Carriage.objects.first().pk]


def system_of(province: Province) -> list[int]:
    return [System.objects.first().pk]


def neighbour_of(province: Province) -> list[int]:
    neighbour, _ = Neighbour.objects.get_or_create(
        system=System.objects.first(),
        defaults={"url": "http://127.0.0.1:9", "our_system_id": "x", "our_sealed_secret": b""},
    )
    return [neighbour.pk]


def member_of(province: Province) -> list[int]:
    return [Member.objects.first().pk]


def application(province: Province) -> list[int]:
    """What acts for the clerk of the city's office."""
    held, _ = Application.objects.get_or_create(
        post=Post.objects.get(person__user__username=CITY),
        defaults={"name": "Một cửa", "scopes": ["webhooks:manage"], "registered_at": MOMENT},
    )
    return [held.pk]


def token(province: Province) -> list[int]:
    (pk,) = application(province)
    held, _ = Token.objects.get_or_create(
        application_id=pk,
        defaults={"prefix": "0" * 8, "digest": "", "made_at": MOMENT, "expires_at": MOMENT},
    )
    return [pk, held.pk]


def webhook(province: Province) -> list[int]:
    (pk,) = application(province)
    held, _ = Subscription.objects.get_or_create(
        application_id=pk,
        defaults={
            "url": "https://a.example/",
            "events": [],
            "sealed_secret": b"",
            "after_act": 0,
            "made_at": MOMENT,
        },
    )
    return [pk, held.pk]


def announced(province: Province) -> list[int]:
    pk, held = webhook(province)
    one, _ = Announcement.objects.get_or_create(
        subscription_id=held,
        event=TEST,
        defaults={"body": "{}", "due_at": MOMENT, "created_at": MOMENT, "state": "failed"},
    )
    return [pk, one.pk]


def batch_of(province: Province) -> list[Any]:
    """What the signatory has confirmed; all of it was left for later."""
    draft = province.signing
    batch, is_new = Batch.objects.get_or_create(
        uid=UUID(int=draft.pk),
        defaults={
            "purpose": Batch.Purpose.SIGN,
            "by": draft.mandate.post,
            "began_at": MOMENT,
            "lease_until": MOMENT,
            "ended_at": MOMENT,
        },
    )
    if is_new:
        batch.items.create(ordinal=1, draft=draft, decision="skip", shown="", outcome="skipped")
    return [batch.uid]


def draft(province: Province) -> list[Any]:
    return [province.drafting.pk]


def attachment(province: Province) -> list[Any]:
    return [province.drafting.pk, province.drafting.attachments.first().pk]


def incoming(province: Province) -> list[Any]:
    return [province.incoming.pk]


def pages(province: Province) -> list[Any]:
    return [province.drafting.newest_version.pages_id]


def opinion_of(province: Province) -> list[Any]:
    """What the head of office is asked about the draft that is being written."""
    draft = province.drafting
    asked, _ = OpinionRound.objects.get_or_create(
        draft=draft,
        defaults={
            "version": draft.newest_version,
            "question": "Thời hạn báo cáo đã phù hợp chưa?",
            "due_on": legal_day(draft.created_at),
            "asked_by": draft.author,
            "asked_at": draft.created_at + timedelta(hours=1),
        },
    )
    head = Post.objects.get(person__user__username=ASKED)
    opinion, _ = Opinion.objects.get_or_create(round=asked, post=head)
    return [opinion.pk]


def round_of(province: Province) -> list[Any]:
    """The same with an answer that is to be settled."""
    opinion = Opinion.objects.get(pk=opinion_of(province)[0])
    unit = Unit.objects.filter(agency=province.drafting.agency).first()
    Opinion.objects.get_or_create(
        round=opinion.round,
        unit=unit,
        defaults={
            "stance": "disagrees",
            "words": "Hạn quá gấp.",
            "by": opinion.post,
            "at": opinion.round.asked_at,
        },
    )
    return [opinion.round_id]


# A draft still with its author is neither the clerk's nor the layout checker's to see.
NOT_YET = (CITY, "the-thuc.vp-ubnd")
NOT_ROUTED = ("the-thuc.so-tai-chinh",)

ADDRESSES = {
    "accounts:posts": Address(AUTHOR, is_anybodys=True),
    "accounts:switch-post": Address(AUTHOR, lambda it: [it.issued.author_id], posts=True),
    "accounts:settings": Address(CITY, is_anybodys=True),
    "accounts:security": Address(CITY, is_anybodys=True),
    "accounts:password": Address(CITY, is_anybodys=True),
    "accounts:second-factor": Address(CITY, is_anybodys=True),
    "accounts:end-others": Address(CITY, posts=True, is_anybodys=True),
    "accounts:end-session": Address(CITY, session_of, posts=True, others=(AUTHOR,)),
    "mfa_index": Address(CITY, is_anybodys=True),
    "mfa_list_webauthn": Address(CITY, is_anybodys=True),
    "account_reauthenticate": Address(CITY, is_anybodys=True),
    "mfa_reauthenticate": Address(CITY, is_anybodys=True),
    "mfa_reauthenticate_webauthn": Address(CITY, is_anybodys=True),
    "mfa_activate_totp": Address(CITY, is_anybodys=True),
    "mfa_deactivate_totp": Address(CITY, totp_of, others=(AUTHOR,)),
    "mfa_add_webauthn": Address(CITY, is_anybodys=True),
    "mfa_remove_webauthn": Address(CITY, passkey_of, others=(AUTHOR,)),
    "mfa_view_recovery_codes": Address(CITY, totp_of, others=(AUTHOR,)),
    "mfa_generate_recovery_codes": Address(CITY, totp_of, is_anybodys=True),
    "office:home": Address(CITY, is_anybodys=True),
    "office:devices": Address(CITY, is_anybodys=True),
    "office:add-device": Address(CITY, posts=True, is_anybodys=True),
    "office:remove-device": Address(CITY, device_of, posts=True, others=(AUTHOR,)),
    "office:counts": Address(CITY, is_anybodys=True, is_part=True),
    "office:find": Address(CITY, is_anybodys=True),
    "office:person": Address(CITY, colleague_of),
    "office:place": Address(SIGNATORY, lambda it: ["sign"]),
    "office:outgoing": Address(CITY, lambda it: [it.issued.outgoing_id]),
    "office:outgoing-changes": Address(CITY, lambda it: [it.issued.outgoing_id, 1]),
    "office:scoreboard-declare": Address(OPERATOR, lambda it: ["t6"], others=(CITY,)),
    "office:pictures": Address(CITY, is_anybodys=True),
    "office:picture": Address(CITY, lambda it: ["flow"], is_anybodys=True),
    "office:picture-list": Address(CITY, lambda it: ["flow"], is_anybodys=True),
    "office:picture-file": Address(CITY, lambda it: ["flow"], is_anybodys=True),
    "office:picture-ground": Address(CITY, is_anybodys=True),
    "registers:outgoing-register": Address(CITY, is_anybodys=True),
    "registers:outgoing-register-file": Address(CITY, is_anybodys=True),
    "registers:incoming-register": Address(FINANCE, is_anybodys=True),
    "registers:incoming-register-file": Address(FINANCE, is_anybodys=True),
    "registers:outgoing-file": Address(CITY, lambda it: [it.issued.outgoing_id, 1]),
    "workflow:drafts": Address(AUTHOR, is_anybodys=True),
    "workflow:new-draft": Address(AUTHOR, is_anybodys=True),
    "workflow:draft": Address(AUTHOR, draft, others=NOT_YET),
    "workflow:edit-draft": Address(AUTHOR, draft, others=NOT_YET),
    "workflow:take-step": Address(
        AUTHOR, lambda it: [it.drafting.pk, "submit"], posts=True, others=NOT_YET
    ),
    "workflow:ask-opinions": Address(AUTHOR, draft, others=NOT_YET),
    "workflow:opinion": Address(ASKED, opinion_of, others=(AUTHOR, *NOT_YET)),
    "workflow:asked-file": Address(
        ASKED,
        lambda it: [*opinion_of(it), it.drafting.attachments.first().pk],
        others=(AUTHOR, *NOT_YET),
    ),
    "workflow:opinion-round": Address(AUTHOR, round_of, others=(ASKED, *NOT_YET)),
    "workflow:withdraw-opinions": Address(
        AUTHOR, round_of, posts=True, others=(ASKED, *NOT_YET)
    ),
    "workflow:sign": Address(SIGNATORY, lambda it: [it.signing.pk]),
    "workflow:seal": Address(CITY, lambda it: [it.numbered.pk]),
    "workflow:result": Address(CITY, lambda it: [it.numbered.pk]),
    "workflow:sign-batch": Address(SIGNATORY),
    "workflow:seal-batch": Address(CITY, is_anybodys=True),
    "workflow:batch": Address(SIGNATORY, batch_of, others=(CITY,)),
    "workflow:batch-items": Address(SIGNATORY, batch_of, others=(CITY,), is_part=True),
    "workflow:asked": Address(SIGNATORY, lambda it: [it.signing.pk], is_part=True),
    "workflow:cancel-asked": Address(SIGNATORY, lambda it: [it.signing.pk], posts=True),
    "workflow:program": Address(SIGNATORY, lambda it: [it.signing.pk]),
    "workflow:program-tickets": Address(SIGNATORY, lambda it: [it.signing.pk], posts=True),
    "workflow:attach": Address(AUTHOR, draft, posts=True, others=NOT_YET),
    "workflow:attachment": Address(AUTHOR, attachment, others=NOT_YET),
    "workflow:remove-attachment": Address(AUTHOR, attachment, posts=True, others=NOT_YET),
    "workflow:pages-file": Address(AUTHOR, pages, others=NOT_YET),
    "workflow:page": Address(AUTHOR, lambda it: [*pages(it), 1], others=NOT_YET),
    "workflow:incoming": Address(HANDLER, incoming, others=NOT_ROUTED),
    "workflow:incoming-file": Address(
        HANDLER, lambda it: [it.incoming.pk, 1], others=NOT_ROUTED
    ),
    "workflow:incoming-changes": Address(
        HANDLER, lambda it: [it.incoming.pk, 1], others=NOT_ROUTED
    ),
    "workflow:route": Address("giam-doc.so-tai-chinh", incoming, posts=True, others=NOT_ROUTED),
    "workflow:close": Address(FINANCE, incoming, posts=True, others=(HANDLER, *NOT_ROUTED)),
    "workflow:undo": Address(
        "giam-doc.so-tai-chinh", undoable_of, posts=True, others=(FINANCE, HANDLER, *NOT_ROUTED)
    ),
    "workflow:start-task": Address(
        HANDLER, lambda it: [it.task.pk], posts=True, others=(FINANCE, *NOT_ROUTED)
    ),
    "workflow:finish-task": Address(
        HANDLER, lambda it: [it.task.pk], posts=True, others=(FINANCE, *NOT_ROUTED)
    ),
    "exchange:inbox": Address(FINANCE, is_anybodys=True),
    "exchange:delivery": Address(FINANCE, lambda it: [it.waiting.pk], others=(HANDLER,)),
    "exchange:accept": Address(
        FINANCE, lambda it: [it.waiting.pk], posts=True, others=(HANDLER,)
    ),
    "exchange:return": Address(
        FINANCE, lambda it: [it.waiting.pk], posts=True, others=(HANDLER,)
    ),
    "exchange:delivered-file": Address(
        FINANCE, lambda it: [it.waiting.files.first().pk], others=(HANDLER,)
    ),
    "exchange:delivered-changes": Address(
        FINANCE, lambda it: [it.waiting.files.first().pk], others=(HANDLER,)
    ),
    "exchange:recipients": Address(CITY, lambda it: [it.issued.outgoing_id], is_part=True),
    "exchange:issue": Address(
        CITY, lambda it: [it.issued.outgoing_id], posts=True, others=(AUTHOR,)
    ),
    "exchange:recall": Address(
        CITY, lambda it: [it.issued.outgoing_id], posts=True, others=(AUTHOR,)
    ),
    "exchange:ask-again": Address(CITY, request_of, posts=True, others=(AUTHOR,)),
    "exchange:given-back": Address(CITY, request_of, posts=True, others=(AUTHOR,)),
    "exchange:pass-on": Address(FINANCE, incoming, others=(HANDLER, *NOT_ROUTED)),
    "exchange:ask-holder-again": Address(FINANCE, passed_on_of, posts=True, others=(HANDLER,)),
    "exchange:received-recall": Address(FINANCE, recall_of, others=(HANDLER,)),
    "exchange:agree-recall": Address(FINANCE, recall_of, posts=True, others=(HANDLER,)),
    "exchange:refuse-recall": Address(FINANCE, recall_of, posts=True, others=(HANDLER,)),
    "exchange:resend": Address(CITY, recipient_of, posts=True, others=(AUTHOR,)),
    "exchange:resend-status": Address(FINANCE, status_of, posts=True, others=(HANDLER,)),
    "exchange:receipts": Address(CITY, recipient_of, others=(AUTHOR,)),
    "exchange:change-channel": Address(CITY, recipient_of, posts=True, others=(AUTHOR,)),
    "exchange:choose-channel": Address(CITY, named_of, posts=True, others=(AUTHOR,)),
    "exchange:dispatches": Address(CITY, is_anybodys=True),
    "exchange:dispatch": Address(CITY, dispatch_of, others=(AUTHOR,)),
    "exchange:note": Address(
        CITY, lambda it: [*dispatch_of(it), "sent"], posts=True, others=(AUTHOR,)
    ),
    "exchange:envelope": Address(CITY, dispatch_of, others=(AUTHOR,)),
    "exchange:receipt": Address(CITY, dispatch_of, others=(AUTHOR,)),
    "exchange:postal-book": Address(CITY, is_anybodys=True),
    "exchange:postal-book-file": Address(CITY, is_anybodys=True),
    "exchange:usual-channels": Address(CITY, is_anybodys=True),
    "exchange:usual-channel": Address(CITY, lambda it: ["body", 1], is_anybodys=True),
    "exchange:set-aside": Address(OPERATOR, is_anybodys=True),
    "exchange:hand-over": Address(OPERATOR, set_aside_of, posts=True, others=(AUTHOR,)),
    "trust:certificates": Address(CITY, is_anybodys=True),
    "trust:note-warnings": Address(AUTHOR, posts=True, is_anybodys=True),
    "office:paper-arrivals": Address(CITY, is_anybodys=True),
    "administering:agencies": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:agency": Address(OPERATOR, agency_of, others=(CITY, AUTHOR)),
    "administering:people": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:person": Address(OPERATOR, person_of, others=(CITY, AUTHOR)),
    "administering:appoint": Address(OPERATOR, person_of, others=(CITY, AUTHOR)),
    "administering:mandates": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:series": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:kinds": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:specimen": Address(
        OPERATOR, lambda it: ["cong_van"], others=(CITY, AUTHOR)
    ),
    "administering:routing-rules": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:calendar": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:queues": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:trust": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:devices": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:index": Address(OPERATOR, others=(CITY, AUTHOR)),
    "administering:act": Address(
        OPERATOR, lambda it: ["agency", *agency_of(it), "unit"], others=(CITY, AUTHOR)
    ),
    "axis:queues": Address(OPERATOR, others=(CITY,)),
    "axis:retry": Address(OPERATOR, message_of, posts=True, others=(CITY,)),
    "axis:resend": Address(OPERATOR, recipient_of, posts=True, others=(CITY,)),
    "axis:offer-again": Address(OPERATOR, copy_of, posts=True, others=(CITY,)),
    "axis:systems": Address(OPERATOR, others=(CITY,)),
    "axis:system": Address(OPERATOR, system_of, others=(CITY,)),
    "axis:lock": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:unlock": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:rotate": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:limits": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:connect": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:call": Address(OPERATOR, neighbour_of, posts=True, others=(CITY,)),
    "applications:list": Address(CITY, is_anybodys=True),
    "applications:one": Address(CITY, application, others=(AUTHOR,)),
    "applications:end": Address(CITY, application, posts=True, others=(AUTHOR,)),
    "applications:renew": Address(CITY, application, posts=True, others=(AUTHOR,)),
    "applications:revoke": Address(CITY, token, posts=True, others=(AUTHOR,)),
    "applications:subscribe": Address(CITY, application, posts=True, others=(AUTHOR, OPERATOR)),
    "applications:unsubscribe": Address(CITY, webhook, posts=True, others=(AUTHOR,)),
    "applications:renew-secret": Address(CITY, webhook, posts=True, others=(AUTHOR, OPERATOR)),
    "applications:test": Address(CITY, webhook, posts=True, others=(AUTHOR, OPERATOR)),
    "applications:send-again": Address(CITY, announced, posts=True, others=(AUTHOR, OPERATOR)),
    "axis:add-member": Address(OPERATOR, system_of, posts=True, others=(CITY,)),
    "axis:remove-member": Address(OPERATOR, member_of, posts=True, others=(CITY,)),
}  # fmt: skip
# For everybody, signed in or not.
PUBLIC = {
    "accounts:sign-in": [],
    "accounts:sign-out": [],
    "account_login": [],
    "mfa_authenticate": [],
    "mfa_login_webauthn": [],
    "openid_connect_login": ["sso"],
    "openid_connect_callback": ["sso"],
    "set-language": [],
    "set-theme": [],
    "trust:verify-file": [],
    "components": [],
    "offline": [],
    "service-worker": [],
    "office:health": [],
    "office:scoreboard": [],
    "office:scoreboard-list": ["documents"],
    "office:scoreboard-file": ["targets"],
}
# Other systems' calls: no session, no form; each is signed (tests/axis/test_http.py).
SIGNED_CALLS = {
    "axis:send-edoc", "axis:received", "axis:sent", "axis:get-edoc", "axis:download-edoc",
    "axis:update-status", "axis:count-edoc", "axis:count-status", "axis:agencies",
    "axis:agencies-qd20", "axis:receipts",
}  # fmt: skip
# Calls of programs without a session, which count by a token that works once, or because the
# signature in them verifies (tests/workflow/test_local_program.py, test_telephone.py).
TICKETED = {
    "workflow:program-file": ["no-such-ticket"],
    "workflow:program-upload": ["no-such-ticket"],
    "workflow:call-back": [],
}


def patterns(
    resolver: URLResolver | None = None, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the URL conf by its full name; not the calls of applications.

    Those carry a token instead of a session (tests/api/test_access.py).
    """
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver) and str(entry.pattern) == "api/":
            continue
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", entry
        else:
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else space)


def path_to(name: str, province: Province) -> str:
    fixed = {call: [] for call in SIGNED_CALLS} | PUBLIC | TICKETED
    if name in fixed:
        return reverse(name, args=fixed[name])
    return reverse(name, args=ADDRESSES[name].of(province))
