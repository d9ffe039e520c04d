"""The page of a document in a real browser: viewer, keys, the way to a signature's field."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MILLISECONDS, Visiting
from tests.browser.examining import evaluate
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor

CLERK = "van-thu.vp-ubnd"
expect.set_options(timeout=PATIENCE_MILLISECONDS)
# Dark points of the first page's picture: what ink there is.
_INK = """(() => {
  const canvas = document.querySelector('.viewer-page canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) dark += data[at] + data[at + 1] + data[at + 2] < 200;
  return dark;
})()"""
# pdf.js draws a piece of a page each time that the browser is ready to show one.
_SLOWLY_DRAWN = "window.requestAnimationFrame = show => setTimeout(show, 400, performance.now())"
_WORDS = "document.querySelector('.textLayer').textContent"


def drawn(visitor: Visitor) -> Visitor:
    visitor.page.wait_for_selector(".viewer[data-pages]")
    visitor.page.wait_for_selector(".viewer-page canvas")
    return visitor


def scale(visitor: Visitor) -> int:
    return int(visitor.page.locator("[data-scale]").inner_text().split()[0])


def test_a_document_is_read_beside_its_facts_by_mouse_and_by_keys(
    visitor: Visiting, installation: Installation
) -> None:
    decision = installation.drafts["decision"]
    clerk = drawn(visitor(CLERK).open(decision["outgoing"]))
    page, keys = clerk.page, clerk.page.keyboard
    assert evaluate(page, _INK) > 2000
    words = evaluate(page, _WORDS)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in words
    number, _ = page.get_by_role("heading", level=1).inner_text().split("/")
    assert words[-10:].startswith(number)  # number and date stand in fields, not in the page

    fitting = scale(clerk)
    keys.press("=")
    assert scale(clerk) > fitting
    keys.press("w")
    assert scale(clerk) == fitting
    keys.press("t")
    expect(page.locator(".viewer-thumbnails canvas").first).to_be_visible()
    clerk.examiner.look_at(page)
    keys.press("5")
    assert page.url.endswith("#life")
    expect(page.get_by_role("heading", name="Dòng đời văn bản")).to_be_in_viewport()
    keys.press("?")
    sheet = page.get_by_role("dialog", name="Phím tắt")
    for told in ("Dòng đời", "Phóng to", "Trang sau"):
        expect(sheet).to_contain_text(told)
    keys.press("Escape")

    clerk.found("button", "Xem trên trang", exact=False).click()
    expect(page.locator(".viewer-mark")).to_be_in_viewport()
    expect(page.locator("[data-said]")).to_have_text(re.compile("trang 1"))
    keys.press("v")
    whole = page.get_by_role("dialog", name="Các trang của văn bản")
    expect(whole).to_be_visible()
    clerk.examiner.look_at(page)
    keys.press("Escape")
    expect(whole).to_have_count(0)
    assert clerk.path().startswith(decision["outgoing"])


def test_on_a_telephone_the_document_is_one_tap_away_and_the_way_back_one_too(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor(CLERK, phone=True).open(installation.drafts["decision"]["outgoing"])
    expect(clerk.page.locator(".viewer")).to_be_hidden()
    clerk.found("link", "Xem văn bản").tap()
    drawn(clerk)
    assert evaluate(clerk.page, _INK) > 500
    clerk.page.go_back()
    expect(clerk.page.locator(".viewer")).to_be_hidden()
    expect(clerk.found("heading", "Thông tin văn bản")).to_be_visible()


def test_a_window_that_changes_while_the_pages_come_shows_them_all_the_same(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor(CLERK)
    page = clerk.page
    page.add_init_script(_SLOWLY_DRAWN)
    page.goto(clerk.url + installation.drafts["decision"]["outgoing"])
    page.wait_for_selector(".viewer-page", state="attached")
    for width in (1100, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)  # longer than the viewer waits for a window to come to rest
    drawn(clerk)
    assert evaluate(page, _INK) > 2000
    expect(page.locator(".viewer-trouble")).to_be_hidden()


def test_a_broken_file_says_so_and_can_still_be_saved(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor(CLERK)
    clerk.page.route(
        "**/pages/*.pdf",
        lambda route: route.fulfill(body="%PDF-1.7 cắt ngang", content_type="application/pdf"),
    )
    clerk.open(installation.drafts["decision"]["outgoing"])
    expect(clerk.page.get_by_role("alert")).to_contain_text("tệp hỏng hoặc không đầy đủ")
    expect(clerk.page.get_by_role("alert").get_by_role("link")).to_have_text("Tải tệp về máy")
    clerk.examiner.look_at(clerk.page)
