"""Finding names as people type them: with or without tone marks."""

import unicodedata


def bare(text: str) -> str:
    """Text in small letters without tone marks: "Phường Thuận Hóa" is "phuong thuan hoa"."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def is_match(wanted: str, *texts: str) -> bool:
    """Whether every word wanted stands in one of the texts; nothing wanted matches all."""
    words = bare(wanted).split()
    found = " ".join(bare(text) for text in texts) if words else ""
    return all(word in found for word in words)
