"""Who sent a message: one sender, whichever of its codes it used (edxml.md 6.7, 10.4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.exchange.models import Delivery
from chauban.exchange.rules import sender_key


@dataclass(frozen=True)
class Sender:
    """An agency as the sender of messages.

    What comes stands under `key`; what came before its second code was known may stand under
    another of `keys`. The name is the directory's, blank for who is not in it.
    """

    key: str
    keys: frozenset[str]
    codes: frozenset[str]
    name: str = ""

    @classmethod
    def of_body(cls, body: IssuingBody) -> Self:
        key = sender_key("", body.key)
        return cls(key, frozenset({key}), body.aliases(), body.name)

    @classmethod
    def of_listed(cls, listed: OutsideOrganisation) -> Self:
        keys = frozenset(sender_key(code, None) for code in listed.codes)
        return cls(sender_key(listed.code, None), keys, listed.codes, listed.name)

    @classmethod
    def of_code(cls, code: str) -> Self:
        key = sender_key(code, None)
        return cls(key, frozenset({key}), frozenset({code}))


def senders_of(codes: Iterable[str], bodies: Mapping[str, IssuingBody]) -> dict[str, Sender]:
    """The senders that use these codes; bodies are those of the directory, by their codes."""
    asked = {code for code in codes if code}
    found = {code: Sender.of_body(bodies[code]) for code in asked if code in bodies}
    strange = asked - found.keys()
    listed = OutsideOrganisation.objects.by_any_code(strange) if strange else {}
    for code in strange:
        found[code] = Sender.of_listed(listed[code]) if code in listed else Sender.of_code(code)
    return found


def keys_of(delivery: Delivery) -> frozenset[str]:
    """Those under which other messages of a delivery's sender may stand."""
    if delivery.sender.startswith("body:"):
        return frozenset({delivery.sender})
    sender = senders_of([delivery.from_organ_id], {})[delivery.from_organ_id]
    return sender.keys | {delivery.sender}
