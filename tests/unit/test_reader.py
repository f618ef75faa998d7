"""Lines of digits, read by the reader that comes with the project."""

from itertools import groupby, product

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from helpers.data import load_mnist, split_validation
from helpers.handwriting import HandwritingError, composer, reader
from helpers.handwriting.composer import HANDS, compose, make_glyphs
from helpers.handwriting.reader import HEIGHT, NOTHING, SYMBOLS, read_number
from helpers.handwriting.reader_training import BATCHES, ctc, make_batches
from tests.bench.bench_reader import read
from tests.fixtures.lines import draw_line, scan
from tests.fixtures.scenes import FONTS, printed


@pytest.fixture(scope="module")
def glyphs():
    _, (x, y) = split_validation(*load_mnist()[0], 10000)
    return make_glyphs(x[:1000], y[:1000], drawn=2)


@pytest.fixture(scope="module")
def lines(glyphs):
    """Forty lines on clean paper: pictures from 0.0 to 1.0, and texts."""
    rng, made = np.random.default_rng(3), []
    for _ in range(40):
        text = "".join(rng.choice(list("0123456789"), rng.integers(2, 8)))
        line, text = compose(glyphs, rng, text, gap=3.0, paper=0.0,
                             boxed=False)
        made.append((np.clip(0.75 - line / 2, 0, 1), text))
    return made


def digits_of(number):
    return "".join(str(digit) for digit, *_ in number.digits)


def test_most_clean_lines_are_read_and_those_accepted_are_right(lines):
    right, accepted = np.array([read(*line) for line in lines]).T
    assert right.sum() >= 28 and (accepted & ~right).sum() <= 1


def test_neither_polarity_nor_light_matters(lines):
    line, text = lines[0]
    assert line.shape[0] == HEIGHT
    light = np.linspace(0.5, 1, line.shape[1], dtype=np.float32)
    for same in (line, 1 - line, line * light, 0.5 + line / 5):
        assert digits_of(read_number(same)) == text


@pytest.mark.parametrize("factor", [3, 12])
def test_size_does_not_matter_and_boxes_grow_with_it(lines, factor):
    line, text = lines[0]
    usual = read_number(line)
    large = read_number(np.kron(line, np.ones((factor, factor), np.float32)))
    assert digits_of(usual) == digits_of(large) == text
    boxes = np.array([box for *_, box in usual.digits])
    assert (np.diff(boxes[:, 0]) > 0).all()
    assert (boxes[:, :2] < boxes[:, 2:]).all() and boxes.min() >= 0
    assert boxes[-1, 2] <= line.shape[1] and boxes[-1, 3] <= line.shape[0]
    np.testing.assert_allclose(
        [box for *_, box in large.digits], factor * boxes, atol=5 * factor)


def test_what_is_no_number_is_refused_with_a_reason():
    stroke = np.ones((60, 2000), np.float32)
    stroke[28:32, 40:-40] = 0
    noise = np.random.default_rng(0).random((900, 900), np.float32)
    for picture in (np.ones((60, 200), np.float32), stroke, noise,
                    *[printed(letter, FONTS[0]) for letter in "AKMRW#&"]):
        number = read_number(picture)
        assert number.text is None
        assert number.reason.endswith((".", "?"))


@pytest.mark.parametrize("kind", ["ring", "two lines"])
def test_what_is_not_a_line_alone_is_read_whole_or_refused(kind):
    digits, rng = load_mnist()[1], np.random.default_rng(6)
    for _ in range(8):
        ink, text = draw_line(rng, *digits, 4)
        page = Image.fromarray(np.pad(ink, 60))
        left, top, right, bottom = page.getbbox()
        if kind == "ring":
            ImageDraw.Draw(page).ellipse(
                (left - 50, top - 30, right + 50, bottom + 30), None, 1, 5)
        else:
            page, text = np.vstack([page, page]), 2 * text
        is_right, accepted = read(scan(np.asarray(page), rng), text)
        assert is_right or not accepted


