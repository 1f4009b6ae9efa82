"""The page in Chromium, opened from the disk: nothing is loaded, everything works.

Skipped where playwright or Chromium is missing; `make test-browser` demands both.
"""

import os
import shutil
import struct
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlparse

import pandas as pd
import pytest

from proofread.motifs.files import write_meme
from proofread.motifs.motif import Motif
from proofread.tables import write_score, write_table
from test_report import (
    FASTA,
    HOSTILE,
    KNOWN,
    SIMULATE,
    TOMTOM,
    configuration,
    metrics_table,
    render,
    rows_of,
    simulated,
    users,
    with_gain,
    write_data,
    write_experiment,
    write_filters,
    write_scorecard,
)

PICTURES = Path(__file__).parent / "screenshots"
WIDTHS = (400, 800, 1400)
FIGURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="24">'
    '<rect width="48" height="24" fill="#0b6e75"/></svg>'
)
VALUES = [
    ("a", 10, "x"),
    ("b", 9, "y"),
    ("c", None, "x"),
    ("d", 2.5, "y"),
    ("e", 1e-7, "x"),
    ("f", 10, "y"),
    ("g", 123457, "x"),
]
TOY = "section[data-method=toy]:has(#method-rule1-cnn-1-toy)"


def missing(what):
    """Skip, or fail where the browser is demanded."""
    if os.environ.get("PROOFREAD_BROWSER") == "required":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing("no chromium: install Debian's package chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("no playwright: make env installs it")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A page of filters, their matches, and a toy method, with and without a truth."""
    folder = tmp_path_factory.mktemp("browser")
    write_data(folder / "rule1", simulated())
    experiment = folder / "rule1" / "cnn" / "seed1"
    write_filters(experiment)
    write_experiment(experiment, "presence", 1)
    toy = experiment / "toy"
    toy.mkdir()
    table = pd.DataFrame(VALUES, columns=["name", "value", "class"])
    write_table(toy / "table.tsv", table)
    (toy / "small.svg").write_text(FIGURE)
    score = ("auroc", 0.8, 24, 0.7, 0.9)
    write_score(toy / "score.tsv", [score])
    (folder / "databases").mkdir()
    # Without a truth: two seeds, worse than 6-mers, without the toy method.
    write_data(folder / "mine", users())
    for seed in (1, 2):
        other = folder / "mine" / "cnn" / f"seed{seed}"
        write_filters(other, hits={}, simulated=False)
        write_experiment(other, "presence", seed)
        worse = with_gain(metrics_table(seed, "presence"), "kmer6", -0.2, -0.3, -0.1)
        write_table(other / "metrics.tsv", worse)
    known = [Motif("MA1", KNOWN, alternative_name=HOSTILE)]
    write_meme(folder / "databases" / "jaspar.meme", known)
    filters = ("f1", 0.75, 12, 0.6, 0.9, "STAT")
    write_scorecard(
        folder / "scorecard.tsv",
        [
            ("rule1", "cnn", 1, "toy", *score),
            ("rule1", "cnn", 1, "filter_pfms", *filters),
        ],
        negative_control=[0.9, 0.2],
    )
    analyses = ("filter_pfms", "tomtom", "toy")
    settings = configuration({"rule1": SIMULATE, "mine": FASTA}, analyses=analyses)
    settings["methods"]["filter_pfms"] = {"min_sites": 10}
    settings["methods"]["tomtom"] = {**TOMTOM, "databases": ["jaspar"]}
    experiments = [*rows_of("rule1", (1,)), *rows_of("mine", (1, 2))]
    render(folder, experiments, settings)
    return SimpleNamespace(folder=folder, url=(folder / "report.html").as_uri())


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all tests, with what it asked for and what it complained of."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture
def opened(tab, run):
    """The page as the test before left it, for tests that only look."""
    tab.set_viewport_size({"width": 1400, "height": 900})
    if tab.url != run.url:
        tab.goto(run.url)
    yield tab
    assert tab.complaints == []


@pytest.fixture
def page(opened, run):
    """The page anew, with the table of the toy method unfolded."""
    opened.goto(run.url)
    opened.locator(f"{TOY} details.rest").evaluate("fold => fold.open = true")
    return opened


def first_cells(page):
    """The names in the rows of the toy table that are shown, from the top."""
    rows = page.locator(f"{TOY} tbody tr:visible")
    return "".join(rows.locator("td:first-child").all_inner_texts())


def downloaded(page, click):
    with page.expect_download() as waiting:
        click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def findings(page, **rules):
    """Serious and critical findings of axe-core: rule and the elements at fault.

    `rules` turns rules on and off.
    """
    from axe_playwright_python.sync_playwright import Axe

    rules = {name.replace("_", "-"): {"enabled": on} for name, on in rules.items()}
    options = {"rules": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (item["id"], [node["html"][:90] for node in item["nodes"]])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def test_every_image_is_there_and_described(opened):
    images = opened.locator("img")
    assert images.count() >= 1
    assert images.evaluate_all("all => all.every(i => i.naturalWidth > 0 && i.alt)")
    drawings = opened.locator("main svg:not([aria-hidden])")
    assert drawings.evaluate_all("all => all.every(d => d.getAttribute('aria-label'))")


def test_every_link_leads_somewhere(opened):
    links = opened.locator("a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) > 20
    ids = opened.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    here = urlparse(opened.url).path
    for link in map(urlparse, links):
        assert link.scheme == "file"
        if link.path == here:
            assert unquote(link.fragment) in ids
        else:
            assert Path(unquote(link.path)).is_file(), link.path


def test_nothing_serious_bars_access(opened):
    # Contrast, which takes longest, is checked in both themes below.
    assert findings(opened, color_contrast=False) == []


def test_columns_are_sorted_by_their_numbers_with_empty_cells_last(page):
    header = page.locator(f"{TOY} th", has_text="value")
    header.locator("button").press("Enter")
    # a and f are alike, and stay in their order both times.
    assert first_cells(page) == "edbafgc"
    assert header.get_attribute("aria-sort") == "ascending"
    header.locator("button").press("Space")
    assert first_cells(page) == "gafbdec"
    assert header.get_attribute("aria-sort") == "descending"
    page.locator(f"{TOY} th button", has_text="class").click()
    assert header.get_attribute("aria-sort") is None
    assert first_cells(page) == "gaecfbd"


def test_the_rows_that_are_shown_are_saved_with_all_their_digits(page):
    page.locator(f"{TOY} th button", has_text="value").click(click_count=2)
    page.locator(f"{TOY} input").fill("X")
    assert first_cells(page) == "gaec"
    assert page.locator(f"{TOY} [role=status]").inner_text() == "4 of 7 rows"
    name, content = downloaded(
        page, page.locator(f"{TOY} button", has_text="TSV").click
    )
    assert name == "toy_table_its_7_rows.tsv"
    assert content.decode() == (
        "name\tvalue\tclass\ng\t123457\tx\na\t10\tx\ne\t1e-07\tx\nc\t\tx\n"
    )
    page.locator(f"{TOY} input").fill("")
    assert first_cells(page) == "gafbdec"


def test_a_column_is_sorted_beside_its_link(page, run):
    header = page.locator("table.truth th", has_text="rule1")
    button = header.get_by_role("button", name="Sort by rule1", exact=True)
    button.click()
    assert header.get_attribute("aria-sort") == "ascending"
    # The filters have 0.75, the toy method 0.80.
    names = page.locator("table.truth tbody th")
    assert names.first.inner_text().startswith("Filters")
    button.press("Enter")
    assert names.first.inner_text().startswith("Toy")
    assert page.url == run.url
    header.locator("a").click()
    assert page.url == f"{run.url}#network-rule1-cnn"
    assert header.get_attribute("aria-sort") == "descending"


def test_verdicts_are_saved_beside_their_numbers(page):
    tools = page.locator(".tools:has(+ .scroll table.own)")
    _, content = downloaded(page, tools.get_by_role("button", name="TSV").click)
    header, *rows = [line.split("\t") for line in content.decode().splitlines()]
    assert header == ["method", "method, note", "mine", "mine, note"]
    rows = {name: rest for name, *rest in rows}
    gain = "difference of AUROC"
    assert rows["network against 6-mers"] == [gain, "-0.20", "worse"]
    assert rows["Toy"] == ["", "", "no finding"]


def test_an_address_opens_the_fold_that_it_names(page, run):
    heading = page.locator("#method-mine-cnn-2-toy")
    assert heading.is_hidden()
    shown = """id => {
        const place = document.getElementById(id).getBoundingClientRect();
        return 0 <= place.top && place.bottom <= innerHeight && place.height > 0;
    }"""
    # In an open page, and when it is loaded.
    page.evaluate("location.hash = 'method-mine-cnn-2-toy'")
    page.wait_for_function(shown, arg="method-mine-cnn-2-toy", timeout=5000)
    page.goto("about:blank")
    page.goto(f"{run.url}#method-mine-cnn-2-toy")
    page.wait_for_function(shown, arg="method-mine-cnn-2-toy", timeout=5000)


def test_a_malformed_address_stops_no_script(page, run):
    page.goto("about:blank")
    page.goto(f"{run.url}#100%")
    # The last of the scripts that give the page its buttons ran.
    assert page.locator("#search").is_visible()
    assert page.locator("button[data-copies]").is_visible()


def test_search_finds_sections_and_rows_and_opens_what_is_folded(page):
    folds = page.locator(f"{TOY} details")
    folds.evaluate_all("folds => folds.forEach(fold => fold.open = false)")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("toy")
    assert page.locator("#found button").first.inner_text() == "Toy no control"
    page.locator("#search").fill("toy 1e5 nowhere")
    assert page.locator("#found-count").inner_text() == "0 found"
    page.locator("#search").fill("toy 1e5")
    assert page.locator("#found-count").inner_text() == "1 found"
    page.keyboard.press("Enter")
    assert page.locator(f"{TOY} tr.hit").inner_text().split() == ["g", "1e5", "x"]
    assert page.locator(f"{TOY} tr.hit").is_visible()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""
    assert page.locator("#found").is_hidden()


def test_the_contents_name_every_section_and_mark_the_current_one(page):
    ids = page.locator("main :is(h2, h3, h4)[id]")
    links = page.locator("#contents a").evaluate_all("all => all.map(a => a.hash)")
    assert [unquote(link) for link in links] == [
        f"#{name}" for name in ids.evaluate_all("all => all.map(h => h.id)")
    ]
    current = page.locator("#contents [aria-current]")
    assert current.get_attribute("href") == links[0]
    page.locator("#contents a").last.click()
    page.wait_for_function(
        "hash => document.querySelector('#contents [aria-current]').hash === hash",
        arg=links[-1],
    )
    # On a narrow screen they are behind a button.
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.locator("#contents").is_hidden()
    page.locator("#contents-button").press("Enter")
    assert page.locator("#contents").is_visible()


def test_the_page_is_as_wide_as_a_narrow_screen(page):
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_theme_is_remembered(page, run):
    light = page.locator("body").evaluate("body => getComputedStyle(body).color")
    page.locator("#theme").click()
    dark = page.locator("body").evaluate("body => getComputedStyle(body).color")
    assert light != dark
    page.goto(run.url)
    assert page.locator("body").evaluate("body => getComputedStyle(body).color") == dark
    assert page.locator("#theme").inner_text() == "Light"
    page.evaluate("localStorage.clear()")


def test_only_the_file_is_asked_for(opened, run):
    # By all that the tests above did; a download is the page's own (blob:).
    assert {url for url in opened.asked if url[:5] not in ("data:", "blob:")} == {
        run.url
    }


# -- the larger part ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_and_theme_is_accessible(page, width, theme):
    page.emulate_media(color_scheme=theme)
    other = {"light": "Dark", "dark": "Light"}[theme]
    page.locator("#theme", has_text=other).wait_for(timeout=5000)
    page.set_viewport_size({"width": width, "height": 900})
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{width}_{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert findings(page) == []
    page.emulate_media(color_scheme=None)


@pytest.mark.slow
def test_a_printed_page_has_no_buttons_and_no_closed_folds(page):
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("button:not(thead button):visible, .side:visible").count() == 0
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / "print.png", full_page=True)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.slow
def test_figures_are_saved_as_svg_and_png(page):
    tools = page.locator(f"{TOY} figure .tools")
    name, content = downloaded(page, tools.locator("button", has_text="SVG").click)
    assert (name, content.decode()) == ("toy_small.svg", FIGURE)
    name, content = downloaded(page, tools.locator("button", has_text="PNG").click)
    assert (name, content[:8]) == ("toy_small.png", b"\x89PNG\r\n\x1a\n")
    # 48 x 24 pixels of CSS are half an inch by a quarter: 150 x 75 dots.
    assert struct.unpack(">II", content[16:24]) == (150, 75)


@pytest.mark.slow
def test_a_drawing_of_the_page_is_saved_with_its_style_in_light_colours(page):
    page.emulate_media(color_scheme="dark")
    button = page.locator(".panels .tools button", has_text="SVG").first
    _, content = downloaded(page, button.click)
    page.emulate_media(color_scheme=None)
    assert b'xmlns="http://www.w3.org/2000/svg"' in content
    # The accent of light pages, #0b6e75, on the line of the network.
    assert b"rgb(11, 110, 117)" in content
    assert b"var(" not in content


@pytest.mark.slow
def test_small_type_has_a_column_of_its_own(page):
    tools = page.locator(".tools:has(+ .scroll table.metrics)")
    _, content = downloaded(page, tools.locator("button").first.click)
    header, network, *_ = content.decode().splitlines()
    assert header.split("\t")[:3] == ["predictor", "AUROC", "AUROC, note"]
    # auroc 0.9 - 0.001 + 0.0001234, see metrics_table.
    assert network.split("\t")[1:3] == ["0.899123", "[0.879, 0.929]"]


@pytest.mark.slow
def test_every_control_is_reached_by_keyboard(page):
    controls = page.locator(":is(a, button, input, summary):visible")
    assert controls.evaluate_all("all => all.every(e => e.tabIndex >= 0)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.type("filter")
    page.keyboard.press("ArrowDown")
    assert page.locator("#found button").first.evaluate(
        "b => b === document.activeElement"
    )
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "search"


@pytest.mark.slow
def test_the_text_for_a_paper_is_copied_or_marked(page):
    button = page.locator("button[data-copies]")
    button.click()
    # A function: an expression would be evaluated by the page, which forbids that.
    page.wait_for_function(
        "() => document.querySelector('button[data-copies]').textContent !== 'Copy'"
    )
    assert button.inner_text() in ("Copied", "Marked: copy it with Ctrl+C")
    text = page.locator("#paper-text").inner_text()
    assert "Network cnn. The architecture is eraslan2019 (doi:10.1038/s415" in text
    assert "Seeds: 1 and 2." in text
    # Tomtom ran, and nothing that Basset is cited for.
    assert "Gupta S, Stamatoyannopoulos JA" in text and "Kelley" not in text


@pytest.mark.slow
def test_without_storage_and_without_script_the_page_still_opens(browser, run):
    page = browser.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('denied', 'SecurityError'); } })"
    )
    page.goto(run.url)
    page.locator("#theme").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert complaints == []
    page.close()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(run.url)
    assert plain.locator("button:visible, input:visible").count() == 0
    assert plain.locator("#contents a").first.is_visible()
    plain.close()
