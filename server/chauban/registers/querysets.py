"""Questions about many rows of the registers."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Min, Q

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody
    from chauban.registers.models import OutgoingDocument


class SeriesGroupQuerySet(models.QuerySet["models.Model"]):
    def of(self, body: "IssuingBody") -> Self:
        return self.filter(body=body).order_by("pk")


class SeriesQuerySet(models.QuerySet["models.Model"]):
    def closed_books(self, agency_id: int, year: int) -> Self:
        """One series of each register of the agency's bodies in years before year."""
        of_agency = self.filter(group__body__agency=agency_id, year__lt=year)
        books = of_agency.order_by().values("group__body", "year").annotate(first=Min("pk"))
        return (
            self.filter(pk__in=books.values("first"))
            .select_related("group__body")
            .order_by("-year", "group__body")
        )


@dataclass(frozen=True)
class OutgoingPlace:
    """Where a page of the outgoing register ended; the next page begins below it."""

    issued_on: date
    number: int
    pk: int

    @classmethod
    def of(cls, document: "OutgoingDocument") -> Self:
        return cls(document.issued_on, document.number, document.pk)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `str` wrote; None for anything else, which is the register's beginning."""
        try:
            day, number, pk = text.split(",")
            return cls(date.fromisoformat(day), int(number), int(pk))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.issued_on.isoformat()},{self.number},{self.pk}"


class OutgoingQuerySet(models.QuerySet["models.Model"]):
    def of_agency(self, agency_id: int) -> Self:
        """Documents in whose register or by whose unit the agency has a part."""
        return self.filter(Q(body__agency=agency_id) | Q(unit__agency=agency_id))

    def in_register(self, body: "IssuingBody", year: int) -> Self:
        """The outgoing register of a body and a legal year, newest first."""
        return self.filter(body=body, year=year).order_by("-issued_on", "-number", "-pk")

    def below(self, place: OutgoingPlace) -> Self:
        """Rows after place in the order of `in_register`."""
        same_day = Q(issued_on=place.issued_on)
        return self.filter(
            Q(issued_on__lt=place.issued_on)
            | same_day & Q(number__lt=place.number)
            | same_day & Q(number=place.number, pk__lt=place.pk)
        )

    def matching(self, text: str) -> Self:
        """Rows whose number, symbol, subject or signer holds text."""
        found = Q(subject__icontains=text) | Q(notation__icontains=text)
        found |= Q(signer_name__icontains=text)
        number, _, notation = text.partition("/")
        if number.isdecimal():
            found |= Q(number=int(number), notation__startswith=notation)
        return self.filter(found)


class IncomingQuerySet(models.QuerySet["models.Model"]):
    def in_register(self, body: "IssuingBody", year: int) -> Self:
        """The incoming register of a body and a legal year, newest first."""
        return self.filter(body=body, year=year).order_by("-arrival_number")

    def below(self, arrival_number: int) -> Self:
        """Rows after that arrival number in the order of `in_register`."""
        return self.filter(arrival_number__lt=arrival_number)

    def matching(self, text: str) -> Self:
        """Rows whose arrival number, code, subject or sender holds text."""
        found = Q(subject__icontains=text) | Q(sender_name__icontains=text)
        found |= Q(code_notation__icontains=text)
        number, _, notation = text.partition("/")
        if number.isdecimal():
            found |= Q(code_number__in=[number, number.lstrip("0")], code_notation=notation)
            found |= Q(arrival_number=int(number)) if not notation else Q()
        return self.filter(found)

    def alike(
        self,
        *,
        body: "IssuingBody",
        sender_name: str,
        organ_ids: list[str],
        document_id: str,
        number: str,
        notation: str,
    ) -> Self:
        """Documents of the same identifier, or number, symbol and issuer (PL VI III.1.h)."""
        issuer = Q(sender_name=sender_name) | Q(sender_organ_id__in=organ_ids)
        numbers = {number, number.lstrip("0"), number.zfill(2)}
        same = issuer & Q(code_number__in=numbers, code_notation=notation)
        if document_id:
            same |= Q(sender_organ_id__in=organ_ids, document_id=document_id)
        return self.filter(same, body=body)