def test_a_file_that_cannot_be_opened_is_an_error():
    with pytest.raises(HandwritingError, match="0 bytes"):
        read_number(b"")


@pytest.mark.parametrize("threshold", [-0.1, 90, float("nan")])
def test_threshold_must_be_a_probability(lines, threshold):
    with pytest.raises(ValueError, match="choose from"):
        read_number(lines[0][0], threshold=threshold)


def test_what_is_below_the_threshold_is_refused_and_told(lines):
    sure = read_number(lines[0][0], threshold=0.0)
    number = read_number(lines[0][0], threshold=1.0)
    assert number.text is None and number[2:] == sure[2:]
    assert f"It may read {sure.text}" in number.reason
    assert "100% is asked for" in number.reason


@pytest.mark.parametrize("text", [(), (7,), (7, 3), (7, 7)])
def test_probability_is_that_of_all_ways_to_write_a_text(text):
    """Also of the narrower of two lines; in training, marks are symbols."""
    chances = np.random.default_rng(1).dirichlet(np.ones(NOTHING + 1), (4, 16))
    found = reader._probability(reader._score(
        lambda batch: np.log(chances),
        [np.zeros((HEIGHT, width)) for width in (5, 32)]), text)
    for place in 0, 2:
        ways = 0.0
        for path in product(range(NOTHING + 1), repeat=3):
            read = groupby(-1 if at in reader.MARKS else at for at in path)
            if tuple(symbol for symbol, _ in read if symbol >= 0) == text:
                ways += chances[place, range(3), path].prod()
        assert found[place] == pytest.approx(ways)
    line = np.zeros((HEIGHT, 5), np.uint8), "".join(map(str, text))
    _, symbols = next(make_batches([line] * BATCHES))
    ways = sum(chances[0, range(3), path].prod()
               for path in product(range(NOTHING + 1), repeat=3)
               if (*(at for at, _ in groupby(path) if at != NOTHING),) == text)
    loss = ctc(symbols, np.log(chances[:1]).astype(np.float32))
    assert np.exp(-loss) == pytest.approx(ways, rel=1e-4)


def test_marks_are_written_where_they_are():
    chances = np.full((9, NOTHING + 1), 0.001)
    chances[range(9), [1, 1, NOTHING, SYMBOLS.index("."), NOTHING, 1, 2, 2,
                       SYMBOLS.index("-")]] = 1
    found = reader._collapse(chances)
    assert "".join(SYMBOLS[symbol] for symbol, *_ in found) == "1.12-"
    assert found[0][1:] == (0, 2)


def test_the_same_seed_composes_the_same_lines(glyphs):
    first, second = (compose(glyphs, np.random.default_rng(8))
                     for _ in range(2))
    assert first[1] == second[1]
    np.testing.assert_array_equal(first[0], second[0])
    assert first[0].shape[0] == HEIGHT


def test_fonts_to_measure_with_are_none_to_train_with():
    assert not set(HANDS["fonts"]) & set(HANDS["other fonts"])
    assert set(HANDS["forms"]) == set(SYMBOLS) - {"x"}


def test_the_weights_are_small():
    files = map(reader.WEIGHTS.format, reader.NETWORKS)
    assert sum(np.fromfile(file, "u1").size for file in files) <= 1_000_000


def test_a_model_of_one_network_will_do(lines):
    line, text = lines[0]
    half = len(reader.LOOKS)
    number = read_number(
        line, lambda batch: reader.load_reader()(batch)[:half])
    assert digits_of(number) == text
    assert number.probability != read_number(line).probability
    usual = read_number(line, reader.load_network("fine")).probability
    assert number.probability == pytest.approx(usual, abs=1e-5)


def test_digits_that_are_crossed_out_are_not_read():
    (x, _), rng = load_mnist()[1], np.random.default_rng(4)
    read = 0
    for image in x[:20]:
        ink = composer._cross_out(
            ndimage.zoom(image.astype(float), 2, order=1) > 110, rng)
        ink = np.pad(ndimage.binary_dilation(ink), 20)
        read += read_number(1.0 - ink).text is not None
    assert read <= 2
