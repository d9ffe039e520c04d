"""What the commands on files say, in Vietnamese and English. No Django here: they start fast."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from chauban_pades import PAdESError
from chauban_pades import errors as pades
from chauban_pki import words as pki
from chauban_pki.errors import PKIError
from chauban_pki.reasons import Reason

HANOI = timezone(timedelta(hours=7))

Both = tuple[str, str]
"""A text in Vietnamese and in English."""

VERDICTS: Mapping[str, Both] = {
    "TOTAL-PASSED": ("hợp lệ", "valid"),
    "TOTAL-FAILED": ("không hợp lệ", "not valid"),
    "INDETERMINATE": ("chưa xác định được", "not determined"),
}
DOCUMENTS: Mapping[str, Both] = {
    "complete": ("đủ chữ ký hợp lệ", "all signatures are there and valid"),
    "electronic-copy": ("bản sao điện tử hợp lệ", "valid electronic copy"),
    "attachment": ("phụ lục, tài liệu kèm theo hợp lệ", "valid attachment"),
    "no-seal": ("thiếu chữ ký số của cơ quan", "the agency's signature is missing"),
    "no-signature": (
        "thiếu chữ ký số của người có thẩm quyền",
        "an authorised person's signature is missing",
    ),
    "stamped-by-issuer": (
        "cơ quan ban hành ghi thêm sau khi người có thẩm quyền ký",
        "the issuer wrote on it after the person signed",
    ),
    "altered": ("không toàn vẹn: bị thay đổi sau khi ký", "altered after signing"),
    "invalid": ("chữ ký không hợp lệ", "a signature is not valid"),
    "unsigned": ("không có chữ ký số", "not signed"),
    "unreadable": ("không đọc được", "not readable"),
    "not-enough-evidence": ("chưa đủ căn cứ", "not enough evidence"),
}
ROLES: Mapping[str, Both] = {
    "person": ("người có thẩm quyền", "authorised person"),
    "organisation": ("cơ quan, tổ chức", "agency"),
    "service": ("dịch vụ", "service"),
    "unknown": ("chưa rõ", "unknown"),
}

BEFORE: Both = ("hình bản đã ký", "picture as signed")
AFTER: Both = ("hình bản hiện tại", "picture as it is now")

NO_TIMESTAMP = Reason(
    "no-timestamp-asked",
    "Chưa có dấu thời gian (mức B-B). Hãy thêm --tsa để có bằng chứng về thời điểm ký.",
    "There is no time-stamp (level B-B). Give --tsa for proof of the time of signing.",
    "Thông tư 41/2017/TT-BTTTT",
)
NO_TRUST = Reason(
    "no-trust-given",
    "Chưa kèm dữ liệu kiểm tra lâu dài (mức B-LT) vì không có --trust. "
    "Hãy thêm --trust và, nếu cần, --address.",
    "Data for checking in the long term (level B-LT) were not added: no --trust. "
    "Give --trust and, where needed, --address.",
    "ETSI EN 319 142-1 clause 5.4",
)
NOT_FOR_OTHER_FILES = Reason(
    "not-a-pdf",
    "Tệp không phải PDF nên không điền được số và ngày. "
    "Nếu là tài liệu kèm theo, hãy dùng --attachment-of.",
    "The file is no PDF, so number and date cannot be filled in. "
    "If it is an attachment, use --attachment-of.",
    "Nghị định 30/2020/NĐ-CP Phụ lục I II.8",
)


def reason_for(error: PKIError | PAdESError | OSError) -> Reason:
    """Return an error of the libraries or of the file system in words."""
    if isinstance(error, PKIError):
        return pki.reason_for(error)
    if isinstance(error, PAdESError):
        return pades.reason_for(error)
    detail = error.strerror or str(error)
    return Reason(
        "file-not-written",
        f"Không đọc hoặc ghi được tệp {error.filename} ({detail}). Hãy kiểm tra quyền và ổ đĩa.",
        f"The file {error.filename} cannot be read or written ({detail}). Check rights and disk.",
        "",
    )


def said(text: Both | Reason, lang: str) -> str:
    """Return the text in the language asked for."""
    vi, en = (text.vi, text.en) if isinstance(text, Reason) else text
    return en if lang == "en" else vi


def verification_lines(report: Mapping[str, Any], lang: str) -> list[str]:
    """Return a report, as `chauban verify --json` has it, in lines for people."""
    verdict, document = (
        said(table[report[key]], lang)
        for table, key in ((VERDICTS, "verdict"), (DOCUMENTS, "document"))
    )
    lines = [f"{report['file']}: {document} [{report['verdict']}: {verdict}]"]
    for signature in report["signatures"]:
        lines.append(f"  {_signature_line(signature, lang)}")
        lines += (f"    – {reason[lang]}" for reason in signature["reasons"])
    lines += (f"  – {change[lang]}" for change in report["changes_after_signing"])
    lines += (f"  – {reason[lang]}" for reason in report["reasons"])
    lines += (
        f"  {said(side, lang)}: {page[key]['file']}"
        for page in report.get("pictures", ())
        for key, side in (("before", BEFORE), ("after", AFTER))
        if page[key]
    )
    return lines


def _signature_line(signature: Mapping[str, Any], lang: str) -> str:
    signed_at = signature["signing_time"]
    holder = ", ".join(
        dict.fromkeys(part for part in (signature["signer"], signature["agency"]) if part)
    )
    parts = [
        f"{signature['field'] or 'p7s'} ({said(ROLES[signature['role']], lang)}): {holder or '?'}",
        signature["level"],
        f"{datetime.fromisoformat(signed_at).astimezone(HANOI):%d/%m/%Y %H:%M:%S +07:00}"
        if signed_at
        else "",
        said(VERDICTS[signature["verdict"]], lang),
    ]
    return "; ".join(part for part in parts if part)
