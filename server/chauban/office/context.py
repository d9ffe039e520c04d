"""What the shell around every page shows: who acts, his other posts, his places."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chauban.accounts.officers import Officer
from chauban.accounts.preferring import Channel
from chauban.accounts.rights import Permission, may
from chauban.directory import days_decided
from chauban.office.desk import Place, address_of
from chauban.office.live import ASKED_EVERY_SECONDS, mark_of
from chauban.office.places import counts, places_of
from chauban.office.pushing.wishes import EVENT_OF, is_wanted
from chauban.office.shortcuts import keyboard_of


def desk(request: HttpRequest) -> dict[str, Any]:
    officer: Officer | None = getattr(request, "officer", None)
    if officer is None:
        return {"officer": None}
    days_decided.refresh_if_old()
    return {
        "officer": officer,
        "other_posts": [
            post for post in getattr(request, "posts", ()) if post.pk != officer.post_id
        ],
        "places": SimpleLazyObject(lambda: groups_of(request, officer)),
        "keyboard": keyboard_of(officer),
        "desk_mark": SimpleLazyObject(lambda: mark_on(request, officer)),
        "asked_every_seconds": ASKED_EVERY_SECONDS,
    }


def counts_of(request: HttpRequest, officer: Officer) -> Mapping[str, int]:
    """The counters of the officer's desk, counted once for a page and its frame."""
    if not hasattr(request, "desk_counts"):
        now = timezone.now()
        # First the mark: what happens between the two is asked for again.
        request.desk_mark = mark_of(officer, request.session.session_key or "", now)
        request.desk_counts = counts(officer, now)
    return request.desk_counts


def mark_on(request: HttpRequest, officer: Officer) -> str:
    """The mark of the desk as the page's counters show it."""
    counts_of(request, officer)
    return str(request.desk_mark)


def groups_of(request: HttpRequest, officer: Officer) -> list[dict[str, Any]]:
    """The groups of the officer's desk: places with their counters, then books."""
    amounts = counts_of(request, officer)
    groups = [
        {
            "name": name,
            "places": [
                {**tile(place, amounts[place.key]), "is_told": _is_told(place, officer)}
                for place in group
            ],
        }
        for name, group in places_of(officer)
    ]
    groups.append({"name": _("Sổ và tra cứu"), "places": list(_books(officer))})
    if offices := list(administration_of(officer)):
        groups.append({"name": _("Quản trị"), "places": offices})
    return groups


def _is_told(place: Place, officer: Officer) -> bool:
    """Whether an open page says that something has come there; the counter follows anyway."""
    return place.is_work and (
        place.key not in EVENT_OF or is_wanted(place.key, officer, Channel.ON_PAGE)
    )


def tile(place: Place, count: int) -> dict[str, Any]:
    """A place with its counter, as the frame and the home draw it."""
    return {
        "key": place.key,
        "name": str(place.name),
        "icon": place.icon,
        "url": place.url(),
        "is_authority": place.is_authority,
        "is_late": place.is_late,
        "is_work": place.is_work,
        "count": count,
    }


def _books(officer: Officer) -> Iterator[dict[str, Any]]:
    """The links without a counter."""
    if may(officer, Permission.VIEW_REGISTERS):
        yield _link("sent", _("Sổ văn bản đi"), "send", "registers:outgoing-register")
        yield _link("pictures", _("Biểu đồ"), "chart-bar", "office:pictures")
        yield _link(
            "incoming-register", _("Sổ văn bản đến"), "books", "registers:incoming-register"
        )
    if may(officer, Permission.REGISTER_INCOMING):
        yield _link("paper", _("Đăng ký văn bản giấy"), "plus", "office:paper-arrivals")
    if may(officer, Permission.VIEW_DELIVERIES):
        yield _link("inbox", _("Văn bản đến trên trục"), "mail-opened", "exchange:inbox")
    if may(officer, Permission.ISSUE):
        yield _link("dispatches", _("Gửi ngoài trục"), "send", "exchange:dispatches")
    if may(officer, Permission.MANAGE_DIRECTORY):
        yield _link(
            "usual-channels", _("Cách gửi thường dùng"), "building", "exchange:usual-channels"
        )
        yield _link("set-aside", _("Gửi đến cơ quan đã kết thúc"), "route", "exchange:set-aside")
    if may(officer, Permission.VIEW_CERTIFICATES):
        yield _link("certificates", _("Chứng thư số"), "certificate", "trust:certificates")
    yield _link("applications", _("Ứng dụng kết nối"), "share-2", "applications:list")
    yield _link("verify", _("Kiểm tra tệp"), "shield-check", "trust:verify-file")


