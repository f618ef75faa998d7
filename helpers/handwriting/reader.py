"""Read a line of digits: an amount, a date, a postcode.

Two networks, trained on composed lines, look along the line and say for each
column which symbol is there, or nothing. They do so for two crops and widths
of the picture, and what they agree on is probable. A line that is not probable
enough goes to a person.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.special import expit, logit, softmax
from skimage.filters import threshold_otsu

from helpers.handwriting.paper import resize
from helpers.handwriting.pictures import HandwritingError, open_gray
from helpers.quiet import quiet_start

SYMBOLS = "0123456789.,-/'=x"  # what is read; x is anything else that is ink
DIGITS, OTHER = 10, 16  # how many are digits; where x is
NOTHING = 17  # CTC's symbol for no symbol
MARKS = [*range(DIGITS, OTHER), NOTHING]  # what is no digit, and may be there
HEIGHT = 32  # pixels: of a line, as the network sees it
COLUMN = 2  # pixels of a line for each of the network's answers
LONGEST = 1200  # pixels: of a picture, before its line is found
SAMPLE = 3  # pixels: steps in which a picture's shades are looked at
SMALL = 96, 1024  # pixels: height and width in which the line is found
WIDE = 2  # times its height: a wider picture is of several digits
LONG = 32  # times its height: a longer line is not read
LOOKS = (0.2, 1.25), (0.06, 0.82)  # margins in heights; change of the width
THRESHOLD = 0.9  # what it accepts and gets wrong: reader.md
WEIGHTS = str(Path(__file__).with_name("reader_{}.npz"))  # files of networks
CALIBRATION = 1.15, 1.05  # slope and shift of the logarithm of the odds
# They look at the same lines, and their mean counts. Filters of convolutions;
# side and stride of the first; filters along the line, and columns apart.
NETWORKS = {"fine": ((24, 48, 80, 112), 3, 1, 144, (1, 1)),
            "wide": ((32, 56, 88, 112), 5, 2, 128, (1, 2, 1))}


class Number(NamedTuple):
    """What :func:`read_number` found.

    ``digits`` are (digit, probability, box), a box being (left, top, right,
    bottom) in pixels of the picture, upright: the columns are the digit's
    own, the rows the line's.
    """

    text: str | None  # the digits in order, and the marks between; or refused
    reason: str | None  # why it is refused
    digits: list
    probability: float  # that these are the digits, and no others: no marks


def read_number(image, model=None, threshold=THRESHOLD):
    """Read the number on a line, or say why a person must: a Number.

    Takes a picture of one line, dark on light or light on dark, as
    :func:`helpers.handwriting.pictures.open_gray` does. A number whose
    probability is below ``threshold`` (0.0 to 1.0) is refused.

    ``model`` takes an array of shape (count, 32, width, 1), float32 as
    :func:`normalise` makes it, and gives scores of shape (count, width / 2,
    18), of SYMBOLS and nothing, or for each of several networks so many. By
    default it is :func:`load_reader`'s.

    Raises HandwritingError if the picture cannot be opened (a blank or noisy
    one is refused), and ValueError for another threshold.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}: choose from 0.0 to 1.0.")
    _, gray, factor = open_gray(image, LONGEST)
    try:
        lines, boxes = _look(1 - gray)
    except HandwritingError as error:
        return Number(None, str(error), [], 0.0)
    chances = _score(model or load_reader(), lines)
    readings = [_collapse(chance) for chance in chances]
    texts = [tuple(symbol for symbol, *_ in reading
                   if symbol < DIGITS or symbol == OTHER)
             for reading in readings]
    likely = {text: _probability(chances, text) for text in set(texts)}
    text = max(likely, key=lambda text: likely[text].mean())
    slope, shift = CALIBRATION
    probability = float(expit(shift + slope * logit(
        np.clip(likely[text].mean(), 1e-9, 1 - 1e-9))))
    own = max((place for place, other in enumerate(texts) if other == text),
              key=lambda place: likely[text][place])
    left, top, right, bottom = boxes[own % len(boxes)]
    # Pixels of the picture for one of the line's.
    scale = (right - left) / lines[own % len(lines)].shape[1]
    digits, half = [], HEIGHT / 3 * scale
    for symbol, start, stop in readings[own]:
        if symbol < DIGITS:
            middle = left + (start + stop) / 2 * COLUMN * scale
            box = max(middle - half, 0), top, min(middle + half, right), bottom
            sure = float(chances[own, start:stop, symbol].max())
            digits.append((symbol, sure, tuple(
                round(float(at) / factor) for at in box)))
    written = "".join(SYMBOLS[symbol] for symbol, *_ in readings[own])
    if not digits:
        reason = "No digit was found. Cut out the line with the number."
    elif OTHER in text:
        reason = ("Something on the line is no digit: a letter, a scribble, "
                  "or a digit that is crossed out.")
    elif probability < threshold:
        reason = (f"It may read {written}, with a probability of "
                  f"{probability:.0%}, and {threshold:.0%} is asked for.")
    else:
        return Number(written, None, digits, probability)
    return Number(None, reason, digits, probability)


