"""Decisions of the exchange from plain values: statuses, proposals, delays, identities."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal

MAX_ATTEMPTS = 10
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 seconds, doubled each time, at most an hour."""
    return min(FIRST_DELAY * 2 ** max(attempts - 1, 0), LONGEST_DELAY)


def is_last_attempt(attempts: int) -> bool:
    """Whether a person must now see that it breaks (about four hours after the first)."""
    return attempts >= MAX_ATTEMPTS


def attempts_after_silence(attempts: int) -> int:
    """How many attempts count after one that an axis did not answer: never the last.

    The axis may be silent for days. What is to be sent or fetched waits for it, up to an hour
    from one try to the next; only what breaks by itself is given to a person.
    """
    return min(attempts, MAX_ATTEMPTS - 2)  # the try after it is not yet the last


# Identities


def sender_key(organ_id: str, body_key: str | None) -> str:
    """One text for all codes of an agency: our directory's key for it, else the code itself."""
    return f"body:{body_key}" if body_key else organ_id.strip().upper()


# Business statuses (QCVN 102:2016/BTTTT; the order 01 < 03 < 04 < 05 < 06, 02 ends)

_RANKS = {"": 0, "01": 1, "03": 3, "04": 4, "05": 5, "06": 6}
_REFUSED = "02"

Effect = Literal["moved", "late", "conflict", "noted"]


@dataclass(frozen=True)
class Transition:
    status_code: str  # what the recipient's status is now
    effect: Effect


def status_after(current: str, reported: str) -> Transition:
    """What a recipient's status becomes when one more status message comes.

    Messages come late and twice: one of the same or a lower rank is recorded and moves nothing.
    A refusal after the acceptance, or the reverse, is a conflict that the clerk is shown.
    07 to 12 and 14 have no known meaning; 13, 15 and 16 belong to a recall: noted, no more.
    """
    if reported == current:
        return Transition(current, "late")
    if reported == _REFUSED:
        return (
            Transition(_REFUSED, "moved")
            if current in ("", "01")
            else Transition(current, "conflict")
        )
    if reported not in _RANKS or not reported:
        return Transition(current, "noted")
    if current == _REFUSED:
        return Transition(current, "late" if reported == "01" else "conflict")
    if _RANKS[reported] < _RANKS.get(current, 0):
        return Transition(current, "late")
    return Transition(reported, "moved")


# The machine's proposal to the clerk (Điều 21.2; QĐ 28/2018/QĐ-TTg)


class Proposal(StrEnum):
    ACCEPT = "accept"
    ACCEPT_COPY = "accept-copy"
    INFORMATION = "information"
    RETURN = "return"


@dataclass(frozen=True)
class Ground:
    """One reason of a proposal, as the clerk reads it."""

    code: str
    vi: str
    en: str
    clause: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class FileFacts:
    """What is known of one delivered file: its report (Report.as_dict()) or why it has none."""

    name: str
    fault: str
    report: Mapping[str, Any] | None
    is_signature: bool = False  # a detached .p7s: its result stands at the file it signs

    @property
    def document(self) -> str:
        return str(self.report["document"]) if self.report else "unsigned"

    @property
    def is_pdf(self) -> bool:
        return self.name.lower().endswith(".pdf")


_TELLING = {
    "complete": Proposal.ACCEPT,
    "attachment": Proposal.ACCEPT,
    "stamped-by-issuer": Proposal.ACCEPT,
    "electronic-copy": Proposal.ACCEPT_COPY,
    "no-seal": Proposal.INFORMATION,
    "no-signature": Proposal.INFORMATION,
    "unsigned": Proposal.INFORMATION,
    "not-enough-evidence": Proposal.INFORMATION,
    "altered": Proposal.RETURN,
    "invalid": Proposal.RETURN,
    "unreadable": Proposal.RETURN,
}
_BAD = ("altered", "invalid", "unreadable")
# An attachment needs the agency's signature only (Phụ lục I, II.8.b).
_GOOD_ATTACHMENT = ("attachment", "complete", "electronic-copy", "no-signature")


