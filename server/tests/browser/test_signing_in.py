"""Passkeys and codes at a real browser: alone, as a second step; sessions ended; the look kept."""

import re
import time

from allauth.mfa.totp.internal import auth as totp

CLERK = "van-thu.so-noi-vu"


def virtual_authenticator(page):
    """Chromium's own passkey device, which answers as a person's finger would."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def code_of(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_a_person_signs_in_by_telephone_and_by_passkey_alone(visitor, photographs):
    person = visitor().sign_in(CLERK)
    virtual_authenticator(person.page)

    # A telephone that shows codes, by keys alone from the account's menu.
    person.open("/account/security").photograph(photographs, "security")
    person.follow("Thêm mã trên điện thoại").photograph(photographs, "add-telephone")
    person.page.get_by_text("Không quét được?").click()
    secret = person.page.locator("code.secret").inner_text()
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    person.page.keyboard.press("Tab")
    person.page.locator("input[name=code]").focus()
    person.page.keyboard.type(code_of(secret))
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/account/recovery-codes")
    person.arrive()
    recovery = person.page.locator("ol.codes code").all_inner_texts()
    assert len(recovery) == 10
    person.follow("Đã cất, tiếp tục")

    # A passkey that takes the password's place.
    person.follow("Thêm khóa truy cập")
    person.fill("Tên khóa", "Máy ở cơ quan")
    person.page.get_by_role("button", name="Tạo khóa truy cập").click()
    person.page.wait_for_url("**/account/security")
    person.arrive()
    assert person.page.get_by_text("Máy ở cơ quan").first.is_visible()
    assert person.page.get_by_text("Thay cho mật khẩu").is_visible()

    # Signed out, and in by the passkey alone.
    person.page.context.clear_cookies()
    person.open("/sign-in")
    person.page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").focus()
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(re.compile(r"/$"))
    person.arrive()

    # By password and then the passkey; by password and a recovery code.
    person.sign_in(CLERK)
    assert person.path() == "/sign-in/code"
    person.photograph(photographs, "second-step")
    person.page.get_by_role("button", name="Dùng khóa truy cập").click()
    person.page.wait_for_url(re.compile(r"/$"))
    person.sign_in(CLERK)
    person.fill("Mã xác thực", recovery[0])
    person.press("Xác nhận")
    assert person.path() == "/"

    # All the others end; the look is kept with the account.
    person.open("/account/security").press("Kết thúc mọi phiên khác")
    assert person.page.locator("table.cards tbody tr").count() == 1
    person.open("/account").photograph(photographs, "settings")
    person.page.get_by_label("Cỡ chữ").select_option("larger")
    person.press("Lưu")
    assert person.page.locator("html[data-text=larger]").count() == 1
