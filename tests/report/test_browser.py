"""The page in a real headless browser: evidence, boxes, keys, filters, phones, and nothing from hostile captions or the network."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_samples import draw, pictures, row, rows, scene
from test_effects import EFFECT
from test_measures import shown
from test_run_page import ACCOUNTS, AFTER, BEFORE, evil_record

from diptych.data.graphs import Entity, SceneGraph
from diptych.data.opening import open_picture
from diptych.data.records import Caption, Image, Record
from diptych.data.sources import open_source
from diptych.report import dataset_report, effect_report, measures_report, run_report

webdriver = pytest.importorskip("selenium.webdriver", reason="no chromium driver: selenium is not installed")
pytestmark = pytest.mark.browser
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)
SHOWN = "return [...document.querySelectorAll('.card')].filter(card => !card.hidden).map(card => card.id)"
NOW = "return document.querySelector('.say.now')?.textContent ?? ''"
FOUND = "return [...document.querySelectorAll('.panel .found')].map(found => found.textContent).join('')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not chromium:
        pytest.skip("no chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = [*rows(40), evil_record()]
    out = tmp_path_factory.mktemp("run") / "page.html"
    run_report(
        given, out, title="a run", rows=ACCOUNTS, before=BEFORE, after=AFTER, pictures=seen, settings={"self_check": True}, examples=30
    )
    return out


def seen(image: Image) -> Any:
    return pictures(image) if image.member else pictures(Image("world:5", "5"))


def opened(browser: Any, page: Path, width: int = 1280, height: int = 900, touch: bool = False) -> Any:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
    )
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page.as_uri())
    return browser


def keys(browser: Any, *names: str) -> None:
    for name in names:
        webdriver.ActionChains(browser).send_keys(getattr(webdriver.Keys, name, name)).perform()


def boxed(browser: Any) -> str:
    """An id of a phrase whose verdict has a box, in a kept row."""
    return browser.execute_script("return document.querySelector('.card[data-status=kept] .say[data-regions=\"0\"]').id")


def test_no_errors_and_no_requests(browser: Any, page: Path) -> None:
    opened(browser, page)
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"][:40] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert all(url.startswith(("file://", "data:image/webp")) for url in asked), asked
    assert browser.execute_script("return performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length") == 0


def test_scripts_in_captions_do_not_run(browser: Any, page: Path) -> None:
    opened(browser, page)
    assert browser.execute_script("return [window.pwned ?? null, document.querySelectorAll('script').length]") == [None, 1]
    assert "onerror" in browser.execute_script("return document.body.textContent")


def test_the_policy_stops_what_escaping_would_miss(browser: Any, page: Path) -> None:
    opened(browser, page)
    browser.execute_script(
        "const s = document.createElement('img'); s.setAttribute('onerror', 'window.pwned = 1'); s.src = 'x'; document.body.append(s)"
    )
    assert browser.execute_async_script("setTimeout(() => arguments[0](window.pwned ?? null), 100)") is None
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))


def test_pointing_at_a_phrase_shows_evidence_and_its_box_in_place(browser: Any, page: Path) -> None:
    opened(browser, page)
    phrase = browser.find_element("id", boxed(browser))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", phrase)
    webdriver.ActionChains(browser).move_to_element(phrase).perform()
    told = browser.execute_script(FOUND)
    assert "said by" in told
    assert "checked by sim:detector" in told
    place = browser.execute_script("""
        const card = arguments[0].closest('.card'), image = card.querySelector('img').getBoundingClientRect();
        const box = card.querySelector('.boxes .on .line').getBoundingClientRect();
        return [card.querySelector('h3').textContent, getComputedStyle(card.querySelector('.boxes .on .line')).opacity,
                (box.left - image.left) / image.width, (box.top - image.top) / image.height,
                (box.right - image.left) / image.width, (box.bottom - image.top) / image.height]""", phrase)  # fmt: skip
    box = scene(int(place[0].removeprefix("scene-")))[0].box
    assert place[1] == "1"
    assert browser.execute_script("return document.querySelectorAll('.boxes .on').length") == 1
    assert place[2:] == pytest.approx([box.left, box.top, box.right, box.bottom], abs=0.02)
    webdriver.ActionChains(browser).move_to_element(browser.find_element("css selector", ".tools output")).perform()
    assert browser.execute_script(NOW) == browser.execute_script(FOUND) == ""
    assert browser.execute_script("return document.querySelectorAll('.boxes .on').length") == 0


def test_a_walk_by_keyboard(browser: Any, page: Path) -> None:
    opened(browser, page)
    first = boxed(browser)
    browser.execute_script("document.getElementById(arguments[0]).closest('.card').focus()", first)
    keys(browser, "TAB")
    assert browser.execute_script("return document.activeElement.matches('.say')")
    start = browser.execute_script("return document.activeElement.id")
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert "said by" in browser.execute_script(FOUND)
    keys(browser, "ARROW_RIGHT")
    second = browser.execute_script("return document.activeElement.id")
    assert second != start
    keys(browser, "ARROW_LEFT", "ENTER")
    assert browser.execute_script("return document.activeElement.getAttribute('aria-pressed')") == "true"
    keys(browser, "ARROW_RIGHT", "SPACE")
    pressed = browser.execute_script("return [...document.querySelectorAll('.say[aria-pressed=true]')].map(say => say.id)")
    assert pressed == [second]
    keys(browser, "ESCAPE")
    assert browser.execute_script("return document.querySelectorAll('.say[aria-pressed=true], .say.now, .boxes .on').length") == 0
    assert browser.execute_script("return document.activeElement.id") == second


def test_next_and_previous(browser: Any, page: Path) -> None:
    opened(browser, page)
    order = browser.execute_script(SHOWN)
    keys(browser, "j", "j", "j", "k")
    assert browser.execute_script("return document.activeElement.id") == order[1]
    browser.find_element("css selector", "[data-go='1']").click()
    assert browser.execute_script("return document.activeElement.id") == order[2]
    browser.find_element("css selector", "[data-filter=dropped]").click()
    keys(browser, "j", "k", "k")
    assert browser.execute_script("return document.activeElement.dataset.status") == "dropped"
    top = browser.execute_script("return document.activeElement.getBoundingClientRect().top")
    assert 0 <= top < 200


def test_filters_and_order(browser: Any, page: Path) -> None:
    opened(browser, page)
    whole = browser.execute_script(SHOWN)
    for kind in ("dropped", "failed", "kept"):
        browser.find_element("css selector", f"[data-filter={kind}]").click()
        kinds = browser.execute_script("return [...document.querySelectorAll('.card:not([hidden])')].map(card => card.dataset.status)")
        assert set(kinds) == {kind}
        assert browser.find_element("css selector", ".tools output").text == f"{len(kinds)} of {len(whole)} shown"
    browser.find_element("css selector", "[data-filter=all]").click()
    sort = browser.find_element("css selector", "[data-sort]")
    sort.click()
    numbers = browser.execute_script("return [...document.querySelectorAll('.card')].map(card => +card.dataset.contradicted)")
    assert numbers == sorted(numbers, reverse=True)
    assert sort.get_attribute("aria-pressed") == "true"
    sort.click()
    assert browser.execute_script(SHOWN) == whole


def test_a_tap_on_a_phone_opens_and_closes_the_evidence(browser: Any, page: Path) -> None:
    opened(browser, page, 360, 740, touch=True)
    phrase = browser.find_element("id", boxed(browser))
    browser.execute_script("arguments[0].closest('.card').scrollIntoView({block: 'start'})", phrase)
    phrase.click()
    panel = browser.find_element("css selector", ".panel.open")
    assert panel.is_displayed()
    assert "checked by" in panel.text
    sees = browser.execute_script("""
        const box = document.querySelector('.boxes .on .line').getBoundingClientRect(), panel = arguments[0].getBoundingClientRect();
        const phrase = arguments[1].getBoundingClientRect();
        return [box.top >= 0, box.bottom <= panel.top, phrase.bottom <= panel.top, Math.round(panel.bottom) === innerHeight]
        """, panel, phrase)  # fmt: skip
    assert sees == [True, True, True, True]
    panel.find_element("css selector", ".close").click()
    assert browser.execute_script("return document.querySelectorAll('.panel.open, .boxes .on').length") == 0


def overflow(browser: Any) -> list[str]:
    """Elements that stick out on the right, other than inside a scroller of their own."""
    return browser.execute_script("""
        const out = [...document.querySelectorAll('body *')].filter(e => !e.closest('.wide, svg, .skip'))
          .filter(e => e.getBoundingClientRect().right > innerWidth + 1);
        return [...out.map(e => e.outerHTML.slice(0, 80)), ...(document.documentElement.scrollWidth > innerWidth ? ['page'] : [])]""")


def test_nothing_sticks_out_on_a_phone(browser: Any, page: Path, tmp_path: Path) -> None:
    effect_report([EFFECT], tmp_path / "effect.html")
    long = Caption(
        "c", "supercalifragilistic" * 20 + " dog", "hf:" + "organisation-" * 20, graph=SceneGraph((Entity("dog", span=(401, 404)),))
    )
    run_report([Record("id" * 100, Image("x"), (long,)), row(0)], tmp_path / "long.html", title="t" * 200, rows={**ACCOUNTS, "in": 10**9},
               before=BEFORE, after=AFTER, pictures=seen, notes=["n" * 300])  # fmt: skip
    (tmp_path / "photos").mkdir()
    draw(scene(1)).save(tmp_path / "photos" / f"{'long' * 40}.png")
    draw(scene(1)).save(tmp_path / "photos" / "b.png")
    dataset_report(open_source(str(tmp_path / "photos")), tmp_path / "data.html", title="p", pictures=open_picture, progress=False)
    measures_report([shown("system" * 30, 0.2), shown("b")], tmp_path / "measured.html", command="diptych measure " + "x" * 300)
    for one in (page, *(tmp_path / f"{name}.html" for name in ("effect", "long", "data", "measured"))):
        opened(browser, one, 360, 740, touch=True)
        browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        assert overflow(browser) == [], one.name
        assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, page: Path, scheme: str) -> None:
    opened(browser, page)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    weak = browser.execute_script("""
        const parse = (c) => c.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const paint = (e) => parse(getComputedStyle(e).backgroundColor);
        const ground = (e) => { while (paint(e)[3] === 0) e = e.parentElement; return paint(e) };
        const found = {};
        for (const e of document.querySelectorAll('main *, header *')) {
          if (e.closest('svg, template') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
          const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
          const ratio = (a + .05) / (b + .05);
          if (ratio < 4.5) found[e.className || e.tagName] = ratio.toFixed(2);
        }
        return found""")
    assert weak == {}


def test_without_its_script_the_page_still_tells_all(browser: Any, page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, page)
        text = browser.find_element("tag name", "body").text
        assert "Dropped by" in text
        assert not browser.find_element("css selector", ".tools").is_displayed()
        assert len(browser.find_elements("css selector", ".card")) == 30
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