def main_file(files: Sequence[FileFacts]) -> FileFacts | None:
    """The document itself: the first PDF, else the first file that is no detached signature."""
    own = [file for file in files if not file.is_signature]
    return next((file for file in own if file.is_pdf), own[0] if own else None)


def propose(
    files: Sequence[FileFacts], *, sender_known: bool, seal_agrees: bool | None
) -> tuple[Proposal, tuple[Ground, ...]]:
    """What the machine proposes for a delivery, and why; the clerk decides (Điều 21.2.b).

    Signed by person and organisation: accept. A valid electronic copy: accept as copy. A
    signature missing or without enough evidence: for information only (QĐ 28/2018/QĐ-TTg
    Điều 5). Altered, invalid or unreadable: return with the reason. The authority of a
    sender outside the directory is not assessed and never a ground to refuse.
    """
    main = main_file(files)
    if main is None:
        return Proposal.RETURN, (grounds_no_file(),)
    grounds = [_ground_of(main)]
    proposal = Proposal.RETURN if main.fault else _TELLING[main.document]
    for file in files:
        if file is main or file.is_signature:
            continue
        if file.fault or file.document in _BAD:
            proposal = Proposal.RETURN
            grounds.append(_ground_of(file))
        elif file.document == "unsigned":
            grounds.append(_unsigned_attachment(file))
        elif file.document not in _GOOD_ATTACHMENT:
            grounds.append(_ground_of(file))
    if seal_agrees is False:
        grounds.append(_SEAL_OF_ANOTHER)
        if proposal in (Proposal.ACCEPT, Proposal.ACCEPT_COPY):
            proposal = Proposal.INFORMATION
    if not sender_known:
        grounds.append(_NOT_ASSESSED)
    return proposal, tuple(grounds)


def may_accept(proposal: str, acceptance: str) -> bool:
    """Whether the clerk may register under that acceptance.

    What misses a signature, or fails, has no legal value as an original or a copy and may be
    taken for information only (QĐ 28/2018/QĐ-TTg Điều 5); less than proposed is always possible.
    """
    allowed = {
        Proposal.ACCEPT: ("original", "copy", "information"),
        Proposal.ACCEPT_COPY: ("copy", "information"),
        Proposal.INFORMATION: ("information",),
        Proposal.RETURN: ("information",),
    }
    return acceptance in allowed[Proposal(proposal)]


def grounds_no_file() -> Ground:
    return Ground(
        "no-file",
        "Gói tin không có tệp văn bản nào. Hãy trả lại và yêu cầu gửi lại kèm tệp.",
        "The message carries no file. Return it and ask for it with the file.",
        "Nghị định 30/2020/NĐ-CP Điều 21.2.a",
    )


_SEAL_OF_ANOTHER = Ground(
    "seal-of-another-body",
    "Chữ ký số của cơ quan trong tệp không phải của cơ quan gửi. Hãy hỏi lại nơi gửi.",
    "The organisation's signature in the file is not the sender's. Ask the sender.",
    "Nghị định 30/2020/NĐ-CP Điều 21.2.a",
)
_NOT_ASSESSED = Ground(
    "authority-not-assessed",
    "Cơ quan gửi không có trong danh bạ nên thẩm quyền ký chưa được đánh giá.",
    "The sender is not in the directory: the signer's authority was not assessed.",
)


def _unsigned_attachment(file: FileFacts) -> Ground:
    return Ground(
        "attachment-unsigned",
        f"Tệp kèm theo “{file.name}” không có chữ ký số của cơ quan.",
        f"The attached file “{file.name}” has no signature of the organisation.",
        "Nghị định 30/2020/NĐ-CP Phụ lục I, II.8.b",
    )


def _ground_of(file: FileFacts) -> Ground:
    if file.fault:
        vi, en = _FAULTS[file.fault]
        return Ground(f"file-{file.fault}", vi.format(file.name), en.format(file.name))
    vi, en, clause = _DOCUMENTS[file.document]
    return Ground(file.document, vi.format(file.name), en.format(file.name), clause)


