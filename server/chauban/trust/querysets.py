"""Which certificate a holder signs with; which mandates cover a document."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from chauban.directory.querysets import DatedQuerySet
from chauban.trust.errors import NoUsableCertificate

if TYPE_CHECKING:
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
