"""The national axis's error numbers, as façades before it pass them on (edxml.md 12.2)."""

from chauban.exchange.adapters.http import NotNow
from chauban.exchange.ports import GatewayError, RefusedByAxis

# Not for what is sent, but for want of a right or of the axis behind: it is tried again.
PASSING = ("15", "20", "401")


def refusal(operation: str, code: str, said: str) -> GatewayError:
    """What a number means, with the axis's own words after ours."""
    said = said[:200]
    if code in PASSING:
        return NotNow(f"{operation}: {code} {_EN[code]} {said}".rstrip())
    vi = f"{_VI.get(code, '')} {said}".strip() or f"Trục từ chối ({operation})."
    en = f"{_EN.get(code, '')} {said}".strip() or f"The axis refuses ({operation})."
    return RefusedByAxis(code or "refused", vi=vi, en=en)


_VI = {
    "10": "Tệp không hợp lệ.",
    "18": "Nơi nhận không có trên trục.",
    "19": "Nơi gửi chưa đăng ký trên trục.",
    "21": "Trục không xử lý được tệp.",
    "22": "Gói tin không đúng định dạng edXML.",
    "23": "Nơi nhận đang bị khóa.",
}
_EN = {
    "10": "The file is invalid.",
    "15": "System id or secret is wrong.",
    "18": "The recipient is not on the axis.",
    "19": "The sender is not registered on the axis.",
    "20": "The axis has an error.",
    "21": "The axis could not process the file.",
    "22": "The message is not in the form of edXML.",
    "23": "The recipient is locked.",
    "401": "Not authorised.",
}
