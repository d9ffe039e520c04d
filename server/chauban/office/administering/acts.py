"""Which acts there are on what, and the one view of them all."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from chauban.accounts.changing import agencies, days, people
from chauban.accounts.rights import Permission, require
from chauban.office.administering import (
    directory_forms,
    people_forms,
    register_forms,
    trust_forms,
)
from chauban.office.administering.account_acts import ACCOUNT_ACTS
from chauban.office.administering.acting import ActPage, Told, act_page
from chauban.office.administering.joined import (
    appoint,
    begin,
    enter_certificate,
    grant,
    revise_template,
    set_rule,
    set_template,
    what_ends,
)
from chauban.office.administering.subjects import MANAGE, SUBJECTS, url_of
from chauban.registers import numbering
from chauban.trust import actions as trust
from chauban.workflow import beginnings, routing_rules

_SAVE = _("Lưu")
_SAVED = _("Đã lưu.")
_ENDED = _("Đã ghi ngày kết thúc.")

_CERTIFICATE_HINT = _(
    "Khóa ở lại nơi lưu; ở đây chỉ ghi chứng thư và nơi lưu khóa. Tệp khóa (PKCS#12) do người vận"
    " hành nạp bằng lệnh chauban trust, vì mã PIN chỉ người giữ được biết."
)

ACTS: Mapping[tuple[str, str], tuple[ActPage, Permission]] = {
    ("agency", "agency"): (
        ActPage(
            _("Thêm cơ quan trực thuộc"),
            directory_forms.AgencyForm,
            lambda it, **given: Told(
                str(_SAVED), url_of("agency", agencies.add_agency(parent=it, **given).pk)
            ),
            _("Thêm cơ quan"),
            _SAVED,
        ),
        MANAGE,
    ),
    ("agency", "body"): (
        ActPage(
            _("Thêm cơ quan ban hành"),
            directory_forms.BodyForm,
            agencies.add_body,
            _("Thêm"),
            _SAVED,
            hint=_("Mỗi cơ quan ban hành có hệ thống số, con dấu và sổ đến riêng."),
        ),
        MANAGE,
    ),
    ("agency", "unit"): (
        ActPage(
            _("Thêm đơn vị"), directory_forms.UnitForm, agencies.add_unit, _("Thêm đơn vị"), _SAVED
        ),
        MANAGE,
    ),
    ("agency", "rename"): (
        ActPage(
            _("Đổi tên cơ quan"),
            directory_forms.RenameForm,
            agencies.rename,
            _("Đổi tên"),
            _SAVED,
            hint=_("Văn bản đã ban hành giữ tên cũ; tên cũ tra được theo ngày."),
        ),
        MANAGE,
    ),
    ("agency", "end"): (
        ActPage(
            _("Sắp xếp, kết thúc cơ quan"),
            directory_forms.EndAgencyForm,
            agencies.end_agency,
            _("Kết thúc cơ quan"),
            _ENDED,
            hint=_("Cơ quan ban hành, mã định danh, đơn vị và chức danh kết thúc cùng ngày."),
        ),
        MANAGE,
    ),
    ("agency", "appoint"): (
        ActPage(_("Giao chức danh"), people_forms.PostForm, appoint, _("Giao"), _SAVED),
        MANAGE,
    ),
    ("body", "rename"): (
        ActPage(
            _("Đổi tên cơ quan ban hành"),
            directory_forms.RenameBodyForm,
            agencies.rename,
            _("Đổi tên"),
            _SAVED,
        ),
        MANAGE,
    ),
    ("body", "code"): (
        ActPage(
            _("Ghi mã định danh"),
            directory_forms.CodeForm,
            agencies.give_code,
            _("Ghi mã"),
            _SAVED,
            hint=_("Mã cùng loại đang dùng sẽ kết thúc từ ngày đó; mã không bao giờ dùng lại."),
        ),
        MANAGE,
    ),
    ("body", "mandate"): (
        ActPage(
            _("Giao thẩm quyền ký"),
            register_forms.MandateForm,
            grant,
            _("Giao thẩm quyền"),
            _SAVED,
            listed="mandates",
        ),
        Permission.GRANT_MANDATE,
    ),
    ("body", "series"): (
        ActPage(
            _("Quy định hệ thống số"),
            register_forms.SeriesForm,
            numbering.decide_series,
            _SAVE,
            _SAVED,
            hint=_("Các loại văn bản cùng một hệ thống số được đánh số chung (Điều 15 khoản 1)."),
            listed="series",
        ),
        Permission.DECIDE_SERIES,
    ),
    ("body", "begin"): (
        ActPage(
            _("Đặt số bắt đầu trong năm"),
            register_forms.BeginForm,
            begin,
            _("Đặt số"),
            _SAVED,
            hint=_("Dùng khi bắt đầu giữa năm; sang năm mới số lại bắt đầu từ 01."),
            listed="series",
        ),
        Permission.DECIDE_SERIES,
    ),
    ("body", "rule"): (
        ActPage(
            _("Thêm quy tắc gợi ý chuyển giao"),
            register_forms.RoutingRuleForm,
            set_rule,
            _("Thêm quy tắc"),
            _SAVED,
            hint=_("Quy tắc chỉ gợi ý; người phân phối quyết định."),
            listed="routing-rules",
        ),
        Permission.SET_ROUTING_RULES,
    ),
    ("body", "template"): (
        ActPage(
            _("Thêm mẫu dự thảo"),
            register_forms.TemplateForm,
            set_template,
            _("Thêm mẫu"),
            _SAVED,
            hint=_("Người soạn thảo của cơ quan chọn mẫu này khi bắt đầu soạn văn bản."),
            listed="kinds",
        ),
        Permission.SET_TEMPLATES,
    ),
    ("template", "revise"): (
        ActPage(
            _("Sửa mẫu dự thảo"),
            register_forms.TemplateForm,
            revise_template,
            _SAVE,
            _SAVED,
            hint=_("Dự thảo đã soạn từ mẫu cũ không đổi."),
        ),
        Permission.SET_TEMPLATES,
    ),
    ("template", "end"): (
        ActPage(
            _("Bỏ mẫu dự thảo"),
            people_forms.NothingForm,
            beginnings.end_template,
            _("Bỏ mẫu"),
            _("Đã bỏ; mẫu không còn được chọn."),
        ),
        Permission.SET_TEMPLATES,
    ),
    ("body", "certificate"): (
        ActPage(
            _("Ghi chứng thư số của cơ quan"),
            trust_forms.CertificateForm,
            enter_certificate,
            _("Ghi chứng thư"),
            _SAVED,
            hint=_CERTIFICATE_HINT,
        ),
        Permission.MANAGE_TRUST,
    ),
    ("person", "certificate"): (
        ActPage(
            _("Ghi chứng thư số của cá nhân"),
            trust_forms.CertificateForm,
            enter_certificate,
            _("Ghi chứng thư"),
            _SAVED,
            hint=_CERTIFICATE_HINT,
        ),
        Permission.MANAGE_TRUST,
    ),
    ("anchor", "end"): (
        ActPage(
            _("Thôi tin cậy gốc"),
            directory_forms.EndForm,
            trust.end_anchor,
            _("Thôi tin cậy"),
            _ENDED,
            hint=_("Từ ngày đó chữ ký và dấu thời gian dưới gốc này không còn được công nhận."),
        ),
        Permission.MANAGE_TRUST,
    ),
    ("unit", "rename"): (
        ActPage(
            _("Đổi tên đơn vị"),
            directory_forms.RenameUnitForm,
            agencies.rename,
            _("Đổi tên"),
            _SAVED,
        ),
        MANAGE,
    ),
    ("unit", "end"): (
        ActPage(
            _("Kết thúc đơn vị"), directory_forms.EndForm, agencies.end_unit, _("Kết thúc"), _ENDED
        ),
        MANAGE,
    ),
    ("code", "end"): (
        ActPage(
            _("Kết thúc mã định danh"),
            directory_forms.EndForm,
            agencies.end_code,
            _("Kết thúc mã"),
            _ENDED,
        ),
        MANAGE,
    ),
    ("post", "end"): (
        ActPage(
            _("Chấm dứt chức danh"),
            directory_forms.EndForm,
            people.end_post,
            _("Chấm dứt"),
            _ENDED,
            hint=_("Thẩm quyền ký theo chức danh này hết cùng ngày."),
        ),
        MANAGE,
    ),
    ("post", "stand-in"): (
        ActPage(
            _("Giao quyền khi vắng mặt"),
            people_forms.StandInForm,
            people.stand_in,
            _("Giao quyền"),
            _SAVED,
            hint=_(
                "Người này làm việc của chức danh đến hết thời hạn; chữ ký cần thẩm quyền riêng."
            ),
        ),
        MANAGE,
    ),
    ("mandate", "end"): (
        ActPage(
            _("Chấm dứt thẩm quyền ký"),
            directory_forms.EndForm,
            lambda it, **given: trust.end_mandate(it, **given),
            _("Chấm dứt"),
            _ENDED,
        ),
        Permission.GRANT_MANDATE,
    ),
    ("rule", "end"): (
        ActPage(
            _("Chấm dứt quy tắc"),
            directory_forms.EndForm,
            routing_rules.end_routing_rule,
            _("Chấm dứt"),
            _ENDED,
        ),
        Permission.SET_ROUTING_RULES,
    ),
    ("day", "withdraw"): (
        ActPage(
            _("Rút ngày đã ghi"),
            people_forms.NothingForm,
            days.withdraw_day,
            _("Rút"),
            _("Đã rút; ngày này lại theo lịch chung."),
        ),
        Permission.DECIDE_DAYS,
    ),
    **ACCOUNT_ACTS,
}


@login_required
def act(request: HttpRequest, of: str, pk: int, name: str) -> HttpResponse:
    """The page of one act on one subject."""
    if (of, name) not in ACTS:
        raise Http404
    page, permission = ACTS[of, name]
    subject = SUBJECTS[of].access(request.officer, pk)
    require(request.officer, permission)
    told = []
    if (of, name) == ("agency", "end"):
        told = what_ends(subject)
    shown_on = SUBJECTS[of].back(subject)
    back = url_of(page.listed, query=f"?body={subject.key}") if page.listed else shown_on
    return act_page(request, page, back=back, subject=subject, about=str(subject), told=told)