def administration_of(officer: Officer) -> Iterator[dict[str, Any]]:
    """What the officer's post lets him administer; the words are what it is also looked for by."""
    for permission, key, name, icon, view, words in _ADMINISTERED:
        if may(officer, permission):
            yield {**_link(key, name, icon, view), "words": words}


_DIRECTORY, _SERIES = Permission.MANAGE_DIRECTORY, Permission.DECIDE_SERIES
# Words are for the palette: what people call the same thing.
_ADMINISTERED = (
    (
        _DIRECTORY,
        "agencies",
        gettext_lazy("Cơ quan, đơn vị"),
        "building",
        "administering:agencies",
        gettext_lazy("danh bạ phòng ban mã định danh đổi tên sáp nhập chia tách giải thể"),
    ),
    (
        _DIRECTORY,
        "people",
        gettext_lazy("Người, chức danh, tài khoản"),
        "users",
        "administering:people",
        gettext_lazy("nhân sự bổ nhiệm mật khẩu khóa đình chỉ xác thực vắng mặt ủy quyền"),
    ),
    (
        Permission.GRANT_MANDATE,
        "mandates",
        gettext_lazy("Thẩm quyền ký"),
        "signature",
        "administering:mandates",
        gettext_lazy("ký thay thừa lệnh thừa ủy quyền KT TL TUQ TM"),
    ),
    (
        _SERIES,
        "series",
        gettext_lazy("Hệ thống số"),
        "number",
        "administering:series",
        gettext_lazy("số văn bản số bắt đầu số hủy sang năm"),
    ),
    (
        _SERIES,
        "kinds",
        gettext_lazy("Loại văn bản và mẫu"),
        "file-text",
        "administering:kinds",
        gettext_lazy("biểu mẫu thể thức phụ lục III"),
    ),
    (
        Permission.SET_ROUTING_RULES,
        "routing-rules",
        gettext_lazy("Quy tắc gợi ý chuyển giao"),
        "route",
        "administering:routing-rules",
        gettext_lazy("phân phối văn bản đến lĩnh vực thời hạn"),
    ),
    (
        _DIRECTORY,
        "calendar",
        gettext_lazy("Lịch làm việc"),
        "calendar",
        "administering:calendar",
        gettext_lazy("ngày nghỉ lễ tết làm bù hoán đổi"),
    ),
    (
        Permission.MANAGE_TRUST,
        "trust",
        gettext_lazy("Gốc tin cậy"),
        "shield-check",
        "administering:trust",
        gettext_lazy("chứng thư gốc CA tổ chức chứng thực công nhận chữ ký"),
    ),
    (
        Permission.MANAGE_TRUST,
        "key-devices",
        gettext_lazy("Thiết bị, dịch vụ ký số"),
        "certificate",
        "administering:devices",
        gettext_lazy("token USB PKCS11 HSM ký từ xa dấu thời gian khóa bí mật"),
    ),
    (
        Permission.OPERATE_AXIS,
        "overview",
        gettext_lazy("Tình trạng trao đổi"),
        "server",
        "administering:queues",
        gettext_lazy("tiến trình hàng đợi lỗi gửi lại"),
    ),
    (
        Permission.OPERATE_AXIS,
        "queues",
        gettext_lazy("Hàng đợi trao đổi"),
        "list-details",
        "axis:queues",
        gettext_lazy("gói tin gửi lại"),
    ),
    (
        Permission.OPERATE_AXIS,
        "systems",
        gettext_lazy("Hệ thống kết nối trục"),
        "share-2",
        "axis:systems",
        gettext_lazy("thiết bị khóa bí mật trục láng giềng"),
    ),
)


def _link(key: str, name: Any, icon: str, view: str) -> dict[str, Any]:
    return {"key": key, "name": str(name), "icon": icon, "url": address_of(view)}
