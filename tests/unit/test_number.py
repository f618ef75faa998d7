"""Lines of digits are read, or it is said why a person must read them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from helpers.handwriting import HandwritingError, read_number
from helpers.handwriting.number import THRESHOLD
from tests.fixtures.lines import (
    add_box,
    add_rules,
    add_specks,
    draw_line,
    sample_readings,
    scan,
)
from tests.fixtures.nearest import nearest, typical
from tests.fixtures.scenes import PAPERS, light, paint


@pytest.fixture(scope="module")
def known():
    """Pictures that `nearest` is sure of, and their labels."""
    digits = typical()
    images = [image for group in digits.values() for image in group]
    return np.stack(images), np.repeat(list(digits), 3)


def line(known, seed, count=5, **options):
    rng = np.random.default_rng(seed)
    ink, text = draw_line(rng, *known, count, **options)
    return ink, text, rng


def read_all(known, seeds, change=lambda ink, rng: ink, **options):
    """The share of lines that are read right, and that are read wrong."""
    right = wrong = 0
    for seed in seeds:
        ink, text, rng = line(known, seed, **options)
        found = read_number(scan(change(ink, rng), rng), nearest, 0.3)
        right += found.text == text
        wrong += found.text not in (text, None)
    return right / len(seeds), wrong / len(seeds)


def test_a_number_is_read_with_the_place_of_each_digit(known):
    ink, text, rng = line(known, 0, 6)
    picture = scan(ink, rng)
    found = read_number(picture, nearest, 0.3)
    assert (found.text, found.reason) == (text, None)
    assert "".join(str(digit) for digit, *_ in found.digits) == text
    product = np.prod([probability for _, probability, _ in found.digits])
    assert 0.3 <= found.probability <= product + 1e-9
    boxes = np.array([box for *_, box in found.digits])
    assert (np.diff(boxes[:, 0]) > 0).all()
    for left, top, right, bottom in boxes:
        assert ink[top:bottom, left:right].max() == 1
        assert ink[top:bottom, max(0, left - 2):left].mean() < 0.2
    assert boxes[:, 2].max() <= ink.shape[1]


@pytest.mark.parametrize("factor", [0.4, 3])
def test_boxes_are_in_pixels_of_the_picture_given(known, factor):
    ink, _, rng = line(known, 0, 6)
    picture = Image.fromarray(scan(ink, rng))
    usual = read_number(picture, nearest, 0.0)
    size = [round(factor * length) for length in picture.size]
    found = read_number(picture.resize(size), nearest, 0.0)
    assert len(found.digits) == len(usual.digits)
    for (*_, box), (*_, twin) in zip(found.digits, usual.digits):
        np.testing.assert_allclose(
            box, factor * np.array(twin), atol=3 + 2 * factor)


CHANGES = {
    "as it is": lambda ink, rng: ink,
    "specks": add_specks,
    "box": lambda ink, rng: add_box(ink),
    "rules": add_rules,
}


@pytest.mark.parametrize("name", CHANGES)
def test_lines_are_read(known, name):
    right, wrong = read_all(known, range(8), CHANGES[name])
    assert right >= (0.6 if name == "rules" else 0.8)
    assert wrong <= (0.25 if name == "rules" else 0.13)


@pytest.mark.parametrize("mark", [".", ","])
def test_points_and_commas_are_read_as_such(known, mark):
    right, wrong = read_all(known, range(6), mark=mark)
    assert right >= 0.6 and wrong <= 0.3


def test_a_mark_at_the_head_and_a_dash(known):
    ink, text, rng = line(known, 3, 4)
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    gaps = np.flatnonzero(np.diff(inked) > 8)
    left, right = inked[gaps[0]] + 2, inked[gaps[0] + 1] - 2
    room = np.zeros((len(ink), 30), np.float32)
    wide = np.hstack([ink[:, :left], room, ink[:, left:]])
    middle = left + (right - left + 30) // 2
    head = rows.min() + 8
    marked = wide.copy()
    marked[head:head + 12, middle - 5:middle + 5] = 1
    assert read_number(scan(marked, rng), nearest, 0.0).text == (
        text[0] + "'" + text[1:])
    dashed = wide.copy()
    level = (rows.min() + rows.max()) // 2
    dashed[level - 4:level + 4, middle - 14:middle + 14] = 1
    assert read_number(scan(dashed, rng), nearest, 0.0).text == (
        text[0] + "-" + text[1:])


def marked(ink, away, size=12):
    """Draw a mark at the foot of the first digit, so many pixels away."""
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    end = inked[np.flatnonzero(np.diff(inked) > 4)[0]]
    room = np.zeros((len(ink), 60), np.float32)
    wide = np.hstack([ink[:, :end + 1], room, ink[:, end + 1:]])
    rows = np.flatnonzero((wide[:, end - 3:end + 1] > 0.5).any(axis=1))
    left = end + 1 + away
    wide[rows.max() - size + 1:rows.max() + 1, left:left + size] = 1
    return wide


@pytest.mark.parametrize(("away", "read"), [(4, False), (24, True)])
def test_a_mark_too_near_to_a_digit_may_be_of_it(known, away, read):
    ink = np.zeros((160, 300), np.float32)  # a 1 and a 1
    ink[40:120, [*range(60, 70), *range(200, 210)]] = 1
    rng = np.random.default_rng(0)
    found = read_number(scan(marked(ink, away), rng), nearest, 0.0)
    assert (found.text == "1.1") == read, found
    assert (found.reason is None) == read
    if not read:
        assert "may be a point, a part of a digit" in found.reason


@pytest.mark.parametrize(
    ("above", "below", "lean", "read"),
    [(0.1, 0.1, 25, False), (0.15, 0.15, 12, False), (0, 0.14, 17, False),
     (-0.1, -0.1, 25, True), (0.1, 0.1, -10, True)],
)
def test_a_slash_is_not_read_as_a_1(known, above, below, lean, read):
    """One that leans and is longer than the digits; a long 1 is read."""
    ink, text, rng = line(known, 3, 4)
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    gaps = np.flatnonzero(np.diff(inked) > 8)
    left = inked[gaps[0]] + 2
    top = rows.min() - above * np.ptp(rows)
    bottom = rows.max() + below * np.ptp(rows)
    across = (bottom - top) * np.tan(np.radians(lean))
    room = Image.new("L", (abs(round(across)) + 40, len(ink)))
    middle = room.width / 2
    ImageDraw.Draw(room).line(
        [(middle - across / 2, bottom), (middle + across / 2, top)], 255, 7)
    wide = np.hstack([ink[:, :left], np.array(room) / 255, ink[:, left:]])
    found = read_number(scan(wide, rng), nearest, 0.0)
    assert (found.text == text[0] + "1" + text[1:]) == read, found
    if not read:
        assert found.text is None and 'may be a "/"' in found.reason


def test_a_digit_in_a_circle_is_no_0(known):
    ink, _, rng = line(known, 3, 4)
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    gap = inked[np.flatnonzero(np.diff(inked) > 8)[0]]
    room = np.zeros((len(ink), 80), np.float32)
    wide = Image.fromarray(np.hstack([room, ink[:, :gap + 3], room,
                                      ink[:, gap + 3:]]))
    middle = 80 + (inked[0] + gap) / 2
    ImageDraw.Draw(wide).ellipse([middle - 70, 10, middle + 70, 150],
                                 outline=1.0, width=6)
    found = read_number(scan(np.array(wide), rng), nearest, 0.0)
    assert found.text is None and "ring" in found.reason


def test_digits_that_touch_are_cut_apart(known):
    """Two digits that touch: most are cut in two, and many read right."""
    counts, right = [], 0
    for seed in range(8):
        ink, text, rng = line(known, seed, 2, touching=True)
        found = read_number(scan(ink, rng), nearest, 0.0)
        counts.append(len(found.digits))
        right += found.text == text
    assert np.mean(np.array(counts) == 2) >= 0.5
    assert right >= 2


def test_none_of_several_digits_that_touch_is_lost(known):
    """Four digits in one piece of ink are not read as three wide ones."""
    counts = []
    for seed in range(8):
        ink, _, rng = line(known, seed, 4, touching=True)
        found = read_number(scan(ink, rng), nearest, 0.0)
        counts.append(len(found.digits))
    assert np.sum(np.array(counts) == 4) >= 5


def test_nothing_as_wide_as_several_digits_is_asked_about(known):
    """Else eight that touch take half as many answers again."""
    asked = []

    def model(images):
        asked.append(len(images))
        return nearest(images)

    ink, _, rng = line(known, 1, 8, touching=True)
    read_number(scan(ink, rng), model, 0.0)
    many = sum(asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.handwriting.number.WIDEST", np.inf)
        read_number(scan(ink, rng), model, 0.0)
    assert many < 0.7 * (sum(asked) - many)


def test_a_number_below_the_threshold_goes_to_a_person(known):
    ink, _, rng = line(known, 1)
    picture = scan(ink, rng)
    sure = read_number(picture, nearest, 0.0)
    assert sure.text is not None and 0 < sure.probability < 1
    found = read_number(picture, nearest, min(1, sure.probability + 1e-6))
    assert found.text is None and found.probability == sure.probability
    assert f"It may read {sure.text}" in found.reason
    assert found.digits == sure.digits


def test_what_is_no_number_is_refused_with_a_reason(known):
    ink, _, rng = line(known, 2)
    two_lines = np.vstack([ink, ink])
    for picture, words in (
        (np.full((100, 300), 255, np.uint8), "No ink"),
        (rng.random((100, 300)), ""),
        (scan(two_lines, rng), "one line"),
    ):
        found = read_number(picture, nearest)
        assert found.text is None and words in found.reason
        assert found.digits == [] and found.probability == 0


def test_a_file_that_cannot_be_opened_is_an_error():
    with pytest.raises(HandwritingError, match="0 bytes"):
        read_number(b"", nearest)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_an_error(known, threshold):
    with pytest.raises(ValueError, match="choose from"):
        read_number(np.zeros((50, 50), np.uint8), nearest, threshold)


def test_the_model_gets_what_a_keras_model_takes(known):
    seen = []

    def model(images):
        seen.append(images)
        return nearest(images)

    ink, _, rng = line(known, 4)
    read_number(scan(ink, rng), model)
    for images in seen:
        assert images.shape[1:] == (28, 28, 1) and images.dtype == np.float32
        assert images.min() == 0 and images.max() == 1


def test_light_does_not_matter(known):
    ink, text, rng = line(known, 0)
    picture = paint(ink, PAPERS[1], (30, 30, 60), light(ink.shape, rng, 0.5),
                    0.02, rng)
    assert read_number(picture, nearest, 0.0).text == text


HELPERS = Path(__file__).parents[2] / "helpers"


@pytest.fixture(scope="module")
def measured():
    """What `make bench` found, and notebook 3 shows."""
    file = HELPERS / "reading_numbers.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_it_was_measured_with_this_reader(measured):
    """If this fails, the reader was changed: run `make bench` again."""
    before, now = measured["readings"], sample_readings()
    assert len(before) == len(now) == 7
    for old, new in zip(before, now):
        assert old["text"] == new["text"]
        assert old["probability"] == pytest.approx(
            new["probability"], abs=0.01)
        for (digit, probability), (twin, other) in zip(
            old["digits"], new["digits"], strict=True
        ):
            assert digit == twin
            assert probability == pytest.approx(other, abs=0.01)


def test_it_was_measured_with_the_network_of_notebook_3(measured):
    times = json.loads((HELPERS / "training_times.json").read_text("utf-8"))
    assert measured["parameters"] in {
        run["parameters"] for run in times["runs"]
        if run["name"] == "the lesson's network"
    }


def test_what_notebook_3_shows_of_the_bench_is_whole(measured):
    assert measured["composed of"] == "test"
    kinds = {kind["name"]: kind for kind in measured["kinds"]}
    assert len(kinds) == 7 and kinds["untouched"]["numbers"] == 1000
    for kind in kinds.values():
        thresholds = [row["threshold"] for row in kind["rows"]]
        assert thresholds == sorted(thresholds) and THRESHOLD in thresholds
        for row in kind["rows"]:
            counts = row["right"] + row["refused"] + row["wrong"]
            assert counts == kind["numbers"], row
        refused = [row["refused"] for row in kind["rows"]]
        assert refused == sorted(refused)
