"""The pad in a real JupyterLab, in Chromium: `make test-browser`."""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers.handwriting import to_mnist
from helpers.pad.pad import EXAMPLES, draw_page
from mnist_digit_recognizer import PROJECT, SMALL_MODEL
from tests.unit.test_pad import DASHES

pytestmark = pytest.mark.browser
MINUTES = 120_000  # milliseconds that JupyterLab may take to start something


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab with a notebook that shows a pad; give its address."""
    folder = tmp_path_factory.mktemp("lab")
    cell = nbformat.v4.new_code_cell(f"""
import sys; sys.path.insert(0, {str(PROJECT)!r})
from helpers.recogniser import load_recogniser
from helpers.pad import DigitPad
DigitPad(load_recogniser({str(SMALL_MODEL)!r}))""")
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(nbformat.v4.new_notebook(
        cells=[cell], metadata={"kernelspec": kernel}),
        folder / "lesson.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    homes = ["JUPYTER_CONFIG_DIR", "IPYTHONDIR"]
    log = folder / "lab.log"
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", "--no-browser",
         "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
         "--IdentityProvider.token=", "--LabApp.news_url=",
         "--LabApp.check_for_updates_class="
         "jupyterlab.NeverCheckForUpdate"], cwd=folder,
        env=os.environ | {home: str(folder / home) for home in homes},
        stdout=log.open("w"), stderr=subprocess.STDOUT)
    try:
        for _ in range(120):
            assert server.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                urlopen(f"http://127.0.0.1:{port}/api/status", timeout=5)
                break
            time.sleep(1)
        yield f"http://127.0.0.1:{port}/lab/tree/lesson.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def page(lab):
    """Open the notebook, execute it, and give the page with its pad."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no playwright: run make test-browser")
    with playwright.sync_playwright() as start:
        try:
            browser = start.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"])
        except playwright.Error:
            pytest.skip("no browser: run playwright install chromium")
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.goto(lab, timeout=MINUTES)
        page.wait_for_function(
            "document.querySelector('.jp-Notebook-ExecutionIndicator')"
            "?.dataset.status === 'idle'", timeout=MINUTES)
        open_pad(page)
        yield page
        browser.close()


def open_pad(page):
    pad, question = page.locator(".digit-pad"), page.locator(".jp-mod-accept")
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt")
    for tick in range(240):  # half seconds
        if pad.count():
            return
        if question.count():  # which kernel to start: the one that it proposes
            question.first.click()
        # JupyterLab forgets what it is told while its kernel connects.
        elif tick % 20 == 0 and prompt.inner_text().strip() in ("[ ]:", "[]:"):
            open_menu(page, "Run", "Run All Cells").click()
        page.wait_for_timeout(500)
    pytest.fail(f"no pad appeared: {page.inner_text('body')}")


def open_menu(page, menu, entry):
    """Open a menu of JupyterLab, and return one of its entries."""
    page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
    return page.locator(".lm-Menu-itemLabel", has_text=entry).first


def on_screen(page, strokes):
    """Bring strokes from percent of the page's side to the screen's pixels."""
    box = page.locator(".digit-pad svg").bounding_box()
    corner, side = [box["x"], box["y"]], [box["width"], box["height"]]
    return [(corner + np.multiply(stroke, side) / 100).tolist()
            for stroke in strokes]


def draw(page, strokes):
    """Clear the pad, draw with the mouse, and wait for the answer."""
    page.get_by_role("button", name="Clear").click()
    for first, *others in on_screen(page, strokes):
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point)
        page.mouse.up()
    wait_for_answer(page)


def wait_for_answer(page):
    """Wait until the pad's answer is the one to its last drawing."""
    page.wait_for_timeout(50)
    page.locator(".digit-pad:not(.waiting)").wait_for(timeout=30_000)


def read(page):
    """Read the answer as a reader does: the status and the longest bar."""
    status = page.locator(".digit-pad [role=status]").inner_text()
    best = page.locator(".digit-pad li.best").inner_text().split()
    assert status == f"Read as {best[0]}, {best[1]} %"
    widths = page.locator(".digit-pad-bar div").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().width)")
    assert int(best[0]) == np.argmax(widths) and max(widths) > 20
    return int(best[0])


def count_strokes(page):
    return page.locator(".digit-pad path").count()