def read_digit(image, model=None):
    """Read a picture of one digit as a line that may hold others.

    Takes what :func:`read_number` does. Returns the probabilities of 0 to 9,
    each alone on the line: shape (10,), float64; the rest to 1.0 is that of
    all else. Raises HandwritingError if the picture cannot be opened, or is
    blank.
    """
    lines, _ = _look(1 - open_gray(image, LONGEST)[1])
    chances = _score(model or load_reader(), lines)
    return np.array([_probability(chances, (digit,)).mean()
                     for digit in range(DIGITS)])


def _look(dark):
    """Find the line in a picture, and crop it in several ways.

    Returns the lines, of shape (32, width), and for each of them its (left,
    top, right, bottom) in the picture.
    """
    low, middle, high = np.percentile(dark[::SAMPLE, ::SAMPLE], [1, 50, 99])
    if high - low < 0.02:
        raise HandwritingError(
            "The picture is blank: no ink was found. Is it the right file?")
    if middle - low > high - middle:  # light ink on dark paper
        dark = 1 - dark
    height, width = dark.shape
    left, top, right, bottom = _find_line(dark)
    if right - left > LONG * (bottom - top):
        raise HandwritingError(
            f"The line is {(right - left) / (bottom - top):.0f} times as long "
            "as it is high. Cut out the number.")
    picture = Image.fromarray(dark)
    lines, boxes = [], []
    for margin, stretch in LOOKS:
        edge = (bottom - top) * margin
        box = (max(left - 3 * edge, 0), max(top - edge, 0),
               min(right + 3 * edge, width), min(bottom + edge, height))
        size = HEIGHT * stretch * (box[2] - box[0]) / (box[3] - box[1])
        size = max(4 * COLUMN, round(size))
        line = picture.resize((size, HEIGHT), Image.Resampling.BILINEAR, box)
        lines.append(normalise(np.asarray(line)))
        boxes.append(box)
    return lines, boxes


def _find_line(dark):
    """Find the box of the ink: left, top, right and bottom, in pixels."""
    height, width = dark.shape
    factor = max(1, height / SMALL[0], width / SMALL[1])
    size = [max(2, round(side / factor)) for side in dark.shape]
    small = resize(dark, size, Image.Resampling.BOX)
    small = small - _ground(small)
    ink = small > max(threshold_otsu(small), 1e-3)
    if width > WIDE * height:
        ink[ink.mean(1) > 0.6] = False  # printed rules
    ends = []
    for sums in ink.sum(0), ink.sum(1):
        sums = ndimage.gaussian_filter1d(sums.astype(float), 1)
        found = np.flatnonzero(sums > 0.1 * sums.max())
        ends += [found[0], found[-1] + 1] if len(found) else [0, len(sums)]
    left, right, top, bottom = np.array(ends) * factor
    bottom = min(max(bottom, top + 8), height)
    return left, max(0, min(top, bottom - 8)), min(right, width), bottom


def _ground(dark):
    """Return the paper's own shade, in an array of the same shape."""
    low = ndimage.minimum_filter(dark[::2, ::2], 11)
    low = ndimage.gaussian_filter(low, 5)
    return ndimage.zoom(low, 2, order=1)[:dark.shape[0], :dark.shape[1]]


def normalise(line):
    """Make paper 0.0 and ink 1.0, whatever its contrast and its shades.

    Takes a line of shape (32, width), the higher, the darker, in any unit;
    returns one of the same shape, float32, from -0.5 to 1.5.
    """
    line = line - _ground(line)
    low, high = np.percentile(line, [40, 99])
    return np.clip((line - low) / max(high - low, 1e-3), -0.5, 1.5).astype(
        np.float32)


