"""Signing where the key is: with the program on one's own machine, and on a telephone."""

from pathlib import Path

import pytest

from chauban_pades.reading import read_history
from tests.browser.conftest import Visiting
from tests.browser.installation import Installation
from tests.browser.test_verify_file import verify
from tests.browser.visitor import PIN, Visitor
from tests.programs import Program

LEADER, DEPUTY, CLERK = "giam-doc.so-khcn", "pho-giam-doc.so-khcn", "van-thu.so-khcn"
BY_PROGRAM, AGAIN = "Ký bằng phần mềm của Ban Cơ yếu", "Thử lại"
NOT_SIGNED = "chưa ký gì"


@pytest.fixture
def device(installation: Installation):
    return lambda name: Program(installation.data / "devices" / f"{name}.p12", PIN)


def told(person: Visitor, words: str) -> None:
    person.page.get_by_role("status").filter(has_text=words).wait_for()


def forgiven(person: Visitor) -> None:
    """Chromium writes to the console that nothing answers; the page says so in words."""
    faults = person.examiner.faults
    faults[:] = [one for one in faults if "wss://127.0.0.1:8987" not in one]


def test_leader_and_clerk_sign_with_the_program_and_the_result_verifies(
    visitor: Visiting, installation: Installation, device, tmp_path: Path, photographs: Path | None
) -> None:
    path = installation.drafts["by_program"]["path"]
    leader = visitor(LEADER, ignore_https_errors=True).open(path).follow("Xem và ký số")
    leader.photograph(photographs, "sign-by-program")
    leader.press(BY_PROGRAM)
    told(leader, "Không gọi được phần mềm ký số trên máy này. Hãy cài hoặc mở phần mềm")
    again = leader.found("button", AGAIN)
    assert again.evaluate("one => one === document.activeElement"), "Enter tries again"
    leader.photograph(photographs, "program")
    forgiven(leader)

    program = device("leader")
    program.refusal = "Người dùng hủy ký"
    with program.running(tmp_path):
        leader.page.keyboard.press("Enter")
        told(leader, "Phần mềm ký số báo chưa ký được: Người dùng hủy ký")
        program.refusal = ""
        with leader.page.expect_navigation():
            leader.page.keyboard.press("Enter")
    leader.arrive()
    assert "Đã ký, chờ cấp số" in leader.text()
    assert program.calls == ["vgca_sign_approved"] * 2

    clerk = visitor(CLERK, ignore_https_errors=True).open(path)
    clerk.press("Cấp số và ngày").follow("Xem và ký số của cơ quan")
    clerk.photograph(photographs, "seal-by-program")
    program = device("seal")
    with program.running(tmp_path):
        with clerk.page.expect_navigation(url=f"**{path}"):
            clerk.found("button", BY_PROGRAM).click()
        clerk.arrive()
    assert program.calls == ["vgca_sign_issued"]
    assert "Chờ phát hành" in clerk.text()

    document = tmp_path / "sealed.pdf"
    address = clerk.found("link", "Tải tệp về máy").get_attribute("href")
    document.write_bytes(clerk.page.context.request.get(clerk.url + address).body())
    assert len(read_history(document.read_bytes()).revisions) == 5  # with number and date apart
    words = verify(visitor(), document).text()
    assert "Có giá trị như bản gốc" in words
    assert words.count("Hợp lệ") == 3  # the file, the signatory, the agency


def test_a_leader_signs_on_his_telephone_and_the_page_follows(
    visitor: Visiting, installation: Installation, photographs: Path | None
) -> None:
    path = installation.drafts["by_telephone"]["path"]
    telephones = installation.telephones
    leader = visitor(DEPUTY, phone=True).open(path)
    for is_confirmed in (False, True):
        telephones.requests.clear()
        leader.follow("Xem và ký số")
        if not is_confirmed:
            leader.photograph(photographs, "sign-by-telephone")
        leader.press("Gửi yêu cầu đến điện thoại")
        told(leader, "Đang chờ")
        told(leader, "còn 5 phút")
        ((response_id, request),) = telephones.requests.items()
        code = request["asked"]["clientData"]
        assert f"(mã {code[:3]} {code[3:]})" in leader.text()
        if is_confirmed:
            leader.photograph(photographs, "waiting-for-telephone")
            telephones.confirm(response_id)
            leader.page.get_by_text("Đã ký, chờ cấp số").first.wait_for()
        else:
            leader.press("Hủy lần ký này")
            assert NOT_SIGNED in leader.text()
            telephones.confirm(response_id)
    leader.arrive()
    assert "Xem và ký số" not in leader.text()
