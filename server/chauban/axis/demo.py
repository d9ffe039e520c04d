"""The demo's axis: this installation with all its agencies, and one system from outside."""

from datetime import date

from django.conf import settings

from chauban.axis.models import System
from chauban.axis.registering import Registration, register_directory, register_system

OUTSIDE_SYSTEM = "002.00.99.H44"
OUTSIDE_SECRET = "khoa-dung-thu-khong-bi-mat"
OUTSIDE_MEMBERS = (
    Registration("H44", "Ủy ban nhân dân tỉnh Phú Thọ", "000.00.00.H44"),
    Registration("000.00.00.H44", "Ủy ban nhân dân tỉnh Phú Thọ"),
    Registration("G22", "Văn phòng Chính phủ", "000.00.00.G22"),
    Registration("000.00.00.G22", "Văn phòng Chính phủ"),
)


def register_demo_axis(day: date) -> tuple[System, System]:
    """Register our system and the outside one; again and again it changes nothing.

    Return (ours, outside).
    """
    ours = register_directory(
        settings.ENVIRONMENT.axis_system_id,
        "Hệ thống dùng chung thành phố Huế",
        day=day,
        secret=settings.ENVIRONMENT.axis_secret,
    )
    outside = register_system(
        OUTSIDE_SYSTEM,
        "Hệ thống ngoài thành phố (kiểm thử)",
        OUTSIDE_MEMBERS,
        secret=OUTSIDE_SECRET,
    )
    return ours, outside