_VALUE = "Nghị định 30/2020/NĐ-CP Điều 5"
_CHECK = "Nghị định 30/2020/NĐ-CP Điều 21.2.a"
_INFORM = "Quyết định 28/2018/QĐ-TTg Điều 5"

_DOCUMENTS = {
    "complete": (
        "“{}”: đủ chữ ký số hợp lệ của người có thẩm quyền và của cơ quan; nội dung toàn vẹn.",
        "“{}”: valid signatures of the signatory and of the organisation; unchanged.",
        _VALUE,
    ),
    "attachment": (
        "“{}”: có chữ ký số hợp lệ của cơ quan; nội dung toàn vẹn.",
        "“{}”: valid signature of the organisation; unchanged.",
        _VALUE,
    ),
    "electronic-copy": (
        "“{}”: bản sao điện tử có chữ ký số hợp lệ của cơ quan sao.",
        "“{}”: an electronic copy with the valid signature of the copying organisation.",
        "Nghị định 30/2020/NĐ-CP Điều 26",
    ),
    "stamped-by-issuer": (
        "“{}”: được bổ sung sau khi người có thẩm quyền ký, nhưng chữ ký số hợp lệ của cơ quan "
        "bao trùm toàn bộ tệp. Hãy xem phần thay đổi.",
        "“{}”: changed after the signatory signed, all of it covered by the organisation's valid "
        "signature. Look at the changes.",
        _CHECK,
    ),
    "no-seal": (
        "“{}”: thiếu chữ ký số của cơ quan. Chỉ có giá trị để biết.",
        "“{}”: the organisation's signature is missing. For information only.",
        _INFORM,
    ),
    "no-signature": (
        "“{}”: thiếu chữ ký số của người có thẩm quyền. Chỉ có giá trị để biết.",
        "“{}”: the signatory's signature is missing. For information only.",
        _INFORM,
    ),
    "unsigned": (
        "“{}”: không có chữ ký số. Chỉ có giá trị để biết.",
        "“{}”: not signed. For information only.",
        _INFORM,
    ),
    "not-enough-evidence": (
        "“{}”: chưa đủ căn cứ để xác nhận chữ ký số. Xem lý do ở từng chữ ký.",
        "“{}”: not enough evidence to confirm the signatures. See each signature.",
        _CHECK,
    ),
    "altered": (
        "“{}”: nội dung đã bị thay đổi sau khi ký. Hãy trả lại nơi gửi.",
        "“{}”: changed after it was signed. Return it to the sender.",
        _CHECK,
    ),
    "invalid": (
        "“{}”: chữ ký số không hợp lệ. Hãy trả lại nơi gửi.",
        "“{}”: a signature is not valid. Return it to the sender.",
        _CHECK,
    ),
    "unreadable": (
        "“{}”: không đọc được tệp. Hãy trả lại nơi gửi.",
        "“{}”: the file cannot be read. Return it to the sender.",
        _CHECK,
    ),
}

_FAULTS = {
    "missing": (
        "“{}”: có trong danh mục nhưng không có nội dung.",
        "“{}”: listed without content.",
    ),
    "not-base64": ("“{}”: không giải mã được nội dung.", "“{}”: cannot be decoded."),
    "damaged-archive": ("“{}”: gói nén bị hỏng.", "“{}”: its archive is damaged."),
    "encrypted-archive": ("“{}”: gói nén có mật khẩu.", "“{}”: its archive needs a password."),
    "too-large": ("“{}”: vượt giới hạn dung lượng.", "“{}”: larger than the limit."),
    "archive-bomb": ("“{}”: gói nén là bom nén.", "“{}”: its archive is a bomb."),
    "unsafe-entry-name": (
        "“{}”: gói nén chứa đường dẫn nguy hiểm.",
        "“{}”: its archive holds a dangerous path.",
    ),
    "corrupt-pdf": (
        "“{}”: tệp PDF bị hỏng do bên gửi chuyển sang văn bản.",
        "“{}”: the sender destroyed the PDF by a text conversion.",
    ),
}
