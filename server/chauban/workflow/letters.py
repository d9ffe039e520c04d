"""What a drafter wrote, as the letter that is set in type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from chauban.directory.models import IssuingBody
from chauban.registers.models import Priority
from chauban.trust.models import Mandate
from chauban_docform.bodies import parse_body
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Signer, Urgency

URGENCIES: Mapping[int, Urgency] = {
    Priority.URGENT: Urgency.URGENT,
    Priority.VERY_URGENT: Urgency.VERY_URGENT,
    Priority.EXPRESS: Urgency.MOST_URGENT,
    Priority.EXPRESS_TIMED: Urgency.MOST_URGENT,
}


@dataclass(frozen=True)
class Content:
    """The text of a letter as typed; `body` is read line by line (PL I II.6)."""

    body: str
    bases: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    to_places: tuple[str, ...] = ()
    archive_line: str = "VT"
    drafter_code: str = ""
    contact: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**{key: tuple(it) if isinstance(it, list) else it for key, it in kept.items()})

    def texts(self) -> tuple[str, ...]:
        """Everything typed, for checks on the words."""
        return (self.body, *self.bases, *self.addressees, *self.to_places, self.contact)


def letter_of(
    content: Content,
    *,
    kind_code: str,
    body: IssuingBody,
    mandate: Mandate,
    notation: str,
    subject: str,
    priority: int,
    seal_diameter_mm: float,
) -> Letter:
    """Return the letter in the name of body, for the signatory of mandate to sign."""
    signer = Signer(
        authority_lines=tuple(mandate.authority_lines),
        name=mandate.person.full_name,
        seal_diameter_mm=seal_diameter_mm,
    )
    return Letter(
        kind=kind(kind_code),
        issuer=Heading(tuple(body.parent_heading.splitlines()), tuple(body.heading.splitlines())),
        notation=notation,
        place=body.agency.place,
        subject=subject,
        body=parse_body(content.body),
        signers=(signer,),
        to_places=content.to_places,
        archive_line=content.archive_line,
        addressees=content.addressees,
        bases=content.bases,
        urgency=URGENCIES.get(priority),
        drafter_code=content.drafter_code,
        contact=content.contact,
    )
