"""Agencies, issuing bodies, units, people and posts, all dated (design, decision 10).

`valid_from` is the first day in, `valid_to` the first day out; None means "still".
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chauban.directory.errors import BodyHasNoCode
from chauban.directory.querysets import (
    AgencyQuerySet,
    DatedQuerySet,
    IssuingBodyQuerySet,
    OutsideOrganisationQuerySet,
)


class Dated(models.Model):
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager] = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Named(Dated):
    """What may change its name: `name` is today's, `names` are all since the first change."""

    names: "models.Manager[Name]"
    name: "models.CharField[str, str]"

    class Meta:
        abstract = True

    def name_on(self, day: date) -> str:
        """What it was called on day; load `names` beforehand for many."""
        told = (one.name for one in self.names.all() if one.is_in_force(day))
        return next(told, self.name)


class AgencyLevel(models.TextChoices):
    CITY = "city", _("Cấp thành phố")
    DEPARTMENT = "department", _("Sở, ban, ngành")
    DISTRICT = "district", _("Cấp huyện (đã kết thúc)")
    COMMUNE = "commune", _("Phường, xã")
    OUTSIDE = "outside", _("Cơ quan ngoài hệ thống")


class Agency(Named):
    """An agency with staff and a registry office (Văn thư cơ quan, Điều 4)."""

    key = models.CharField(max_length=60, unique=True)  # "vp-ubnd", "so-tai-chinh", "thuan-hoa"
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=12, choices=AgencyLevel)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    place = models.CharField(max_length=60)  # địa danh, PL I II.4.a
    statistical_code = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=300, blank=True)  # what is not known for sure

    objects: ClassVar[models.Manager] = AgencyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    """How documents are brought to a recipient (Điều 18)."""

    AXIS = "axis", _("Trục liên thông")
    MAIL = "mail", _("Thư điện tử công vụ")
    PARTY = "party", _("Hệ thống của Đảng")
    POST = "post", _("Bưu điện")
    HAND = "hand", _("Trao tay")
    PORTAL = "portal", _("Cổng thông tin")


class IssuingBody(Named):
    """A body in whose name documents are issued; its registry is kept by `agency`.

    A registry may serve several issuing bodies, each with series, seal and arrival register
    of its own (design, decision 16).
    """

    key = models.CharField(max_length=60, unique=True)  # "ubnd-tp", "vp-ubnd", "ubnd-thuan-hoa"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="issuing_bodies")
    name = models.CharField(max_length=200)
    symbol = models.CharField(max_length=20)  # "UBND", "VP", "STC"; exact NFC, case matters
    parent_heading = models.CharField(max_length=200, blank=True)  # lines parted by "\n"
    heading = models.CharField(max_length=200)
    is_collective = models.BooleanField(default=False)  # signs TM. (Điều 13)
    # How it gets documents unless the clerk says otherwise; blank: by the axis if it has a code.
    channel = models.CharField(max_length=6, choices=Channel, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager] = IssuingBodyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def organ_id(self, day: date) -> str:
        """The code under which the body sends on day: QĐ 20 form, else the old form.

        Raises: BodyHasNoCode.
        """
        in_force = [code for code in self.codes.all() if code.is_in_force(day)]
        for scheme in OrganCode.Scheme:
            for code in in_force:
                if code.scheme == scheme:
                    return code.code
        raise BodyHasNoCode(self, day)

    def aliases(self) -> frozenset[str]:
        """Every code that is or was the body's: late messages may still carry an old one."""
        return frozenset(code.code for code in self.codes.all())


class OrganCode(Dated):
    """A code under which a body is addressed in exchange (QĐ 20/2020/QĐ-TTg; QCVN 102)."""

    class Scheme(models.TextChoices):
        QD20 = "qd20", _("QĐ 20/2020/QĐ-TTg")
        QCVN102 = "qcvn102", _("QCVN 102:2016/BTTTT (13 ký tự)")

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="codes")
    scheme = models.CharField(max_length=8, choices=Scheme)
    code = models.CharField(max_length=35)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="organ_code_never_reused")]

    def __str__(self) -> str:
        return self.code


