"""An open page stays true, one's own act is taken back; what is installed keeps no document."""

from tests.browser.acts import Letter, draft
from tests.browser.conftest import Visiting
from tests.browser.examining import evaluate
from tests.browser.installation import Installation

# As when a page comes out of the browser's memory: it asks at once.
ASK = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
KEPT = """(async () => (await Promise.all((await caches.keys()).map(async name =>
  (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)))).flat())()"""


def test_what_comes_is_said_beside_what_one_reads_and_taken_back_by_who_sent_it(
    visitor: Visiting, installation: Installation
) -> None:
    head, author = visitor("truong-phong.vp-ubnd"), visitor("chuyen-vien.vp-ubnd")
    draft(author, Letter(signatory=("KT. CHÁNH VĂN PHÒNG",), subject="thử việc hoàn tác"))
    counter = head.page.locator("#to-check [data-count]")
    before, top = int(counter.inner_text()), head.page.locator("main h1").bounding_box()
    author.press("Trình kiểm tra")
    evaluate(head.page, ASK)
    news = head.found("link", "1 mới: Chờ kiểm tra")
    news.wait_for()
    head.arrive()
    assert int(counter.inner_text()) == before + 1
    assert head.page.locator("main h1").bounding_box() == top
    author.press("Hoàn tác")
    assert "Đã hoàn tác." in author.text()
    evaluate(head.page, ASK)
    news.wait_for(state="detached")
    assert int(counter.inner_text()) == before


def test_it_can_be_installed_and_keeps_no_document(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor("van-thu.vp-ubnd")
    clerk.open(installation.drafts["notice"]["outgoing"]).open("/")
    assert evaluate(clerk.page, "navigator.serviceWorker.ready.then(it => it.active.scriptURL)")
    session = clerk.page.context.new_cdp_session(clerk.page)
    assert session.send("Page.getAppManifest")["errors"] == []
    faults = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in faults} <= {"in-incognito"}  # as tests' windows are
    kept = evaluate(clerk.page, KEPT)
    assert "/offline" in kept
    assert all(one == "/offline" or one.startswith("/static/") for one in kept)
