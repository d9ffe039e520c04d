"""What the façades before the national axis share: packages by id, one for each recipient."""

from dataclasses import dataclass
from uuid import UUID

from chauban_edxml.model import StatusMessage
from chauban_edxml.reading import read_without_attachments
from tests.exchange.stand_ins.serving import StandIn


@dataclass
class Package:
    type: str
    sender: str
    recipient: str
    raw: bytes
    status: str = "initial"


class Facade(StandIn):
    """It does not compare what it is sent: what is sent twice is there twice."""

    def __init__(self, agencies):
        super().__init__()
        self.agencies = set(agencies)
        self.packages: dict[str, Package] = {}
        self.sent: list[bytes] = []

    def put(self, raw):
        """A message comes in from anybody; every recipient has a copy.

        Raises: NotReadable; LookupError, with the recipient that is not on the axis.
        """
        message = read_without_attachments(raw)
        is_status = isinstance(message, StatusMessage)
        to = [message.response_for] if is_status else message.to
        for one in to:
            if one.organ_id not in self.agencies:
                raise LookupError(one.organ_id)
        self.sent.append(raw)
        for one in to:
            package = Package(
                "status" if is_status else "edoc", message.from_.organ_id, one.organ_id, raw
            )
            self.packages[str(UUID(int=len(self.packages) + 1))] = package
        return next(reversed(self.packages))

    def listed_for(self, organ_id):
        return [
            {
                "serviceType": "eDoc",
                "messageType": one.type,
                "docId": doc_id,
                "from": one.sender,
                "to": one.recipient,
                "status": one.status,
                "statusDesc": "",
                "createdTime": "2026-11-23 10:00:00",
                "updatedTime": "2026-11-23 10:00:00",
            }
            for doc_id, one in self.packages.items()
            if one.recipient == organ_id
        ]