class OutsideOrganisation(models.Model):
    """An organisation on the axis as its directory lists it; never deleted, marked as gone."""

    code = models.CharField(max_length=35, unique=True)
    old_code = models.CharField(max_length=35, blank=True)  # of QCVN 102; kept once told
    parent_code = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=300)
    searched = models.CharField(max_length=400)  # code and name, without case and tone marks
    email = models.CharField(max_length=100, blank=True)
    gateway = models.CharField(max_length=35)  # which axis lists it
    digest = models.CharField(max_length=32)  # of what is listed: a second run compares this
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()  # of the last listing that changed anything here
    gone_at = models.DateTimeField(null=True)  # the listing has it no more since then
    channel = models.CharField(max_length=6, choices=Channel, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)

    objects = OutsideOrganisationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["old_code"], condition=~models.Q(old_code=""), name="by_old_code"),
            models.Index(fields=["name", "code"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def codes(self) -> frozenset[str]:
        """Every code under which it sends and is addressed."""
        return frozenset({self.code, self.old_code} - {""})


class FormerName(models.Model):
    """What an outside organisation was called until the day on which it was listed otherwise."""

    organisation = models.ForeignKey(
        OutsideOrganisation, on_delete=models.PROTECT, related_name="former_names"
    )
    name = models.CharField(max_length=300)
    until = models.DateField()


class Synchronisation(models.Model):
    """One axis whose directory is taken over, and when; the lease keeps it to one worker."""

    gateway = models.CharField(max_length=35, unique=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)  # listed, added, changed, gone, returned


class Succession(models.Model):
    """`successor` took over from `predecessor` on a day; many to many across old borders."""

    predecessor = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="origins")
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succeeded_once")
        ]


class Unit(Named):
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=120)
    symbol = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "symbol", "valid_from"], name="one_unit_per_symbol"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Name(Dated):
    """What an agency, a body or a unit is called from a day to a day, by which document."""

    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="names")
    body = models.ForeignKey(IssuingBody, null=True, on_delete=models.PROTECT, related_name="names")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="names")
    name = models.CharField(max_length=200)
    heading = models.CharField(max_length=200, blank=True)  # of a body
    basis = models.CharField(max_length=300, blank=True)  # blank: the name it began with

    class Meta:
        ordering = ["valid_from", "id"]


class DecidedDay(models.Model):
    """A day off or worked that the administrator enters by a decision (Điều 111, 112 BLLĐ).

    It counts over the table of holidays (`working_days`); a mistake is withdrawn, not erased.
    """

    day = models.DateField()
    is_worked = models.BooleanField()
    source = models.CharField(max_length=300)
    decided_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=models.Q(withdrawn_at=None), name="a_day_decided_once"
            )
        ]
        ordering = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}"


class Person(models.Model):
    full_name = models.CharField(max_length=50)
    email = models.EmailField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=~models.Q(email=""), name="one_person_per_email"
            )
        ]

    def __str__(self) -> str:
        return self.full_name


class Role(models.TextChoices):
    LEADER = "leader", _("Lãnh đạo cơ quan")
    OFFICE_HEAD = "office-head", _("Chánh Văn phòng")
    UNIT_HEAD = "unit-head", _("Trưởng đơn vị")
    OFFICIAL = "official", _("Chuyên viên")
    LAYOUT_CHECKER = "layout-checker", _("Người kiểm tra thể thức")
    CLERK = "clerk", _("Văn thư")
    ARCHIVIST = "archivist", _("Lưu trữ")
    ADMINISTRATOR = "administrator", _("Quản trị")


class Post(Dated):
    """A person's post in an agency from a day to a day; rights come from its role."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=100)  # "Phó Chủ tịch", "Văn thư"
    role = models.CharField(max_length=16, choices=Role)
    basis = models.CharField(max_length=300, blank=True)  # văn bản bổ nhiệm, phân công
    # The post whose holder is away and whose work this one does meanwhile.
    stands_in_for = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="stand_ins"
    )

    def __str__(self) -> str:
        return f"{self.title} {self.person}"
