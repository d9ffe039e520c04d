"""Signing without a mouse: from the sign-in page to the signature, by keys alone."""

from pathlib import Path

from tests.browser.conftest import Visiting
from tests.browser.examining import evaluate, violations
from tests.browser.installation import Installation
from tests.browser.visitor import PASSWORD, PIN, Visitor

MOST_STOPS = 80
# What the keyboard's focus is on, as a screen reader would say it, and whether it can be seen.
_FOCUSED = """(() => {
  const one = document.activeElement, style = getComputedStyle(one);
  if (one === document.body) return {words: '', visible: true};
  const labels = [...(one.labels || [])].map(it => it.innerText).join(' ');
  return {words: one.getAttribute('aria-label') || labels || one.innerText || one.alt || '',
    visible: style.outlineStyle !== 'none' || style.boxShadow !== 'none'};
})()"""


def test_a_document_is_signed_by_keyboard_alone(
    visitor: Visiting, installation: Installation
) -> None:
    signatory = visitor().open("/sign-in")
    keyboard = signatory.page.keyboard
    assert focused(signatory).startswith("Tên đăng nhập")
    keyboard.type("pho-chanh-vp.vp-ubnd")
    tab_to(signatory, "Mật khẩu")
    keyboard.type(PASSWORD)
    enter(signatory)

    keyboard.press("Tab")
    assert focused(signatory) == "Đến nội dung chính"
    tab_to(signatory, "Chờ ký số")
    enter(signatory)
    subject = installation.drafts["to_sign_by_keyboard"]["subject"]
    tab_to(signatory, subject)
    enter(signatory)
    tab_to(signatory, "Mã PIN")
    keyboard.type(PIN)
    enter(signatory)
    assert "Đã ký, chờ cấp số" in signatory.text()

    tab_to(signatory, installation.people["pho-chanh-vp.vp-ubnd"])
    keyboard.press("Enter")
    tab_to(signatory, "Đăng xuất")
    enter(signatory)
    assert signatory.path().startswith("/sign-in")


def enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.arrive()


def tab_to(visitor: Visitor, words: str) -> None:
    """Press Tab until the focus is on what is so called; it must be seen all the way."""
    stops = []
    for _ in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        stops.append(focused(visitor))
        if words in stops[-1]:
            return
    raise AssertionError(f"no way by Tab to “{words}”: {stops}")


def focused(visitor: Visitor) -> str:
    found = evaluate(visitor.page, _FOCUSED)
    assert found["visible"], f"focus cannot be seen on “{found['words']}”"
    return " ".join(found["words"].split())


def test_the_palette_lists_and_shortcuts_need_no_mouse(
    visitor: Visiting, photographs: Path | None
) -> None:
    clerk = visitor("van-thu.vp-ubnd").open("/desk/issued")
    keyboard, page = clerk.page.keyboard, clerk.page
    keyboard.press("j")
    first = focused(clerk)
    keyboard.press("j")
    assert focused(clerk) != first
    keyboard.press("k")
    assert focused(clerk) == first

    keyboard.press("Control+K")
    page.get_by_role("option").first.wait_for()
    assert clerk.found("combobox", "Từ cần tìm").is_visible()
    assert not violations(page)
    keyboard.type("so van ban di")
    page.get_by_role("option", name="Sổ văn bản đi", selected=True).wait_for()
    clerk.photograph(photographs, "palette")
    enter(clerk)
    assert clerk.path().startswith("/registers/outgoing")

    keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Phím tắt")
    assert sheet.get_by_text("Dòng sau trong danh sách").is_visible()
    assert not violations(page)
    sheet.get_by_role("checkbox").press("Space")
    keyboard.press("Escape")
    keyboard.press("g")
    keyboard.press("h")
    assert clerk.path().startswith("/registers/outgoing"), "letters were switched off"
    keyboard.press("?")
    assert not sheet.is_visible()
    evaluate(page, "localStorage.clear()")
    page.reload()
    keyboard.press("g")
    with page.expect_navigation():
        keyboard.press("h")
    assert clerk.path() == "/"
