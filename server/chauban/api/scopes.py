"""What an application may be let do: never more than the post it acts for may (ADR 31)."""

from collections.abc import Collection, Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from chauban.accounts.rules import PERMISSIONS, Permission


class Scope(TextChoices):
    DESK_READ = "desk:read", _("Xem số việc đang chờ")
    DIRECTORY_READ = "directory:read", _("Xem danh bạ cơ quan, chức danh, thẩm quyền ký")
    DRAFTS_READ = "drafts:read", _("Xem dự thảo")
    DRAFTS_WRITE = "drafts:write", _("Soạn, sửa, trình dự thảo")
    DRAFTS_CHECK = "drafts:check", _("Kiểm tra, duyệt, trả lại dự thảo")
    SIGNING_ASK = "signing:ask", _("Gửi yêu cầu ký tới điện thoại của người ký")
    OUTGOING_READ = "outgoing:read", _("Xem văn bản đi và trạng thái của nơi nhận")
    OUTGOING_NUMBER = "outgoing:number", _("Cấp số, hủy số")
    OUTGOING_ISSUE = "outgoing:issue", _("Phát hành, gửi lại, thu hồi văn bản đi")
    DELIVERIES_READ = "deliveries:read", _("Xem văn bản trục chuyển đến")
    DELIVERIES_DECIDE = "deliveries:decide", _("Đăng ký hoặc trả lại văn bản trục chuyển đến")
    INCOMING_READ = "incoming:read", _("Xem văn bản đến")
    INCOMING_ROUTE = "incoming:route", _("Chuyển giao, kết thúc văn bản đến")
    TASKS_READ = "tasks:read", _("Xem nhiệm vụ được giao")
    TASKS_WRITE = "tasks:write", _("Bắt đầu, hoàn thành nhiệm vụ")
    REGISTERS_READ = "registers:read", _("Xem và xuất sổ đăng ký văn bản")
    FILES_VERIFY = "files:verify", _("Kiểm tra chữ ký số của tệp")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Đăng ký nhận sự kiện")


# One of these lets a post grant the scope; who has none of them could do nothing with it.
_NEEDS: Mapping[str, frozenset[Permission]] = {
    Scope.DRAFTS_READ: frozenset({Permission.DRAFT}),
    Scope.DRAFTS_WRITE: frozenset({Permission.DRAFT}),
    Scope.DRAFTS_CHECK: frozenset(
        {Permission.CHECK_CONTENT, Permission.CHECK_LAYOUT, Permission.APPROVE, Permission.NUMBER}
    ),
    Scope.SIGNING_ASK: frozenset({Permission.SIGN, Permission.SEAL}),
    Scope.OUTGOING_READ: frozenset({Permission.VIEW_REGISTERS}),
    Scope.OUTGOING_NUMBER: frozenset({Permission.NUMBER, Permission.CANCEL_NUMBER}),
    Scope.OUTGOING_ISSUE: frozenset({Permission.ISSUE}),
    Scope.DELIVERIES_READ: frozenset({Permission.VIEW_DELIVERIES}),
    Scope.DELIVERIES_DECIDE: frozenset({Permission.REGISTER_INCOMING, Permission.RETURN_DELIVERY}),
    Scope.INCOMING_READ: frozenset({Permission.HANDLE_TASK}),
    Scope.INCOMING_ROUTE: frozenset({Permission.ROUTE}),
    Scope.TASKS_READ: frozenset({Permission.HANDLE_TASK}),
    Scope.TASKS_WRITE: frozenset({Permission.HANDLE_TASK}),
    Scope.REGISTERS_READ: frozenset({Permission.VIEW_REGISTERS}),
}


def scopes_for(permitted: Collection[Permission]) -> list[Scope]:
    """The scopes that a post with these permissions may grant, in their order."""
    return [
        scope for scope in Scope if scope not in _NEEDS or not _NEEDS[scope].isdisjoint(permitted)
    ]


def scopes_of_role(role: str) -> list[Scope]:
    return scopes_for(PERMISSIONS[role])  # type: ignore[index]
