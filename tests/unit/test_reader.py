"""Lines of digits, read by the reader that comes with the project."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from helpers.data import load_mnist, split_validation
from helpers.handwriting import reader
from helpers.handwriting.composer import HANDS, compose, make_glyphs
from helpers.handwriting.reader import (
    HEIGHT,
    NOTHING,
    SYMBOLS,
    WEIGHTS,
    normalise,
    read_number,
)


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
    numbers = [read_number(line) for line, _ in lines]
    right = [digits_of(number) == text
             for number, (_, text) in zip(numbers, lines)]
    wrong = [number.text is not None and not is_right
             for number, is_right in zip(numbers, right)]
    assert sum(right) >= 28
    assert sum(wrong) <= 1


def test_light_on_dark_is_read_as_dark_on_light(lines):
    line, text = lines[0]
    assert digits_of(read_number(line)) == text
    assert digits_of(read_number(1 - line)) == text


@pytest.mark.parametrize("factor", [1, 3, 12])
def test_size_does_not_matter(lines, factor):
    line, text = lines[0]
    large = np.kron(line, np.ones((factor, factor), np.float32))
    number = read_number(large)
    assert digits_of(number) == text
    left, top, right, bottom = number.digits[-1][2]
    assert 0 <= left < right <= large.shape[1]
    assert 0 <= top < bottom <= large.shape[0]
    assert left > number.digits[0][2][0]


@pytest.mark.parametrize("letter", list("AKMRW#&"))
def test_letters_are_refused(letter):
    from tests.fixtures.scenes import FONTS, printed
    number = read_number(printed(letter, FONTS[0]))
    assert number.text is None
    assert number.reason


def test_blank_paper_a_stroke_and_noise_are_refused():
    rng = np.random.default_rng(0)
    stroke = np.ones((60, 2000), np.float32)
    stroke[28:32, 40:-40] = 0
    for picture in (np.ones((60, 200), np.float32), stroke,
                    rng.random((900, 900), np.float32)):
        number = read_number(picture)
        assert number.text is None
        assert number.reason.endswith((".", "?"))


def test_threshold_must_be_a_probability(lines):
    with pytest.raises(ValueError, match="choose from"):
        read_number(lines[0][0], threshold=90)


def test_what_is_below_the_threshold_is_refused_and_told(lines):
    number = read_number(lines[0][0], threshold=1.0)
    assert number.text is None
    assert "100% is asked for" in number.reason


@pytest.mark.parametrize("text", [(), (7,), (7, 3), (7, 7)])
def test_probability_is_that_of_all_ways_to_write_a_text(text):
    chances = np.random.default_rng(1).dirichlet(np.ones(NOTHING + 1), 3)
    ways = 0.0
    for path in product(range(NOTHING + 1), repeat=3):
        kept = [symbol if symbol not in reader.MARKS else -1
                for symbol in path]
        written = tuple(symbol for symbol, last in zip(kept, [-1, *kept])
                        if symbol not in (-1, last))
        if written == text:
            ways += np.prod(chances[range(3), path])
    found = reader._log_probability([np.log(chances)], text)
    assert np.exp(found) == pytest.approx(ways)


def test_a_look_that_is_narrower_keeps_its_probability():
    rng = np.random.default_rng(2)
    logs = [np.log(rng.dirichlet(np.ones(NOTHING + 1), count))
            for count in (4, 9)]
    together = reader._log_probability(logs, (1, 1))
    alone = reader._log_probability(logs[:1], (1, 1))
    assert together[0] == pytest.approx(alone[0])


def test_marks_are_written_where_they_are():
    chances = np.full((9, NOTHING + 1), 0.001)
    chances[range(9), [1, 1, NOTHING, SYMBOLS.index("."), NOTHING, 1, 2, 2,
                       SYMBOLS.index("-")]] = 1
    found = reader._collapse(np.log(chances))
    assert "".join(SYMBOLS[symbol] for symbol, *_ in found) == "1.12-"
    assert found[0][1:] == (0, 2)


def test_contrast_and_brightness_do_not_matter(lines):
    line = lines[1][0]
    assert line.shape[0] == HEIGHT
    np.testing.assert_allclose(
        normalise(1 - line), normalise(0.3 - 0.2 * line), atol=1e-3)


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
    assert WEIGHTS.stat().st_size <= 1_000_000


def test_tensorflow_is_not_imported_before_a_line_is_read():
    code = ("import sys; import helpers.handwriting.reader; "
            "sys.exit('tensorflow' in sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)
