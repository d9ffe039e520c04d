"""Which agencies can sign: a seal and a signatory with certificates valid at a moment."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from chauban.directory.models import Agency, AgencyLevel, IssuingBody, Post
from chauban.directory.rules import legal_day
from chauban.trust.models import Certificate, Mandate


@dataclass(frozen=True)
class SigningAgency:
    """What one agency has of the two signatures of an original (Điều 5)."""

    agency: str
    level: str
    has_seal: bool
    has_signatory: bool

    @property
    def can_sign(self) -> bool:
        return self.has_seal and self.has_signatory


def signing_agencies(at: datetime) -> list[SigningAgency]:
    """The agencies from province to commune at a moment, the city's first, then by name.

    Counted is each agency in force on that legal day, other than those outside the system, that
    issues documents: it keeps the registry of at least one body in force. It has

    - a seal, where one of its bodies in force has an organisation's certificate, and
    - a signatory, where someone who then holds a mandate for one of these bodies, from a post
      still his, has a certificate of his own

    that are valid at that moment and whose key this system can use. Revocation is asked when
    signing, not here. Keys that an agency keeps in another system are not known. One query.
    """
    day = legal_day(at)
    bodies = IssuingBody.objects.as_of(day).filter(agency=OuterRef("pk"))
    valid = Certificate.objects.with_key().filter(not_before__lte=at, not_after__gte=at)
    issuing = IssuingBody.objects.as_of(day).values("pk")
    seals = valid.filter(
        holder=Certificate.Holder.ORGANISATION, body__agency=OuterRef("pk"), body__in=issuing
    )
    holders = valid.filter(holder=Certificate.Holder.PERSON).values("person")
    signatories = (
        Mandate.objects.as_of(day)
        .filter(body__agency=OuterRef("pk"), body__in=issuing, person__in=holders)
        .filter(post__in=Post.objects.as_of(day).values("pk"))
    )
    rows = (
        Agency.objects.as_of(day)
        .exclude(level=AgencyLevel.OUTSIDE)
        .filter(Exists(bodies))
        .annotate(has_seal=Exists(seals), has_signatory=Exists(signatories))
        .values_list("name", "level", "has_seal", "has_signatory")
    )
    order = {level: place for place, level in enumerate(AgencyLevel.values)}
    return [SigningAgency(*row) for row in sorted(rows, key=lambda row: (order[row[1]], row[0]))]
