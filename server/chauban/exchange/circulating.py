"""How issued documents go between agencies: over the network, on paper, or both."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from chauban.exchange.dispatching import ON_PAPER
from chauban.exchange.models import Recipient
from chauban.registers.models import OutgoingDocument


@dataclass(frozen=True)
class Circulation:
    """The documents of one agency's registry in one year, each counted in one way alone."""

    agency: str
    over_network: int
    also_on_paper: int
    on_paper: int

    @property
    def issued(self) -> int:
        return self.over_network + self.also_on_paper + self.on_paper

    @property
    def short(self) -> int:
        """Those that did not go entirely over the network."""
        return self.also_on_paper + self.on_paper


def circulation(year: int, *, kind: str = "") -> list[Circulation]:
    """Per agency, how the documents numbered in a legal year and issued since were sent.

    Counted is each issued document, a recalled one too, that names at least one other body as
    recipient; of one kind where `kind` is given. It went

    - `on_paper`, where some recipient gets it by post or by hand (Điều 18);
    - else `also_on_paper`, where some recipient gets paper besides the network, which QĐ
      28/2018/QĐ-TTg wants ended;
    - else `over_network`: the axis, official mail, the Party's system or the portal brings it to
      every recipient. Whether it has arrived there is another question.

    State secrets are never in this system. A local list of documents that still go on paper (QĐ
    28/2018 Điều 7) is not known to it, so none is left out. Most documents off the network
    first. One query.
    """
    named = Recipient.objects.filter(document=OuterRef("pk"))
    on_paper = Exists(named.filter(channel__in=ON_PAPER))
    also_on_paper = Exists(named.filter(also_on_paper=True))
    issued = OutgoingDocument.objects.filter(Exists(named), year=year, issued_at__isnull=False)
    if kind:
        issued = issued.filter(kind=kind)
    rows = issued.values("body__agency", "body__agency__name").annotate(
        over_network=Count("pk", filter=~on_paper & ~also_on_paper),
        also_on_paper=Count("pk", filter=~on_paper & also_on_paper),
        on_paper=Count("pk", filter=Q(on_paper)),
    )
    found = [
        Circulation(
            row["body__agency__name"], row["over_network"], row["also_on_paper"], row["on_paper"]
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.short, -one.issued, one.agency))
