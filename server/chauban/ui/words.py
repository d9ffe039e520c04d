"""What every app says to people about an error: both languages, chosen when shown."""

from dataclasses import dataclass

from django.utils.translation import get_language

# A message that tells what was done may name, by its tag, the act that can be taken back.
UNDO_TAG = "undo-"


@dataclass(frozen=True)
class Words:
    """One message in Vietnamese and English; `str` gives it in the reader's language."""

    vi: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "vi").startswith("en") else self.vi
