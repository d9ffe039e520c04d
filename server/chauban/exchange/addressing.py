"""Whom a package is for: our bodies by the codes used, and the heirs of those that are no more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from chauban.directory.errors import OrganCodeRetired, UnknownOrganCode
from chauban.directory.models import IssuingBody
from chauban.directory.querysets import addressed_by
from chauban.directory.succession import heirs_of
from chauban.exchange.errors import Refused, SeveralHeirs
from chauban.exchange.reading import Warning
from chauban.exchange.senders import Sender, senders_of


@dataclass(frozen=True)
class Known:
    """What the directory knows of some codes, as of a day."""

    bodies: Mapping[str, IssuingBody]
    senders: Mapping[str, Sender]
    heirs: Mapping[int, tuple[IssuingBody, ...]]  # of the bodies whose code is retired
    day: date

    @classmethod
    def of(cls, codes: Iterable[str], day: date, *, senders: Iterable[str] = ()) -> Self:
        """What it knows of codes, and of those that messages came from."""
        senders = set(senders)
        bodies = IssuingBody.objects.by_codes({*codes, *senders})
        retired = [body for code, body in bodies.items() if _is_retired(code, body, day)]
        heirs = heirs_of(retired, day) if retired else {}
        return cls(bodies, senders_of(senders, bodies), heirs, day)

    def addressee(self, code: str) -> IssuingBody:
        """The body that a code leads to: its own, or the only heir of that.

        Raises:
            Refused: nobody has or had the code, or nobody took over from who had it.
            SeveralHeirs: a person must say to which of them.
        """
        try:
            return addressed_by(code, self.bodies, self.day)
        except UnknownOrganCode as error:
            raise Refused("unknown-addressee", error.code) from error
        except OrganCodeRetired as error:
            heirs = self.heirs[error.body.pk]
            if not heirs:
                raise Refused("retired-addressee", f"{code} ({error.body.name})") from error
            if len(heirs) > 1:
                raise SeveralHeirs(code, error.body, heirs) from error
            return heirs[0]

    def predecessors(self, codes: Iterable[str]) -> dict[str, IssuingBody]:
        """Of codes that are retired, the bodies whose they were."""
        return {
            code: self.bodies[code]
            for code in codes
            if _is_retired(code, self.bodies[code], self.day)
        }


def addressed_bodies(
    to_organ_id: str, to_organ_ids: Sequence[str], known: Known
) -> dict[str, IssuingBody]:
    """Our bodies that a package is for, by the code used; both codes of one body count once.

    to_organ_id is whom the axis names; where it names nobody, the message's own To decides.

    Raises: Refused, SeveralHeirs, as `Known.addressee`, when the package is for nobody else.
    """
    if to_organ_id:
        return {to_organ_id: known.addressee(to_organ_id)}
    found: dict[str, IssuingBody] = {}
    trouble: Refused | SeveralHeirs | None = None
    for organ_id in to_organ_ids:
        if organ_id not in known.bodies:
            continue
        try:
            body = known.addressee(organ_id)
        except (Refused, SeveralHeirs) as error:
            trouble = error
            continue
        if body not in found.values():
            found[organ_id] = body
    if not found:
        raise trouble or Refused("unknown-addressee", ", ".join(to_organ_ids)[:200])
    return found


def succession_warnings(
    bodies: Mapping[str, IssuingBody], predecessors: Mapping[str, IssuingBody]
) -> list[Warning]:
    """What the clerk of the heir is told: the retired code, whose it was, who has it now."""
    return [
        {
            "code": "addressee-succeeded",
            "vi": f"Gửi đến mã đã hết hiệu lực {code} của {old}; chuyển cho {bodies[code]}.",
            "en": f"Sent to the retired code {code} of {old}; handed to {bodies[code]}.",
        }
        for code, old in predecessors.items()
    ]


def _is_retired(code: str, body: IssuingBody, day: date) -> bool:
    held = any(each.code == code and each.is_in_force(day) for each in body.codes.all())
    return not (held and body.is_in_force(day))
