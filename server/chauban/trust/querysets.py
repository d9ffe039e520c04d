"""Which certificate a holder signs with; which mandates cover a document."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from chauban.accounts.rights import Permission, may
from chauban.directory.models import Post
from chauban.directory.querysets import DatedQuerySet
from chauban.directory.rules import legal_day
from chauban.trust.errors import NoUsableCertificate

if TYPE_CHECKING:
    from chauban.accounts.officers import Officer
    from chauban.directory.models import IssuingBody, Person
    from chauban.trust.models import Certificate, Mandate


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of_person(self, person: "Person", *, at: datetime) -> "Certificate":
        """The person's newest certificate with a key, valid at that moment.

        Raises: NoUsableCertificate, which carries the newest of all, expired or without a key.
        """
        return self._usable(self.filter(person=person), person.full_name, at)

    def seal_of(self, body: "IssuingBody", *, at: datetime) -> "Certificate":
        """The newest seal of a body with a key, valid at that moment.

        Raises: NoUsableCertificate, as `of_person`.
        """
        return self._usable(self.filter(body=body, holder="organisation"), body.name, at)

    def unreplaced(self) -> Self:
        """Without those whose holder has a newer certificate that lasts longer."""
        same_holder = Q(person=OuterRef("person")) | Q(body=OuterRef("body"))
        same_holder |= Q(person=None, body=None, subject=OuterRef("subject"))
        newer = self.model.objects.filter(
            same_holder, holder=OuterRef("holder"), not_after__gt=OuterRef("not_after")
        )
        return self.exclude(Exists(newer))

    def kept_by(self, officer: "Officer", day: date) -> Self:
        """Those that the officer's post looks after: the administrator all, the clerk the seals
        of the bodies and the certificates of the people of the agency."""
        if may(officer, Permission.MANAGE_TRUST):
            return self
        if not may(officer, Permission.VIEW_CERTIFICATES):
            return self.none()
        agency = officer.agency_id
        people = Post.objects.as_of(day).filter(agency=agency).values("person")
        return self.filter(Q(body__agency=agency) | Q(person__in=people))

    def told_to(self, officer: "Officer", now: datetime) -> Self:
        """Those whose end concerns the officer: what his post looks after, and his own."""
        kept = self.kept_by(officer, legal_day(now))
        return self.filter(Q(pk__in=kept.values("pk")) | Q(person=officer.person))

    def with_key(self) -> Self:
        """Those whose key can be used: kept here, or known where it is kept."""
        return self.exclude(custody="").exclude(custody="keystore", pkcs12__isnull=True)

    def _usable(self, held: Self, holder: str, at: datetime) -> "Certificate":
        newest_first = held.order_by("-not_before", "-id")
        current = newest_first.filter(not_before__lte=at, not_after__gte=at)
        found = current.with_key().select_related("picture").first()
        if found is None:
            raise NoUsableCertificate(holder, at, newest_first.first())
        return found


class MandateQuerySet(DatedQuerySet):
    def covering(self, body: "IssuingBody", kind: str, day: date) -> "list[Mandate]":
        """The mandates under which a document of that kind may be signed for body on day."""
        in_force = (
            self.as_of(day)
            .filter(body=body)
            .select_related("person", "post__agency", "body", "parent")
            .order_by("id")
        )
        return [
            mandate
            for mandate in in_force
            if mandate.covers_kind(kind) and mandate.post.is_in_force(day)
        ]
