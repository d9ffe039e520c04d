"""The shortcuts of the keyboard: one table, which the pages list and `keys.mjs` reads there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may


@dataclass(frozen=True, eq=False)
class Shortcut:
    """`keys` pressed one after the other do `act` in the page, or go to `view`."""

    keys: tuple[str, ...]
    words: Promise
    act: str = ""  # find | list | next | previous
    view: str = ""
    permission: Permission | None = None

    @property
    def sequence(self) -> str:
        return " ".join(self.keys)

    def url(self) -> str:
        return reverse(self.view) if self.view else ""


FIND = Shortcut(("Ctrl+K",), _("Tìm văn bản, người, việc"), act="find")
SHORTCUTS = (
    FIND,
    Shortcut(("/",), _("Tìm văn bản, người, việc"), act="find"),
    Shortcut(("j",), _("Dòng sau trong danh sách"), act="next"),
    Shortcut(("k",), _("Dòng trước trong danh sách"), act="previous"),
    Shortcut(("n",), _("Soạn văn bản"), view="workflow:new-draft", permission=Permission.DRAFT),
    Shortcut(("g", "h"), _("Về bàn làm việc"), view="office:home"),
    Shortcut(
        ("g", "d"), _("Các dự thảo đã soạn"), view="workflow:drafts", permission=Permission.DRAFT
    ),
    Shortcut(
        ("g", "o"),
        _("Sổ văn bản đi"),
        view="registers:outgoing-register",
        permission=Permission.VIEW_REGISTERS,
    ),
    Shortcut(
        ("g", "i"),
        _("Sổ văn bản đến"),
        view="registers:incoming-register",
        permission=Permission.VIEW_REGISTERS,
    ),
    Shortcut(("g", "p"), _("Chuyển chức danh"), view="accounts:posts"),
    Shortcut(("g", "v"), _("Kiểm tra tệp đã ký số"), view="trust:verify-file"),
    Shortcut(("?",), _("Danh sách phím tắt"), act="list"),
)


def shortcuts_of(officer: Officer) -> Iterator[Shortcut]:
    for one in SHORTCUTS:
        if one.permission is None or may(officer, one.permission):
            yield one


def keyboard_of(officer: Officer) -> SafeString:
    """The palette and the officer's shortcuts, as every page of his ends with them."""
    return _drawn(tuple(shortcuts_of(officer)), get_language())


@lru_cache(maxsize=100)
def _drawn(shortcuts: tuple[Shortcut, ...], language: str) -> SafeString:
    """Nothing else stands in it, so each is drawn once; language is the one now spoken."""
    return render_to_string("ui/keyboard.html", {"shortcuts": shortcuts})
