"""The pad answers drawings, and is a still where nobody can draw."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers.handwriting import to_mnist
from helpers.pad import DigitPad
from helpers.pad import pad as pad_module
from helpers.pad.pad import EXAMPLES, draw_page
from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import SMALL_MODEL

pytestmark = pytest.mark.long
DASHES = [[(x, 10)] for x in (10, 50, 90)]


@pytest.fixture(scope="module")
def model():
    return load_recogniser(SMALL_MODEL)


def test_each_example_is_read_as_its_digit(model):
    pad = DigitPad(model)
    for digit, strokes in enumerate(EXAMPLES):
        pad.draw(strokes)
        assert pad.probabilities.argmax() == digit and pad.message == ""
        assert np.array_equal(pad.picture, to_mnist(draw_page(strokes)))
        (row,) = predict_digits(model, pad.picture)
        assert np.array_equal(pad.probabilities, row)


def test_a_page_shows_strokes_and_dots_where_they_were_drawn():
    page = draw_page([[(25, 50), (75, 50)], [(50, 10)]])
    assert page.shape == (140, 140) and page.dtype == np.uint8
    assert page[70, 35] == page[70, 105] == page[14, 70] == 0
    assert page[50, 70] == page[70, 20] == page[125, 70] == 255
    thick = (page[:, 70] < 128)[50:].sum()
    assert thick == pytest.approx(0.08 * 140, abs=1)
    assert draw_page([[(150, 150), (160, -20)], [(-50, 5)]]).min() == 255


def test_without_a_digit_there_is_no_answer(model):
    pad = DigitPad(model)
    pad.draw(DASHES)
    assert pad.probabilities is None and len(pad.message) > 20
    pad.draw([])
    assert (pad.picture, pad.probabilities, pad.message) == (None, None, "")


def test_without_a_reader_it_is_a_still_that_is_always_the_same(
    model, monkeypatch
):
    shown = []
    monkeypatch.setattr("helpers.figures.display",
                        lambda data, **rest: shown.append(data))
    for _ in range(2):
        pad = DigitPad(model)
        for strokes in ([], EXAMPLES[7], DASHES):
            pad.draw(strokes)
            pad._ipython_display_()
    assert shown[:3] == shown[3:]
    texts = [data["text/plain"] for data in shown[:3]]
    assert "Run this notebook" in texts[0]
    assert "reads a 7" in texts[1] and "not read" in texts[2]
    for data in shown[:3]:
        picture = Image.open(io.BytesIO(data["image/png"])).convert("L")
        assert picture.width > 300 and np.asarray(picture).std() > 20


@pytest.mark.parametrize("content, expected", [
    ({"allow_stdin": True}, True), ({"allow_stdin": False}, False),
    ({}, False)])
def test_a_reader_is_known_by_the_request(monkeypatch, content, expected):
    assert not pad_module.someone_can_draw()
    kernel = SimpleNamespace(get_parent=lambda: {"content": content})
    monkeypatch.setattr(
        pad_module, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    assert pad_module.someone_can_draw() is expected


def test_without_anywidget_it_says_how_to_get_it(model, monkeypatch, capsys):
    monkeypatch.setattr(pad_module, "someone_can_draw", lambda: True)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    DigitPad(model)._ipython_display_()
    assert "%pip install anywidget" in capsys.readouterr().out


def test_the_widget_answers_with_the_number_of_the_drawing(model):
    pad = DigitPad(model)
    widget = pad_module.open_widget(pad)
    assert widget.answer["number"] == 0 and widget.answer["picture"] is None
    # As the browser sends it: JSON.
    drawing = {"number": 7, "strokes": json.loads(json.dumps(EXAMPLES[4]))}
    widget.set_state({"drawing": drawing})
    assert widget.answer["number"] == 7
    assert np.argmax(widget.answer["probabilities"]) == 4
    assert widget.answer["picture"] == pad.picture.ravel().tolist()
    json.dumps(widget.answer)
