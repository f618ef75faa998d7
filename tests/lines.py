"""Lines of digits, composed from digits of 28 by 28 pixels."""

import numpy as np
from scipy import ndimage

from helpers.ink import stroke_width
from helpers.number import read_number
from tests.nearest import nearest, typical
from tests.scenes import blow_up, paint, repen


def draw_line(rng, images, labels, count, touching=False, mark="", size=80):
    """Compose a line of ``count`` digits, each drawn at random.

    Spacing, baseline, slant, size and the pen's thickness vary; so they do
    between people, and for one person from digit to digit.

    Returns
    -------
    ink : array of shape (height, width), float32
        0.0 for paper to 1.0 for ink.
    text : str
        The digits, with the mark ("." or ",") before the last two.
    """
    slant = rng.uniform(-0.15, 0.25)
    pen = int(rng.integers(-3, 6))
    gap = rng.uniform(0.08, 0.35) * size
    page = np.zeros((2 * size, (count + 1) * 2 * size), np.float32)
    right, text = size // 2, ""
    for place, index in enumerate(rng.integers(len(images), size=count)):
        if mark and place == count - 2:
            right = draw_mark(page, right, int(1.5 * size), rng, mark)
            text += mark
        ink = slanted(blow_up(images[index], size // 20), slant)
        if pen:
            ink = repen(ink, pen)
        ink = trimmed(ink)
        zoom = rng.uniform(0.85, 1.1)
        ink = np.clip(ndimage.zoom(ink, zoom, order=1), 0, 1)
        foot = int(1.5 * size + rng.uniform(-0.06, 0.06) * size)
        top = max(0, foot - ink.shape[0])
        if text and touching:
            left = touch(page, ink, top, right)
        else:
            left = right + int(max(4, gap * rng.uniform(0.6, 1.4)))
        if not touching:
            left = keep_apart(page, ink, top, left)
        here = np.s_[top:top + ink.shape[0], left:left + ink.shape[1]]
        page[here] = np.maximum(page[here], ink)
        right = left + ink.shape[1]
        text += str(labels[index])
    return page[:, :right + size // 2], text


def sample_readings():
    """Read some lines of each kind with `nearest`: lists of dictionaries.

    They change when the reader does, so they tell whether what was measured
    with it is of this reader.
    """
    digits = typical()
    known = np.concatenate(list(digits.values())), np.repeat(list(digits), 3)
    readings = []
    for seed, options in enumerate(
        [{}, {}, {"mark": "."}, {"mark": ","}, *[{"touching": True}] * 3]
    ):
        rng = np.random.default_rng(seed)
        ink, _ = draw_line(rng, *known, 4, **options)
        number = read_number(scan(ink, rng), nearest, 0.0)
        readings.append({
            "text": number.text,
            "digits": [[digit, round(probability, 3)]
                       for digit, probability, _ in number.digits],
            "probability": round(number.probability, 3),
        })
    return readings


def slanted(ink, slant):
    """Shear ink so that it leans to the right by ``slant``."""
    pad = int(abs(slant) * len(ink))
    ink = np.pad(ink, ((0, 0), (pad, pad)))
    matrix = [[1, 0], [slant, 1]]
    return ndimage.affine_transform(
        ink, matrix, offset=[0, -slant * len(ink) / 2], order=1)


def trimmed(ink):
    rows, columns = np.nonzero(ink > 0.2)
    return ink[rows.min():rows.max() + 1, columns.min():columns.max() + 1]


def overlap(page, ink, top, left):
    below = page[top:top + ink.shape[0], left:left + ink.shape[1]] > 0.2
    return ndimage.binary_dilation(below, iterations=2) & (ink > 0.2)


def keep_apart(page, ink, top, left):
    """Move ink to the right until it is clear of the digit before it."""
    while overlap(page, ink, top, left).any():
        left += 1
    return left


def touch(page, ink, top, right):
    """Move ink to the left until it touches the digit before it."""
    left = right + 6
    while left > right - ink.shape[1] and not overlap(
            page, ink, top, left).any():
        left -= 1
    return left - 2


def draw_mark(page, right, foot, rng, mark):
    """Draw a point or comma with the line's pen; return where it ends."""
    radius = rng.uniform(0.5, 0.75) * stroke_width(page > 0.5)
    middle = right + 4 + 2 * radius
    rows, columns = np.indices(page.shape)
    down = (rows - foot + radius) / radius
    across = (columns - middle) / radius
    spot = across**2 + down**2 <= 1
    if mark == ",":
        spot |= (down >= 0) & (down < 2.8) & (
            np.abs(across - 0.4 + 0.3 * down) < 0.75 - 0.1 * down
        )
    page[spot] = 1
    return int(middle + radius)


def add_specks(ink, rng, count=8):
    """Drop dirt on the line: specks of one to two pixels."""
    ink = ink.copy()
    for row, column in zip(rng.integers(2, ink.shape[0] - 2, count),
                           rng.integers(2, ink.shape[1] - 2, count)):
        size = rng.integers(1, 3)
        ink[row:row + size, column:column + size] = 0.9
    return ink


def add_box(ink):
    """Draw the box of a form around the line."""
    ink = ink.copy()
    rows, columns = np.nonzero(ink > 0.2)
    top, bottom = max(4, rows.min() - 12), min(len(ink) - 5, rows.max() + 12)
    left, right = columns.min() - 14, columns.max() + 14
    ink[[top, top + 1, bottom, bottom + 1], left:right + 2] = 0.8
    ink[top:bottom + 2, [left, left + 1, right, right + 1]] = 0.8
    return ink


def add_rules(ink, rng):
    """Rule the page: one line near the digits' feet, others around."""
    ink = ink.copy()
    step = int(rng.uniform(35, 60))
    for row in range(int(rng.integers(0, step)), len(ink) - 2, step):
        ink[row:row + 2] = np.maximum(ink[row:row + 2], 0.6)
    return ink


def scan(ink, rng):
    """Paint the line as a scanner sees it."""
    return paint(ink, (250, 248, 240), (30, 35, 80), 1.0, 0.02, rng)
