"""The pictures there are, in one table."""

from django.utils.translation import gettext_lazy as _

from chauban.office import lines
from chauban.office.pictures import flow, hours, opening, punctuality, signing_map, workload
from chauban.office.pictures.tables import Picture

PICTURES = (
    Picture(
        "flow",
        _("Luồng văn bản giữa các cơ quan"),
        _("Ai gửi cho ai, bao nhiêu, bao nhiêu có chữ ký số."),
        "share-2",
        flow.table,
        flow.listed,
        flow.line,
        flow.openable,
        {flow.OUT: _("Văn bản đi"), flow.IN: _("Văn bản đến")},
    ),
    Picture(
        "workload",
        _("Khối lượng việc"),
        _("Việc chưa xong của từng cơ quan, đơn vị, người, theo hạn."),
        "users-group",
        workload.table,
        workload.listed,
        lines.held_task_line,
        opening.openable_tasks,
        has_period=False,
    ),
    Picture(
        "punctuality",
        _("Đúng hạn theo tuần"),
        _("Việc phải xong trong mỗi tuần: đúng hạn bao nhiêu, mất bao nhiêu ngày làm việc."),
        "calendar-due",
        punctuality.table,
        punctuality.listed,
        punctuality.line,
        punctuality.openable,
        {punctuality.TASKS: _("Nhiệm vụ"), punctuality.ANSWERS: _("Văn bản phải trả lời")},
    ),
    Picture(
        "hours",
        _("Giờ văn bản đến"),
        _("Văn bản đến vào ngày nào trong tuần, giờ nào trong ngày."),
        "clock",
        hours.table,
        hours.listed,
        lines.incoming_line,
        opening.openable_incoming,
    ),
    Picture(
        "map",
        _("Bản đồ ký số"),
        _("Các cơ quan của thành phố và tình trạng ký số văn bản đã phát hành."),
        "map-2",
        signing_map.table,
        signing_map.listed,
        lines.outgoing_line,
        opening.openable_outgoing,
    ),
)


def picture_of(key: str) -> Picture | None:
    return next((one for one in PICTURES if one.key == key), None)
