"""Phụ lục IV mục II: what stands on an envelope."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from chauban_docform.envelopes import Envelope, typeset_envelope
from chauban_docform.errors import UnsupportedCharacters
from chauban_docform.letters import Heading, Urgency

Read = Callable[[bytes], Any]

ENVELOPE = Envelope(
    issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
    code="05/UBND-TH",
    recipient="Hợp tác xã Thủy Biều",
    address="Số 1 đường Bùi Thị Xuân, phường Thủy Xuân, thành phố Huế",
    sender_address="Số 16 Lê Lợi, phường Thuận Hóa, thành phố Huế",
    urgency=Urgency.MOST_URGENT,
)


def text_of(envelope: Envelope, printed: Read, created_at: datetime) -> str:
    return str(printed(typeset_envelope(envelope, created_at=created_at)).words)


def test_pl_iv_ii_sender_number_and_symbol_recipient_address_and_urgency(
    printed: Read, created_at: datetime
) -> None:
    shown = text_of(ENVELOPE, printed, created_at)
    for text in (
        "ỦY BAN NHÂN DÂN",
        "Số: 05/UBND-TH",
        "Kính gửi: Hợp tác xã Thủy Biều",
        "Số 1 đường Bùi Thị Xuân",
        "HỎA TỐC",
    ):
        assert text in shown


def test_without_urgency_there_is_no_mark(printed: Read, created_at: datetime) -> None:
    assert "HỎA TỐC" not in text_of(replace(ENVELOPE, urgency=None), printed, created_at)


def test_it_is_one_page_of_c5(created_at: datetime) -> None:
    with pikepdf.open(BytesIO(typeset_envelope(ENVELOPE, created_at=created_at))) as pdf:
        (page,) = pdf.pages
        width, height = (float(side) * 25.4 / 72 for side in page.mediabox[2:])
    assert (round(width), round(height)) == (229, 162)


def test_a_character_without_a_glyph_is_refused(created_at: datetime) -> None:
    with pytest.raises(UnsupportedCharacters):
        typeset_envelope(replace(ENVELOPE, recipient="𓀀"), created_at=created_at)
