"""Web push in a real browser, as far as one goes without its maker's push service.

Chromium subscribes at that service alone, which no test may call: here it refuses as it does behind
a closed firewall, and what the service would have answered is put in its place. What comes from the
service is brought to the page's own service worker by Chromium itself.
"""

import json
import re
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Visiting
from tests.browser.examining import evaluate
from tests.browser.visitor import Visitor
from tests.ui.test_push import TOLD, Device

LEADER = "pho-chu-tich.vp-ubnd"
# What Chromium writes to its console beside refusing, for windows like the tests'.
_INCOGNITO = "Chrome currently does not support the Push API in incognito mode"
SWITCH_ON = "Bật trên thiết bị này"
# Only a person's own click lets a service worker bring its window to the front.
CLICK = """async () => {
  WindowClient.prototype.focus = async function () { return this; };
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent('notificationclick', {notification}));
}"""
READY = "navigator.serviceWorker.ready.then(() => true)"
SHOWN = """navigator.serviceWorker.ready.then(it => it.getNotifications()).then(all => all.map(
  ({title, body, tag, data}) => ({title, body, tag, data})))"""
AT_LAST = f"""(async () => {{
  for (let turn = 0; turn < 200; turn++) {{
    const shown = await {SHOWN};
    if (shown.length) return shown;
    await new Promise(done => setTimeout(done, 50));
  }}
  return [];
}})()"""


def test_a_device_is_switched_on_and_off_by_who_holds_it(visitor: Visiting) -> None:
    leader = at_devices(visitor)
    leader.found("button", SWITCH_ON).click()
    leader.page.get_by_text("Trình duyệt không cho phép gửi thông báo.").wait_for()
    assert leader.page.get_by_role("heading", name="Đã bật").count() == 0
    leader.arrive()  # the refusal is examined too
    leader.examiner.faults = [it for it in leader.examiner.faults if _INCOGNITO not in it]
    answer_for_the_service(leader.page, Device().subscription)
    leader.press(SWITCH_ON)
    assert "Đã bật thông báo trên thiết bị này." in leader.page.inner_text("body")
    assert "fcm.googleapis.com" in leader.text()
    leader.page.get_by_role("button", name=re.compile(r"^Tắt\s*: fcm\.googleapis\.com")).click()
    leader.page.get_by_text("Đã tắt thông báo trên thiết bị đó.").wait_for()
    assert "fcm.googleapis.com" not in leader.text()


def test_what_is_pushed_is_shown_as_it_came_and_a_click_leads_to_the_list(
    visitor: Visiting,
) -> None:
    leader = at_devices(visitor)
    deliver(leader, json.dumps(TOLD))
    assert evaluate(leader.page, AT_LAST) == [
        {
            "title": TOLD["title"],
            "body": TOLD["words"],
            "tag": TOLD["url"],
            "data": {"url": TOLD["url"]},
        }
    ]
    (worker,) = leader.page.context.service_workers
    worker.evaluate(CLICK)
    leader.page.wait_for_url(f"**{TOLD['url']}")
    leader.arrive()
    assert evaluate(leader.page, SHOWN) == []


def at_devices(visitor: Visiting) -> Visitor:
    leader = visitor(LEADER)
    leader.page.context.grant_permissions(["notifications"], origin=leader.url)
    leader.open("/devices")
    assert evaluate(leader.page, READY)
    return leader.open("/devices")  # a page that comes now has the worker beside it


def answer_for_the_service(page: Page, subscription: dict[str, str]) -> None:
    """From now on subscribing gives this, to who asks with the key of the installation's form."""
    evaluate(
        page,
        f"""(() => {{
          const given = {json.dumps(subscription)};
          const bytes = text => Uint8Array.from(
            atob(text.replaceAll('-', '+').replaceAll('_', '/')), it => it.charCodeAt(0)).buffer;
          PushManager.prototype.subscribe = async ({{userVisibleOnly, applicationServerKey}}) => {{
            if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError();
            return {{endpoint: given.endpoint, getKey: name => bytes(given[name])}};
          }};
        }})()""",
    )


def deliver(leader: Visitor, message: str) -> None:
    """Bring a message to the service worker, as Chromium does with what its service sends."""
    session = leader.page.context.new_cdp_session(leader.page)
    registered: list[dict[str, Any]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registered.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _ in range(100):
        if registered:
            break
        leader.page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": leader.url,
            "registrationId": registered[-1]["registrationId"],
            "data": message,
        },
    )