def _score(model, lines):
    """Ask the network about lines, together.

    Returns probabilities, of shape (count, columns, 18), of each line by the
    first network, then by the second. A shorter line is followed by nothing.
    """
    width = -(-max(line.shape[1] for line in lines) // 32) * 32
    batch = np.zeros((len(lines), HEIGHT, width, 1), np.float32)
    for place, line in enumerate(lines):
        batch[place, :, :line.shape[1], 0] = line
    chances = softmax(np.asarray(model(batch), float), axis=2)
    for place, line in enumerate(lines):
        chances[place::len(lines), -(-line.shape[1] // COLUMN):] = np.eye(
            NOTHING + 1)[NOTHING]
    return chances


def _collapse(chances):
    """Read the best symbol of each column, and join them as CTC does.

    Returns (symbol, first column, first column after it) for each. Marks
    count as nothing, until it is clear that there is no digit.
    """
    marks, others = chances[:, MARKS], chances.copy()
    others[:, MARKS] = 0
    best = np.where(marks.sum(1) >= others.max(1),
                    np.array(MARKS)[marks.argmax(1)], others.argmax(1))
    best = np.append(best, NOTHING)
    starts = np.flatnonzero(np.diff(best, prepend=NOTHING))
    return [(int(best[start]), int(start), int(stop))
            for start, stop in pairwise([*starts, len(best)])
            if best[start] != NOTHING]


def _probability(chances, text):
    """Compute how probable digits are in each look, in all ways to write them.

    By CTC's forward recursion, with marks as nothing: A. Graves et al.,
    "Connectionist Temporal Classification", ICML 2006, section 4.1.
    """
    columns = np.repeat(chances[..., MARKS].sum(2, keepdims=True),
                        2 * len(text) + 1, axis=2)
    columns[..., 1::2] = chances[..., text]
    step = np.eye(columns.shape[2]) + np.eye(columns.shape[2], k=1)
    for at, (a, b) in enumerate(pairwise(text)):
        step[2 * at + 1, 2 * at + 3] = a != b  # over nothing, to another digit
    total = np.eye(1, len(step))
    for column in columns.swapaxes(0, 1):
        total = total @ step * column
    return total[:, -2:].sum(1)


@cache
def load_reader():
    """Load the reader that comes along: what :func:`read_number` takes."""
    with quiet_start():
        import tensorflow as tf
        tf.config.list_physical_devices()
    networks = [load_network(name, fast=True) for name in NETWORKS]
    return tf.function(lambda lines: tf.concat(
        [network(lines, training=False) for network in networks], 0), [
        tf.TensorSpec((None, HEIGHT, None, 1))])


def load_network(name, fast=False):
    """Load a network, as :func:`build_reader` builds it: a keras.Model."""
    network = build_reader(name, fast)
    with np.load(WEIGHTS.format(name)) as file:
        parts = [file[part].astype(np.float32) for part in file]
    weights = list(map(np.multiply, parts[::2], parts[1::2]))
    if fast:
        last, weights, blocks = weights[-2:], [], zip(*[iter(weights)] * 5)
        for kernel, gamma, beta, mean, variance in blocks:
            scale = gamma / np.sqrt(variance + 1e-3)  # as Keras does
            weights += [kernel * scale, beta - mean * scale]
        weights += last
    network.set_weights(weights)
    return network


def build_reader(name, fast=False):
    """Build a network: pixels of a line to scores of 18 symbols a column.

    It pools the height until none is left, and the width once, so a line may
    be as wide as it likes. "fine" looks at each pixel, "wide" further along
    the line. A fast one cannot learn: its filters do what normalising does.
    """
    import keras
    from keras import layers

    counts, side, stride, along, steps = NETWORKS[name]
    x = line = keras.Input((HEIGHT, None, 1))
    for count in counts:
        x = layers.Conv2D(count, side, stride, "same", use_bias=fast)(x)
        x = layers.ReLU()(x if fast else layers.BatchNormalization()(x))
        if stride == 1:
            x = layers.MaxPooling2D((2, 2 if count == counts[0] else 1))(x)
        side, stride = 3, 1
    x = layers.Reshape((-1, 2 * counts[-1]))(layers.Permute((2, 1, 3))(x))
    for apart in steps:
        x = layers.Dropout(0.1)(x)
        x = layers.Conv1D(along, 5, padding="same", dilation_rate=apart,
                          use_bias=fast)(x)
        x = layers.ReLU()(x if fast else layers.BatchNormalization()(x))
    return keras.Model(line, layers.Dense(NOTHING + 1)(x))
