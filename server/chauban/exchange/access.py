"""The only way to a row of the exchange for a person."""

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound, Permission, may, require
from chauban.directory.models import IssuingBody
from chauban.exchange.handing import may_hand_over
from chauban.exchange.models import (
    ChangeRequest,
    DeliveredFile,
    Delivery,
    Dispatch,
    IncomingMessage,
    OutgoingMessage,
    PassedOn,
    ReceivedRecall,
    Recipient,
)
from chauban.registers.models import OutgoingDocument
from chauban.workflow.models import DraftRecipient


def access_delivery(
    officer: Officer | None, delivery_id: int, permission: Permission = Permission.VIEW_DELIVERIES
) -> Delivery:
    """A delivery to a body whose registry is in the officer's agency.

    Who neither directs nor keeps the registry sees what is routed to him, and no delivery.

    Raises: NotFound, where it is another agency's; NotAllowed.
    """
    delivery = (
        Delivery.objects.select_related("body__agency", "message", "incoming")
        .filter(pk=delivery_id)
        .first()
    )
    if delivery is None or not may(officer, Permission.VIEW_REGISTERS, delivery.body):
        raise NotFound
    require(officer, permission, delivery.body)
    return delivery


def access_delivered_file(officer: Officer | None, file_id: int) -> DeliveredFile:
    """A file that came, with content.

    Raises: NotFound, where it is another agency's; NotAllowed.
    """
    file = (
        DeliveredFile.objects.select_related("blob", "delivery__body__agency")
        .filter(pk=file_id, blob__isnull=False)
        .first()
    )
    if file is None or not may(officer, Permission.VIEW_REGISTERS, file.delivery.body):
        raise NotFound
    require(officer, Permission.VIEW_DELIVERIES, file.delivery.body)
    return file


def access_issued(
    officer: Officer | None, document_id: int, permission: Permission = Permission.VIEW_REGISTERS
) -> OutgoingDocument:
    """A numbered document of a body whose registry is in the officer's agency.

    Raises: NotFound, NotAllowed.
    """
    document = (
        OutgoingDocument.objects.select_related("body__agency").filter(pk=document_id).first()
    )
    if document is None or not may(officer, Permission.VIEW_REGISTERS, document.body):
        raise NotFound
    require(officer, permission, document.body)
    return document


def access_recipient(officer: Officer | None, recipient_id: int) -> Recipient:
    """A recipient to whom the officer may send again.

    Raises: NotFound, NotAllowed.
    """
    recipient = Recipient.objects.select_related("document").filter(pk=recipient_id).first()
    if recipient is None:
        raise NotFound
    access_issued(officer, recipient.document_id, Permission.ISSUE)
    return recipient


def access_dispatch(officer: Officer | None, dispatch_id: int) -> Dispatch:
    """What goes off the axis of a document whose registry the officer keeps.

    Raises: NotFound, NotAllowed.
    """
    dispatch = (
        Dispatch.objects.select_related("recipient__document__body", "receipt", "sent_by__person")
        .filter(pk=dispatch_id)
        .first()
    )
    if dispatch is None:
        raise NotFound
    access_issued(officer, dispatch.recipient.document_id, Permission.ISSUE)
    return dispatch


def access_named_recipient(officer: Officer | None, named_id: int) -> DraftRecipient:
    """A recipient that a draft names, for the clerk who is to issue it.

    Raises: NotFound, NotAllowed.
    """
    named = (
        DraftRecipient.objects.select_related("draft__body__agency", "draft__outgoing")
        .filter(pk=named_id, draft__outgoing__isnull=False)
        .first()
    )
    if named is None:
        raise NotFound
    access_issued(officer, named.draft.outgoing_id, Permission.ISSUE)
    return named


def access_set_aside(officer: Officer | None, message_id: int) -> IncomingMessage:
    """A package for a body that is no more, which the officer may hand to a successor.

    Raises: NotFound.
    """
    message = IncomingMessage.objects.select_related("raw").filter(pk=message_id).first()
    retired = message and IssuingBody.objects.by_codes([message.to_organ_id])
    if not retired or not may_hand_over(officer, retired[message.to_organ_id]):
        raise NotFound
    return message


def access_status(officer: Officer | None, message_id: int) -> OutgoingMessage:
    """A status, an answer to a recall or a document passed on, that the officer's registry owes.

    Raises: NotFound, where it is another agency's; NotAllowed.
    """
    message = (
        OutgoingMessage.objects.select_related("delivery__body__agency", "recall__body__agency")
        .filter(pk=message_id, document=None)
        .first()
    )
    body = message and _owing(message)
    if body is None or not may(officer, Permission.VIEW_REGISTERS, body):
        raise NotFound
    require(officer, Permission.REGISTER_INCOMING, body)
    return message


def _owing(message: OutgoingMessage) -> IssuingBody:
    if about := message.delivery or message.recall:
        return about.body
    (first, *_) = PassedOn.objects.of(message)
    return first.incoming.body


def access_request(officer: Officer | None, request_id: int) -> ChangeRequest:
    """What a recipient was asked for, where the officer may ask again.

    Raises: NotFound, NotAllowed.
    """
    found = ChangeRequest.objects.select_related("recipient").filter(pk=request_id).first()
    if found is None:
        raise NotFound
    access_issued(officer, found.recipient.document_id, Permission.ISSUE)
    return found


def access_passed_on(officer: Officer | None, passed_on_id: int) -> PassedOn:
    """Whom a document was passed on to by the registry that the officer keeps.

    Raises: NotFound, where it is another agency's; NotAllowed.
    """
    found = PassedOn.objects.select_related("incoming__body__agency").filter(pk=passed_on_id)
    one = found.first()
    if one is None or not may(officer, Permission.VIEW_REGISTERS, one.incoming.body):
        raise NotFound
    require(officer, Permission.ISSUE, one.incoming.body)
    return one


def access_received_recall(
    officer: Officer | None, recall_id: int, permission: Permission = Permission.VIEW_DELIVERIES
) -> ReceivedRecall:
    """A recall that came for a body whose registry is in the officer's agency.

    Raises: NotFound, where it is another agency's; NotAllowed.
    """
    found = (
        ReceivedRecall.objects.select_related("body__agency", "delivery__incoming")
        .filter(pk=recall_id)
        .first()
    )
    if found is None or not may(officer, Permission.VIEW_REGISTERS, found.body):
        raise NotFound
    require(officer, permission, found.body)
    return found