def test_a_clear_drawing_of_each_digit_is_read(page):
    for digit, strokes in enumerate(EXAMPLES):
        draw(page, strokes)
        assert (read(page), count_strokes(page)) == (digit, len(strokes))


def test_the_28_by_28_picture_is_the_one_that_python_made(page):
    page.get_by_label("Draw an example digit").select_option("5")
    wait_for_answer(page)
    found = page.locator(".digit-pad canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28)"
        ".data].filter((_, i) => i % 4 === 0)")
    assert found == to_mnist(draw_page(EXAMPLES[5])).ravel().tolist()


def test_it_works_by_keyboard_and_the_notebook_does_not_listen(page):
    page.get_by_role("button", name="Clear").click()
    page.keyboard.press("Tab")
    page.keyboard.press("6")
    wait_for_answer(page)
    assert read(page) == 6
    for key, left in [("Escape", 0), ("Control+z", 1), ("Shift+Tab", 1),
                      ("Enter", 0)]:  # Shift+Tab goes to the button Clear
        page.keyboard.press(key)
        wait_for_answer(page)
        assert count_strokes(page) == left
        assert left == 0 or read(page) == 6
    assert "Draw one digit" in page.locator(".digit-pad").inner_text()
    for key in "xddb":  # which cut, delete and insert cells in JupyterLab
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == 1


def test_undo_takes_strokes_clear_and_the_menu_back(page):
    draw(page, EXAMPLES[4])
    draw(page, [])
    menu, seen = page.get_by_label("Draw an example digit"), []
    for digit in "57":
        menu.select_option(digit)
        wait_for_answer(page)
    for _ in range(5):
        seen.append((menu.input_value(), count_strokes(page)))
        page.get_by_role("button", name="Undo").click()
        wait_for_answer(page)
    assert seen == [("7", 1), ("5", 1), ("", 0), ("", 2), ("", 1)]
    assert count_strokes(page) == 0


def test_what_is_no_digit_is_told(page):
    draw(page, DASHES)
    status = page.locator(".digit-pad [role=status]").inner_text()
    assert len(status) > 20 and page.locator("li.best").count() == 0


def test_a_screen_reader_finds_names_and_roles(page):
    for role, name in [
        ("group", "Digit pad"), ("img", "Drawing area"), ("button", "Undo"),
        ("img", "28 by 28 pixels"), ("list", "Probabilities"),
        ("combobox", "example digit"), ("button", "Clear")]:
        assert page.get_by_role(role, name=name).count() == 1, name


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_ink_stands_out_in_every_theme(page, theme):
    open_menu(page, "Settings", "Theme").hover()
    page.get_by_text(f"JupyterLab {theme}", exact=True).click()
    light = str(theme == "Light").lower()
    page.locator(f"body[data-jp-theme-light={light}]").wait_for(
        state="attached")
    page.wait_for_timeout(1000)
    draw(page, EXAMPLES[2])
    for part in ("svg", "[role=status]"):
        shot = page.locator(f".digit-pad {part}").screenshot()
        seen = np.asarray(Image.open(io.BytesIO(shot)).convert("L")) / 255
        assert np.ptp(seen) > 0.6
        assert (np.median(seen) > 0.5) == (theme == "Light")


def test_it_fits_a_narrow_window(page):
    page.set_viewport_size({"width": 720, "height": 900})
    page.wait_for_timeout(500)
    inner, outer = page.locator(".digit-pad").evaluate(
        "pad => [pad.scrollWidth, pad.clientWidth]")
    assert inner <= outer < 420
    page.set_viewport_size({"width": 1300, "height": 900})


def test_a_finger_draws_and_a_second_finger_does_not_disturb(page):
    draw(page, [])
    screen = page.context.new_cdp_session(page)

    def touch(kind, *points):
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"id": finger, "x": x, "y": y}
            for finger, (x, y) in enumerate(points)]})

    second, *strokes = on_screen(page, [[(5, 5), (95, 95)], *EXAMPLES[4]])
    for stroke in strokes:
        touch("touchStart", stroke[0])
        touch("touchStart", stroke[0], second[0])
        for point in stroke:
            touch("touchMove", point, second[1])
        touch("touchEnd")
    wait_for_answer(page)
    assert count_strokes(page) == 2 and read(page) == 4
