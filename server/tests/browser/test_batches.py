"""A leader signs, leaves and returns in one go; the clerk numbers and seals what he signed.

By keys alone, then by touch on a phone; programs that are not ours judge the stored files.
"""

from pathlib import Path

from tests.browser.conftest import Visiting
from tests.browser.installation import Installation
from tests.browser.test_keyboard import enter, tab_to
from tests.browser.visitor import PIN, Visitor
from tests.processes import judging

LEADER, CLERK = "giam-doc.so-xay-dung", "van-thu.so-xay-dung"
KEYS = {"sign": ("ArrowUp",), "skip": (), "return": ("ArrowDown",)}


def test_a_batch_is_signed_by_keyboard_and_on_a_phone_and_sealed_by_the_clerk(
    visitor: Visiting, installation: Installation, tmp_path: Path, photographs: Path | None
) -> None:
    leader = visitor(LEADER).open("/desk/sign")
    leader.page.keyboard.press("Tab")
    leader.page.keyboard.press("b")
    leader.page.wait_for_url("**/batches/sign")
    leader.arrive()
    leader.photograph(photographs, "sign-batch")
    decide_by_keyboard(leader, "sign", "sign", "skip", "return", "sign", "skip", "skip")
    assert summary(leader) == "Ký 3 · để sau 3 · trả lại 1"
    tab_to(leader, "Mã PIN")
    leader.page.keyboard.type(PIN)
    enter(leader)
    finished(leader)
    assert summary(leader) == "Đã ký 3 · trả lại 1 · để sau 3"
    leader.photograph(photographs, "sign-batch-done")
    for file in files(leader, tmp_path, outcome="done"):
        judging.require_valid_to_pdfsig(file, signatures=1)
    tab_to(leader, "Rút lại việc trả lại")
    enter(leader)
    assert "Chờ ký" in leader.text()

    phone = visitor(LEADER, phone=True).open("/batches/sign?all=1")
    phone.page.get_by_text("Để sau", exact=True).last.tap()
    phone.page.get_by_text("Để sau", exact=True).first.tap()
    assert summary(phone) == "Ký 2 · để sau 2 · trả lại 0"
    phone.fill("Mã PIN", PIN)
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="Xác nhận").tap()
    phone.arrive()
    finished(phone)
    assert summary(phone) == "Đã ký 2 · để sau 2"
    in_two_taps(phone, photographs)

    clerk = visitor(CLERK).open("/desk/number").follow("Cấp số, ký số nhiều văn bản")
    clerk.follow("Chọn cấp số, ký số tất cả")
    clerk.photograph(photographs, "seal-batch")
    clerk.fill("Mã PIN", PIN)
    clerk.press("Xác nhận")
    finished(clerk)
    assert summary(clerk) == "Đã cấp số, ký số 6"
    clerk.photograph(photographs, "seal-batch-done")
    sealed = files(clerk, tmp_path, outcome="done")
    verdicts = judging.judged(sealed, installation.data / "pki" / "root.pem")
    for file in sealed:
        judging.require_valid(verdicts[file], is_main=True)
        judging.require_valid_to_pdfsig(file, signatures=2)
    numbers = clerk.page.locator(".sheet-number").all_inner_texts()
    assert len(set(numbers)) == len(numbers) == 6, numbers


def decide_by_keyboard(leader: Visitor, *decisions: str) -> None:
    """From the top of the page to each document's choice, by Tab; an arrow changes it."""
    keyboard = leader.page.keyboard
    for decision in decisions:
        tab_to(leader, "Để sau")
        for key in KEYS[decision]:
            keyboard.press(key)
        if decision == "return":
            tab_to(leader, "Lý do trả lại")
            keyboard.type("Ghi lại nơi nhận.")


def in_two_taps(phone: Visitor, photographs: Path | None) -> None:
    """From the list: one tap opens the pages with the PIN at hand, the second signs."""
    phone.open("/desk/sign")
    with phone.page.expect_navigation():
        phone.page.locator("main .rows a").first.tap()
    phone.arrive()
    phone.photograph(photographs, "sign-on-phone")
    button = phone.page.get_by_role("button", name="Ký số", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= phone.page.viewport_size["height"], "below the screen"
    phone.fill("Mã PIN", PIN)
    with phone.page.expect_navigation():
        button.tap()
    phone.arrive()
    assert "Đã ký, chờ cấp số" in phone.text()
    assert "Hợp lệ" in phone.text()
    phone.photograph(photographs, "signed")


def finished(visitor: Visitor) -> None:
    """The results come one by one, without loading the page again."""
    visitor.page.locator("#batch[data-ended]").wait_for(timeout=60_000)
    visitor.arrive()


def summary(visitor: Visitor) -> str:
    return " ".join(visitor.page.locator("[data-sum]").inner_text().split())


def files(visitor: Visitor, folder: Path, *, outcome: str) -> list[Path]:
    """The stored files behind the results of that outcome."""
    found = visitor.page.locator(f"[data-outcome={outcome}] a.sheet-page")
    addresses = [one.get_attribute("href") or "" for one in found.all()]
    kept = []
    for address in addresses:
        file = folder / address.rpartition("/")[2]
        file.write_bytes(visitor.page.request.get(visitor.url + address).body())
        kept.append(file)
    return kept
