"""The kinds of administrative document and their abbreviations (Nghị định 30/2020, PL III)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chauban_docform.errors import UnknownKind


@dataclass(frozen=True)
class Kind:
    """One kind of document (loại văn bản), Điều 7 and Phụ lục III.

    `code` is the key that programs and databases use; `name` is the decree's word. `abbreviation`
    is empty for công văn and thư công. `template` is the number of the printed template in
    Phụ lục III, empty where the decree prints none.
    """

    code: str
    name: str
    name_en: str
    abbreviation: str
    template: str


@dataclass(frozen=True)
class CopyKind:
    """One form of copy (Điều 25); `title` stands on the copy, PL I II.9 and PL III 3.1."""

    code: str
    name: str
    abbreviation: str
    title: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            Kind("nghi_quyet", "Nghị quyết", "Resolution", "NQ", "1.1"),
            Kind("quyet_dinh", "Quyết định", "Decision", "QĐ", "1.2"),
            Kind("chi_thi", "Chỉ thị", "Directive", "CT", "1.4"),
            Kind("quy_che", "Quy chế", "Regulation", "QC", "1.4"),
            Kind("quy_dinh", "Quy định", "Rules", "QyĐ", "1.4"),
            Kind("thong_cao", "Thông cáo", "Communiqué", "TC", "1.4"),
            Kind("thong_bao", "Thông báo", "Notice", "TB", "1.4"),
            Kind("huong_dan", "Hướng dẫn", "Guidance", "HD", "1.4"),
            Kind("chuong_trinh", "Chương trình", "Programme", "CTr", "1.4"),
            Kind("ke_hoach", "Kế hoạch", "Plan", "KH", "1.4"),
            Kind("phuong_an", "Phương án", "Option plan", "PA", "1.4"),
            Kind("de_an", "Đề án", "Scheme", "ĐA", "1.4"),
            Kind("du_an", "Dự án", "Project", "DA", "1.4"),
            Kind("bao_cao", "Báo cáo", "Report", "BC", "1.4"),
            Kind("bien_ban", "Biên bản", "Minutes", "BB", "1.9"),
            Kind("to_trinh", "Tờ trình", "Submission", "TTr", "1.4"),
            Kind("hop_dong", "Hợp đồng", "Contract", "HĐ", ""),
            Kind("cong_dien", "Công điện", "Official telegram", "CĐ", "1.6"),
            Kind("ban_ghi_nho", "Bản ghi nhớ", "Memorandum", "BGN", ""),
            Kind("cong_van", "Công văn", "Official letter", "", "1.5"),
            Kind("ban_thoa_thuan", "Bản thỏa thuận", "Agreement", "BTT", ""),
            Kind("giay_uy_quyen", "Giấy ủy quyền", "Authorisation", "GUQ", "1.4"),
            Kind("giay_moi", "Giấy mời", "Invitation", "GM", "1.7"),
            Kind("giay_gioi_thieu", "Giấy giới thiệu", "Introduction", "GGT", "1.8"),
            Kind("giay_nghi_phep", "Giấy nghỉ phép", "Leave slip", "GNP", "1.10"),
            Kind("phieu_gui", "Phiếu gửi", "Sending slip", "PG", "1.4"),
            Kind("phieu_chuyen", "Phiếu chuyển", "Transfer slip", "PC", "1.4"),
            Kind("phieu_bao", "Phiếu báo", "Notice slip", "PB", "1.4"),
            Kind("thu_cong", "Thư công", "Letter of courtesy", "", ""),
        )
    }
)

COPY_KINDS: Mapping[str, CopyKind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            CopyKind("sao_y", "Bản sao y", "SY", "SAO Y"),
            CopyKind("trich_sao", "Bản trích sao", "TrS", "TRÍCH SAO"),
            CopyKind("sao_luc", "Bản sao lục", "SL", "SAO LỤC"),
        )
    }
)


def kind(code: str) -> Kind:
    """Return the kind with this code, such as `cong_van`.

    Raises:
        UnknownKind: Phụ lục III has no such kind.
    """
    try:
        return KINDS[code]
    except KeyError:
        raise UnknownKind(code) from None
