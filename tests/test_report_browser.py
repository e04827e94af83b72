"""The HTML report in a real browser: filters, links, copying, themes, thousands of cases."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import pytest
from report_support import hostile_report, large_report, report_of, result, small_report

from conformance.report import html
from conformance.report.compare import compare
from conformance.report.compare_writers import as_html
from conformance.report.types import Report

webdriver: Any = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.common.exceptions import (  # noqa: E402 - after importorskip
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.options import Options  # noqa: E402 - after importorskip
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

pytestmark = pytest.mark.slow

UNION = "union.two-members[CreateConfiguredTable:tableReference]"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)

Opener: TypeAlias = Callable[..., Any]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no chromium and chromedriver on this machine")
    options = Options()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    service = Service(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    yield opened
    opened.quit()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Opener]:
    """Opens a report in the browser, at an address, in a colour scheme."""

    def opened(
        report: Report, state: str = "", scheme: str = "light", width: int = 1280, media: str = ""
    ) -> Any:
        path = tmp_path / "report.html"
        path.write_text(html.render(report), encoding="utf-8")
        metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": features}
        )
        browser.get("about:blank")
        browser.get(path.as_uri() + state)
        return browser

    yield opened
    # A page that reports an error in its console is a broken page, whatever it shows.
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def _cases(page: Any) -> list[str]:
    return [element.text for element in page.find_elements(By.CSS_SELECTOR, "#list .id")]


def _count(page: Any) -> str:
    return str(page.find_element(By.ID, "count").text)


def _hash(page: Any) -> str:
    return str(page.execute_script("return location.hash"))


def _wait(page: Any, condition: Callable[[Any], Any]) -> None:
    # The list is drawn anew while we read it: an element that is gone is one to look for again.
    wait = WebDriverWait(page, 10, 0.02, ignored_exceptions=[StaleElementReferenceException])
    wait.until(condition)


def _style(page: Any, selector: str, name: str) -> str:
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    return str(page.execute_script(script, selector, name))


def test_everything_is_listed_what_wants_attention_first(show: Opener) -> None:
    page = show(small_report())
    assert _count(page) == "11 cases"
    assert _cases(page)[0] == "input.max-length[CreateAnalysisTemplate.name]"
    assert _cases(page)[-1] == "pagination.no-duplicates[ListMembers]"


def test_filters_narrow_the_list_and_stand_in_the_address(show: Opener) -> None:
    page = show(small_report())
    page.find_element(By.CSS_SELECTOR, "input[value=deviates]").click()
    _wait(page, lambda p: _count(p) == "4 of 11 cases")
    page.find_element(By.CSS_SELECTOR, "input[value=waived]").click()
    _wait(page, lambda p: _count(p) == "5 of 11 cases")
    Select(page.find_element(By.NAME, "category")).select_by_visible_text("input")
    _wait(page, lambda p: _count(p) == "3 of 11 cases")
    page.find_element(By.NAME, "text").send_keys("collab NAME")
    _wait(page, lambda p: _count(p) == "1 of 11 cases")
    assert _cases(page) == ["input.max-length[CreateCollaboration.name]"]
    assert _hash(page) == "#verdict=deviates,waived&category=input&text=collab+NAME"
    page.refresh()
    assert _count(page) == "1 of 11 cases"
    assert page.find_element(By.NAME, "text").get_attribute("value") == "collab NAME"
    assert page.find_element(By.CSS_SELECTOR, "input[value=waived]").is_selected()
    page.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    _wait(page, lambda p: _count(p) == "11 cases")
    assert _hash(page) == ""


def test_levels_and_operations_filter_too(show: Opener) -> None:
    page = show(small_report(), "#level=MAY")
    assert _cases(page) == ["lifecycle.echo[GetMembership]"]
    Select(page.find_element(By.NAME, "level")).select_by_visible_text("any")
    Select(page.find_element(By.NAME, "operation")).select_by_visible_text("CreateMembership")
    _wait(page, lambda p: _count(p) == "2 of 11 cases")


def test_a_filter_that_nothing_matches_says_so(show: Opener) -> None:
    page = show(small_report(), "#text=no-such-thing")
    assert _count(page) == "0 of 11 cases"


def test_a_cell_of_the_matrix_leads_to_its_cases(show: Opener) -> None:
    page = show(small_report())
    page.find_element(By.CSS_SELECTOR, "td.deviates a[href*=CreateConfiguredTable]").click()
    _wait(page, lambda p: _cases(p) == [UNION])
    assert page.switch_to.active_element.get_attribute("id") == "cases-title"


def test_a_cause_leads_to_its_cases(show: Opener) -> None:
    page = show(small_report())
    page.find_element(By.LINK_TEXT, "3 cases").click()
    _wait(page, lambda p: _count(p) == "3 of 11 cases")
    assert "Only the cause input.max-length@*" in page.find_element(By.ID, "only").text
    page.find_element(By.XPATH, "//button[.='Show all']").click()
    _wait(page, lambda p: _count(p) == "11 cases")


def test_a_link_to_a_case_opens_it_with_the_fault_marked(show: Opener) -> None:
    page = show(small_report(), f"#case={quote(UNION)}")
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    inside = page.find_element(By.CSS_SELECTOR, ".case[open] .inside")
    request, response = inside.find_elements(By.CSS_SELECTOR, ".beside:nth-of-type(2) pre")[:2]
    marked = [mark.text for mark in request.find_elements(By.TAG_NAME, "mark")]
    assert marked[0] == '"tableReference": {'
    assert '"name": "a"' not in "".join(marked)
    assert [mark.text for mark in response.find_elements(By.TAG_NAME, "mark")] == ["200 OK"]
    assert "A request with two members of a tagged union is refused." in inside.text
    assert "model: TableReference is a union" in inside.text
    assert "CR-001" in inside.text


def test_bodies_are_laid_out_without_a_changed_token(show: Opener) -> None:
    body = (
        '{"n":1.50,"big":12345678901234567890,"e":[],"o":{},"n":1e3,"l":[1,{"a":null}],'
        '"s":"\\u202e"}'
    )
    one = result("response.schema", "GetA", "GetA.l", "deviates")
    one["exchanges"][0]["response"]["body"] = body
    page = show(report_of([one]), f"#case={quote(one['case'])}")
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    shown = page.execute_script("return document.querySelectorAll('.inside pre')[3].textContent")
    assert "".join(shown.split("\n\n")[1].split()) == body
    assert '\n  "n": 1.50,\n  "big": 12345678901234567890,\n  "e": [],\n  "o": {},' in shown


def test_a_missing_member_is_named_where_it_cannot_be_marked(show: Opener) -> None:
    one = result("response.schema", "GetA", "GetA.x", "deviates")
    one["marks"] = [{"side": "response", "part": "/collaboration/createTime"}]
    page = show(report_of([one]), f"#case={quote(one['case'])}")
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    missing = page.find_element(By.CSS_SELECTOR, ".missing").text
    assert missing == "/collaboration/createTime is not there"


def test_without_marks_the_member_of_the_site_is_marked(show: Opener) -> None:
    one = result("input.pattern", "CreateA", "CreateA.l[].b maxLength 3", "deviates")
    one["exchanges"][0]["request"]["body"] = '{"b": 0, "l": [{"a": 1}, {"b": 2}]}'
    page = show(report_of([one]), f"#case={quote(one['case'])}")
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    marks = [mark.text for mark in page.find_elements(By.CSS_SELECTOR, ".inside mark")]
    assert marks == ['"b": 2']


def test_the_copy_button_copies_the_whole_command(show: Opener) -> None:
    page = show(small_report(), f"#case={quote(UNION)}")
    page.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    curl = page.find_element(By.XPATH, "//div[@class='head' and starts-with(., 'curl')]/button")
    curl.click()
    _wait(page, lambda _: curl.text == "Copied")
    copied = page.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(`${e}`))"
    )
    [expected] = [
        one["reproduce"]["curl"] for one in small_report()["results"] if one["case"] == UNION
    ]
    assert copied == expected


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_follow_the_system_and_can_be_read(show: Opener, scheme: str) -> None:
    page = show(small_report(), scheme=scheme)
    back = _style(page, "body", "backgroundColor")
    assert (_luminance(back) > 0.5) == (scheme == "light")
    for selector in ("body", ".tile span", "cite", "nav a", "#count", ".verdict strong"):
        assert _contrast(_style(page, selector, "color"), back) >= 4.5, selector
    for verdict in html.VERDICTS:
        assert _contrast(_style(page, f".tile.{verdict} .icon", "fill"), back) >= 4.5, verdict


def test_the_theme_can_be_chosen(show: Opener) -> None:
    page = show(small_report())
    button = page.find_element(By.ID, "theme")
    backs = {}
    for _ in range(3):
        backs[button.text] = _luminance(_style(page, "body", "backgroundColor")) > 0.5
        button.click()
    assert backs == {"Theme: auto": True, "Theme: light": True, "Theme: dark": False}


def test_each_verdict_has_a_shape_of_its_own(show: Opener) -> None:
    page = show(small_report())
    shapes = [
        page.execute_script(
            "return document.getElementById(arguments[0]).innerHTML", f"i-{verdict}"
        )
        for verdict in html.VERDICTS
    ]
    assert len(set(shapes)) == len(html.VERDICTS)


def test_nothing_that_a_target_said_runs_or_loads(show: Opener) -> None:
    page = show(hostile_report())
    page.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    _wait(page, lambda p: len(p.find_elements(By.CSS_SELECTOR, ".inside")) == len(_cases(p)))
    assert page.execute_script("return window.pwned ?? null") is None
    assert page.execute_script("return document.images.length") == 0
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert "<script>window.pwned = true</script>" in page.find_element(By.ID, "list").text


def test_hostile_cases_can_be_linked_to(show: Opener) -> None:
    page = show(hostile_report())
    hrefs = page.execute_script(
        "return [...document.querySelectorAll('.card .cases a')].map((a) => a.getAttribute('href'))"
    )
    assert len(hrefs) == 6
    for href in hrefs:
        page.execute_script("location.hash = arguments[0]", href)
        _wait(page, lambda p: len(p.find_elements(By.CSS_SELECTOR, ".case[open]")) == 1)
        assert _count(page).startswith("1 of ")


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_never_wider_than_the_screen(show: Opener, width: int) -> None:
    for report in (small_report(), hostile_report()):
        page = show(report, "#verdict=deviates", width=width)
        page.execute_script(
            "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
        )
        assert page.execute_script("return document.documentElement.scrollWidth") <= width


def test_ten_thousand_cases_come_without_lag(show: Opener) -> None:
    started = time.perf_counter()
    page = show(large_report())
    assert _count(page) == "10,000 cases, the first 100 shown"
    assert time.perf_counter() - started < 10
    assert len(_cases(page)) == 100
    slowest = page.execute_script(
        """
        const text = document.querySelector("[name=verdict][value=passed]");
        const times = [];
        for (let turn = 0; turn < 6; turn += 1) {
          const before = performance.now();
          location.hash = turn % 2 ? "#verdict=passed" : "#text=case 99";
          dispatchEvent(new HashChangeEvent("hashchange"));
          text.offsetHeight;
          times.push(performance.now() - before);
        }
        return Math.max(...times);
        """
    )
    assert slowest < 500
    page.execute_script("document.getElementById('more').scrollIntoView()")
    _wait(page, lambda p: len(p.find_elements(By.CSS_SELECTOR, "#list .case")) >= 200)


def test_the_page_works_by_keyboard(show: Opener) -> None:
    page = show(small_report(), "#verdict=deviates")
    page.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
    page.find_element(By.CSS_SELECTOR, "#list .case > summary").send_keys(Keys.ENTER)
    _wait(page, lambda p: p.find_elements(By.CSS_SELECTOR, ".case[open] .inside"))
    page.find_element(By.CSS_SELECTOR, "input[value=passed]").send_keys(Keys.SPACE)
    _wait(page, lambda p: _count(p) == "6 of 11 cases")
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    unnamed = page.execute_script(
        """
        const label = (e) => e.ariaLabel || e.labels?.[0]?.textContent.trim();
        const named = (e) => e.textContent.trim() || label(e);
        return [...document.querySelectorAll("a, button, input, select, summary")]
          .filter((e) => !named(e))
          .map((e) => e.outerHTML);
        """
    )
    assert unnamed == []


def test_on_paper_only_what_can_be_read_there_is_left(show: Opener) -> None:
    page = show(small_report(), scheme="dark", media="print")
    assert _style(page, "#filters", "display") == "none"
    assert _style(page, "nav", "display") == "none"
    assert _luminance(_style(page, "body", "backgroundColor")) > 0.5


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_comparison_fits_its_window_in_light_and_dark(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "compare.html"
    verdicts = ("deviates", "passed")
    runs = [report_of([result("input.pattern", "GetSchema", "GetSchema", v)]) for v in verdicts]
    path.write_text(as_html(compare([*runs, small_report(), hostile_report()])), "utf-8")
    metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    browser.get(path.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    back = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")
    summary = browser.find_element("css selector", "#only summary")
    row = browser.find_element("css selector", "#only td")
    assert row.is_displayed()
    summary.send_keys("\n")
    assert not row.is_displayed()
    assert browser.get_log("browser") == []
