"""An example of each kind of document in a body's own layout, made up for looking at."""

from datetime import UTC, date, datetime
from functools import lru_cache

from chauban.directory.models import IssuingBody
from chauban_docform.bodies import parse_body
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Signer
from chauban_docform.typesetting import FORMS, typeset
from chauban_docform.wording import wording_of

SPECIMENS_KEPT = 64
_TEXT = "Nội dung của văn bản được trình bày tại đây.\nĐoạn thứ hai của văn bản."
_ARTICLES = "Điều 1. Nội dung quyết định.\nĐiều 2. Quyết định này có hiệu lực kể từ ngày ký."
_ADDRESSED = ("letter", "telegram")
_SIGNER = Signer(("CHỨC VỤ CỦA NGƯỜI KÝ",), "Họ và tên người ký")
# Mẫu 1.9: the chair signs for the body, the secretary beside.
_OF_MINUTES = (
    Signer(("THƯ KÝ",), "Họ và tên thư ký", seal_diameter_mm=None),
    Signer(("CHỦ TỌA",), "Họ và tên chủ tọa"),
)


def specimen_of(code: str, body: IssuingBody, day: date) -> bytes:
    """PDF of an example of a kind in the name of body; its number stays open."""
    return _typeset(
        code, body.parent_heading, body.heading, body.symbol, body.agency.place, day.year
    )


@lru_cache(maxsize=SPECIMENS_KEPT)
def _typeset(
    code: str, parent_heading: str, heading: str, symbol: str, place: str, year: int
) -> bytes:
    of, issuer = kind(code), " ".join(heading.splitlines())
    form = FORMS[of.template]
    is_decision = form == "decision"
    text = _ARTICLES if is_decision else wording_of(code, issuer=issuer) or _TEXT
    letter = Letter(
        kind=of,
        issuer=Heading(tuple(parent_heading.splitlines()), tuple(heading.splitlines())),
        notation=f"{of.abbreviation}-{symbol}" if of.abbreviation else symbol,
        place=place,
        subject=f"Mẫu trình bày {of.name.lower()}",
        body=parse_body(text),
        signers=_OF_MINUTES if form == "minutes" else (_SIGNER,),
        to_places=("Như trên", "Cơ quan nhận văn bản"),
        addressees=("Cơ quan nhận văn bản",) if form in _ADDRESSED else (),
        bases=("Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025",)
        if is_decision
        else (),
    )
    return typeset(letter, created_at=datetime(year, 1, 1, tzinfo=UTC))
