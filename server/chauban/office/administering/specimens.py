"""An example of each kind of document in a body's own layout, made up for looking at."""

from datetime import UTC, date, datetime
from functools import lru_cache

from chauban.directory.models import IssuingBody
from chauban_docform.bodies import parse_body
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Signer
from chauban_docform.typesetting import FORMS, typeset

SPECIMENS_KEPT = 64
_TEXT = "Nội dung của văn bản được trình bày tại đây.\nĐoạn thứ hai của văn bản."
_ARTICLES = "Điều 1. Nội dung quyết định.\nĐiều 2. Quyết định này có hiệu lực kể từ ngày ký."


def specimen_of(code: str, body: IssuingBody, day: date) -> bytes:
    """PDF of an example of a kind in the name of body; its number stays open."""
    return _typeset(
        code, body.parent_heading, body.heading, body.symbol, body.agency.place, day.year
    )


@lru_cache(maxsize=SPECIMENS_KEPT)
def _typeset(
    code: str, parent_heading: str, heading: str, symbol: str, place: str, year: int
) -> bytes:
    of = kind(code)
    is_decision = FORMS[of.template] == "decision"
    letter = Letter(
        kind=of,
        issuer=Heading(tuple(parent_heading.splitlines()), tuple(heading.splitlines())),
        notation=f"{of.abbreviation}-{symbol}" if of.abbreviation else symbol,
        place=place,
        subject=f"Mẫu trình bày {of.name.lower()}",
        body=parse_body(_ARTICLES if is_decision else _TEXT),
        signers=(Signer(("CHỨC VỤ CỦA NGƯỜI KÝ",), "Họ và tên người ký"),),
        to_places=("Như trên", "Cơ quan nhận văn bản"),
        addressees=("Cơ quan nhận văn bản",) if FORMS[of.template] == "letter" else (),
        bases=("Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025",)
        if is_decision
        else (),
    )
    return typeset(letter, created_at=datetime(year, 1, 1, tzinfo=UTC))
