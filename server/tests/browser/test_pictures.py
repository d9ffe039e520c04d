"""The pictures in a real browser: drawn, opened by a click, saved as images; the map by WebGL."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import ARGUMENTS, DESKTOP, Examiner, Visiting
from tests.browser.examining import evaluate
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor

HEAD = "chanh-vp.vp-ubnd"
# WebGL without a graphics card.
DRAWING = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
MOST_WAIT = 40_000
SMALL = {"width": 390, "height": 800}  # so that there is less to compute without a card
CHARTS = ("flow", "punctuality", "hours", "workload")
_LIBRARIES = """performance.getEntriesByType('resource').map(it => it.name)
  .filter(it => /echarts|maplibre/.test(it))"""


@pytest.fixture
def with_webgl(
    chromium: Browser, installation: Installation, examiner: Examiner
) -> Iterator[Visitor]:
    """Who counts the whole city, at a browser that has WebGL."""
    arguments = [it for it in ARGUMENTS if it != "--disable-gpu"]
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*arguments, *DRAWING]
    )
    page = browser.new_context(viewport=SMALL, locale="vi-VN", reduced_motion="reduce").new_page()
    page.set_default_timeout(MOST_WAIT)
    yield Visitor(page, installation.url, examiner).come_in(HEAD)
    browser.close()
    faults, examiner.faults = examiner.faults, []
    assert not faults, "\n".join(faults)


def test_every_picture_is_drawn_opens_its_lists_and_is_saved(
    visitor: Visiting, photographs: Path | None
) -> None:
    head = visitor(HEAD)
    for key in ("map", *CHARTS):
        head.page.set_viewport_size(DESKTOP)
        head.open(f"/pictures/{key}").photograph(photographs, f"picture-{key}")
        assert head.page.locator("#drawing .canvas a[href]").count() >= 5, key
        assert not evaluate(head.page, _LIBRARIES), key
        if key != "map":
            drawn_anew(head, key)
            check_images(head, key, ("png", "svg"))
    head.arrive()  # all charts are one canvas to axe and to a narrow screen
    on_a_bar(head)
    head.open("/pictures/workload")
    first = head.page.locator("#drawing .bars a").first
    opens_as_many(head, first.locator("title").text_content(), *center(first))


def test_the_map_is_drawn_anew_opens_its_lists_and_is_saved(with_webgl: Visitor) -> None:
    with_webgl.open("/pictures/map")
    drawn_anew(with_webgl, "map")
    check_images(with_webgl, "map", ("png",))
    with_webgl.arrive()
    on_the_map(with_webgl)


def drawn_anew(head: Visitor, key: str) -> None:
    """By what comes when somebody asks for it; whoever did is led there."""
    head.page.locator("#drawing [data-open]").press("Enter")
    head.page.wait_for_selector(f"#drawing[data-drawn={key}]")
    assert evaluate(head.page, "!!document.activeElement.closest('#drawing .canvas')")


def center(mark: Locator) -> tuple[float, float]:
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def check_images(head: Visitor, key: str, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        with head.page.expect_download() as started:
            head.found("button", f"Tải ảnh ({kind.upper()})").click()
        assert started.value.suggested_filename == f"chau-ban-{key}.{kind}"
        content = Path(started.value.path()).read_bytes()
        if kind == "svg":
            assert content.startswith(b"<svg ")
            assert b"<path" in content
            continue
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.format == "PNG"
            assert min(picture.size) > 300
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20


def on_the_map(head: Visitor) -> None:
    """A click on an agency's mark opens the list of what it issued."""
    row = head.page.locator("#figures tbody tr", has_text="Sở Y tế").first
    figure = row.locator("td[data-value] a").first
    at = evaluate(
        head.page,
        """(async () => {
      const map = document.getElementById('drawing').map;
      map.getCanvas().scrollIntoView({block: 'center'});
      const idle = map.once('idle');
      map.triggerRepaint();
      await idle;
      const box = map.getCanvas().getBoundingClientRect();
      const row = [...document.querySelectorAll('#figures tbody tr')]
        .find(it => it.textContent.includes('Sở Y tế'));
      const {x, y} = map.project([Number(row.dataset.lon), Number(row.dataset.lat)]);
      return [box.x + x, box.y + y];
    })()""",
    )
    opens_as_many(head, figure.inner_text(), *at)


def on_a_bar(head: Visitor) -> None:
    """A click on the first bar opens the tasks that it stands for."""
    figure = head.page.locator("#figures tbody tr").first.locator("td[data-value] a").first
    amount = figure.inner_text()
    head.page.locator("#drawing").scroll_into_view_if_needed()
    at = evaluate(
        head.page,
        """(() => {
      const canvas = document.querySelector('#drawing canvas'), pen = canvas.getContext('2d');
      const ratio = canvas.width / canvas.clientWidth, box = canvas.getBoundingClientRect();
      const probe = document.createElement('i');
      probe.style.color = 'var(--bad-edge)';
      document.body.append(probe);
      const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
      probe.remove();
      const {data, width} = pen.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = Math.round(60 * ratio) * width; at < data.length / 4; at++)
        if (wanted.every((it, one) => Math.abs(data[4 * at + one] - it) < 6))
          return [box.x + (at % width) / ratio + 4, box.y + Math.floor(at / width) / ratio + 8];
    })()""",
    )
    opens_as_many(head, amount, *at)


def opens_as_many(head: Visitor, words: str, x: float, y: float) -> None:
    """A click there opens the list, as long as the last number of the words."""
    with head.page.expect_navigation():
        head.page.mouse.click(x, y)
    head.arrive()
    assert "/list?" in head.path()
    assert re.search(rf"\b{re.findall(r'[0-9]+', words)[-1]} mục", head.text())
