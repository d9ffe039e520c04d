"""What a mandate allows, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chauban.trust.models import Capacity, Mandate
from chauban_docform.kinds import KINDS

_KINDS_NAMED = 4


def mandate_in_words(mandate: Mandate) -> str:
    """Who signs what for whom, in which capacity; the days are left to the page."""
    return _("%(who)s ký %(how)s %(body)s: %(what)s.") % {
        "who": mandate.person.full_name,
        "how": _HOW[Capacity(mandate.capacity)](),
        "body": mandate.body.name,
        "what": kinds_in_words(mandate.kinds),
    }


def kinds_in_words(codes: list[str]) -> str:
    """The names of some kinds; many are counted."""
    if not codes:
        return _("mọi loại văn bản")
    names = [KINDS[code].name for code in codes if code in KINDS]
    more = len(names) - _KINDS_NAMED
    told = ", ".join(names[:_KINDS_NAMED])
    return (
        told
        if more <= 0
        else f"{told} " + ngettext("và %d loại khác", "và %d loại khác", more) % more
    )


_HOW = {
    Capacity.HEAD: lambda: _("với tư cách người đứng đầu"),
    Capacity.TM: lambda: _("thay mặt (TM.)"),
    Capacity.ACTING: lambda: _("với tư cách quyền người đứng đầu (Q.) của"),
    Capacity.KT: lambda: _("thay (KT.) người đứng đầu"),
    Capacity.TL: lambda: _("thừa lệnh (TL.) người đứng đầu"),
    Capacity.TUQ: lambda: _("thừa ủy quyền (TUQ.) của"),
}
