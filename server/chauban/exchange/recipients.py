"""Whom an issued document goes to, by which channel: each agency once, whatever its codes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

from chauban.directory.errors import BodyHasNoCode
from chauban.directory.models import Channel, IssuingBody, OutsideOrganisation
from chauban.directory.succession import heirs_of
from chauban.exchange.errors import NoRecipients
from chauban.exchange.models import Recipient
from chauban.registers.models import OutgoingDocument
from chauban.workflow.models import Draft, DraftRecipient


def recipients_of(document: OutgoingDocument, draft: Draft | None, day: date) -> list[Recipient]:
    """The recipients the draft names, unsaved: one for each agency, under its code of the day.

    The channel is the one the clerk chose, else the directory's, else the axis where there is a
    code, else the post. Who was succeeded by one body since the draft was written, is that body.

    Raises: NoRecipients.
    """
    named = list(_named(draft)) if draft else []
    codes = [one.organ_id for one in named if one.body is None]
    bodies = IssuingBody.objects.by_codes(codes)
    outside = OutsideOrganisation.objects.by_any_code(codes)
    ended = [one.body for one in named if one.body and not one.body.is_in_force(day)]
    heirs = heirs_of(ended, day) if ended else {}
    found: dict[Any, Recipient] = {}
    for one in named:
        body = one.body or bodies.get(one.organ_id)
        recipient = (
            _of_body(one, body, heirs, day) if body else _outside(one, outside.get(one.organ_id))
        )
        recipient.document = document
        found.setdefault(recipient.body_id or recipient.organ_id or recipient.name, recipient)
    if not found:
        raise NoRecipients(document)
    return list(found.values())


def usual_channel(whom: IssuingBody | OutsideOrganisation | None, organ_id: str) -> str:
    """What the directory says; the axis is possible only with a code."""
    channel = whom.channel if whom else ""
    if channel in ("", Channel.AXIS):
        return Channel.AXIS if organ_id else Channel.POST
    return channel


def _named(draft: Draft) -> "models.QuerySet[DraftRecipient]":
    rows = draft.recipients.select_related("body__agency__parent")
    return rows.prefetch_related("body__codes").order_by("pk")


def _of_body(
    one: DraftRecipient,
    body: IssuingBody,
    heirs: Mapping[int, tuple[IssuingBody, ...]],
    day: date,
) -> Recipient:
    name = body.name
    if len(heirs.get(body.pk, ())) == 1:
        (body,) = heirs[body.pk]
        name = f"{body.name} (kế thừa {name})"[:200]
    try:
        organ_id = body.organ_id(day)
    except BodyHasNoCode:
        organ_id = ""
    return Recipient(body=body, organ_id=organ_id, name=name, channel=_channel(one, body, organ_id))


def _outside(one: DraftRecipient, listed: OutsideOrganisation | None) -> Recipient:
    organ_id = listed.code if listed else one.organ_id
    name = listed.name if listed else one.name
    return Recipient(organ_id=organ_id, name=name[:200], channel=_channel(one, listed, organ_id))


def _channel(
    one: DraftRecipient, whom: IssuingBody | OutsideOrganisation | None, organ_id: str
) -> str:
    is_possible = one.channel and (one.channel != Channel.AXIS or organ_id)
    return one.channel if is_possible else usual_channel(whom, organ_id)
