"""Read a line of digits: an amount, a date, a postcode.

One network, trained on composed lines, looks along the line and says for
each column which symbol is there, or nothing. It does so for several crops
and widths of the picture, and what they agree on is probable. A line that is
not probable enough goes to a person.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

from helpers.handwriting.pictures import HandwritingError, open_gray

SYMBOLS = "0123456789.,-/'=x"  # what is read; x is anything else that is ink
DIGITS = 10  # the first of them
OTHER = SYMBOLS.index("x")
NOTHING = len(SYMBOLS)  # CTC's symbol for no symbol
MARKS = [*range(DIGITS, OTHER), NOTHING]
HEIGHT = 32  # pixels: of a line, as the network sees it
COLUMN = 2  # pixels of a line for each of the network's answers
LONGEST = 1600  # pixels: of a picture, before its line is found
THRESHOLD = 0.9
LONG = 32  # times its height: a longer line is not read
WORK = 3072  # pixels: widths of all looks together, for the time it takes
LOOKS = (  # how the line is cropped, in heights of its ink, and stretched
    (None, 1.0), (0.06, 1.0), (0.2, 1.0), (0.06, 0.82), (0.06, 1.22),
)
WEIGHTS = Path(__file__).with_name("reader.npz")


class Number(NamedTuple):
    """What :func:`read_number` found."""

    text: str | None
    reason: str | None
    digits: list
    probability: float


def read_number(image, model=None, threshold=THRESHOLD):
    """Read the number on a line, or say why a person must.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        A picture of one line, as
        :func:`helpers.handwriting.pictures.open_gray` takes it: dark on
        light or light on dark.
    model : callable, optional
        Takes an array of shape (count, 32, width, 1), float32 as
        :func:`normalise` makes it, and gives scores of shape (count, width
        / 2, 18), of SYMBOLS and nothing. By default :func:`load_reader`.
    threshold : float from 0.0 to 1.0
        A number of a lower probability is refused.

    Returns
    -------
    Number
        ``text`` : the digits in order, with the marks between them. None if
        the number is refused.
        ``reason`` : None, or why it is refused.
        ``digits`` : a list of (digit, probability, box), a box being (left,
        top, right, bottom) in pixels of the picture, upright: the columns
        are the digit's own, the rows the line's.
        ``probability`` : that these are the digits, and no others. Marks are
        not in it.

    Raises
    ------
    HandwritingError
        If the picture cannot be opened. A blank or noisy one is refused.
    ValueError
        If ``threshold`` is not from 0.0 to 1.0.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}: choose from 0.0 to 1.0.")
    _, gray, factor = open_gray(image, LONGEST)
    try:
        lines, boxes = look(1 - gray)
    except HandwritingError as error:
        return Number(None, str(error), [], 0.0)
    logs = score(model or load_reader(), lines)
    chances = merge_marks(logs)
    readings = [collapse(*pair) for pair in zip(logs, chances)]
    texts = [tuple(min(symbol, DIGITS) for symbol, *_ in reading
                   if symbol < DIGITS or symbol == OTHER)
             for reading in readings]
    likely = {text: np.exp(log_probability(chances, text))
              for text in set(texts)}
    text = max(likely, key=lambda text: likely[text].mean())
    probability = calibrate(likely[text].mean())
    own = max((place for place, other in enumerate(texts) if other == text),
              key=lambda place: likely[text][place])
    digits = [
        (digit, chance, tuple(round(float(at) / factor) for at in box))
        for digit, chance, box in locate(
            readings[own], chances[own], lines[own].shape[1], boxes[own])
    ]
    written = "".join(SYMBOLS[symbol] for symbol, *_ in readings[own])
    if not digits:
        reason = "No digit was found. Cut out the line with the number."
    elif DIGITS in text:
        reason = ("Something on the line is no digit: a letter, a scribble, "
                  "or a digit that is crossed out.")
    elif probability < threshold:
        reason = (f"It may read {written}, with a probability of "
                  f"{probability:.0%}, and {threshold:.0%} is asked for.")
    else:
        return Number(written, None, digits, probability)
    return Number(None, reason, digits, probability)


def look(dark):
    """Find the line in a picture, and crop it in several ways.

    Parameters
    ----------
    dark : array of shape (height, width), float32
        0.0 for white to 1.0 for black.

    Returns
    -------
    lines : list of arrays of shape (32, width), float32
        As :func:`normalise` makes them.
    boxes : list of (left, top, right, bottom)
        Where in the picture each of them is.

    Raises
    ------
    HandwritingError
        If it is blank, or too long.
    """
    low, middle, high = np.percentile(dark, [1, 50, 99])
    if high - low < 0.02:
        raise HandwritingError(
            "The picture is blank: no ink was found. Is it the right file?")
    if middle - low > high - middle:  # light ink on dark paper
        dark = 1 - dark
    height, width = dark.shape
    left, top, right, bottom = find_line(dark)
    if right - left > LONG * (bottom - top):
        raise HandwritingError(
            f"The line is {(right - left) / (bottom - top):.0f} times as long "
            "as it is high. Cut out the number.")
    picture = Image.fromarray(dark.astype(np.float32))
    lines, boxes, work = [], [], 0
    for margin, stretch in LOOKS:
        if margin is None:
            edge = (bottom - top) * 0.7
            box = max(left - edge, 0), 0, min(right + edge, width), height
            if bottom - top < 0.45 * height:
                continue
        else:
            edge = (bottom - top) * margin
            box = (max(left - 3 * edge, 0), max(top - edge, 0),
                   min(right + 3 * edge, width), min(bottom + edge, height))
        size = HEIGHT * stretch * (box[2] - box[0]) / (box[3] - box[1])
        size = max(COLUMN * 4, round(size))
        work += size
        if lines and work > WORK:
            break
        line = picture.resize((size, HEIGHT), Image.Resampling.BILINEAR, box)
        lines.append(normalise(np.asarray(line)))
        boxes.append(box)
    return lines, boxes


def find_line(dark):
    """Find the box of the ink: left, top, right and bottom, in pixels."""
    height, width = dark.shape
    factor = max(1, height / 96, width / 1024)
    small = np.asarray(Image.fromarray(dark).resize(
        (max(1, round(width / factor)), max(1, round(height / factor))),
        Image.Resampling.BOX))
    flat = small - ground(small, 21, 10)
    ink = flat > max(threshold_otsu(flat), 1e-3)
    ink[ink.mean(1) > 0.6] = False  # printed rules
    ends = []
    for sums in ink.sum(0), ink.sum(1):
        sums = ndimage.gaussian_filter1d(sums.astype(float), 1)
        found = np.flatnonzero(sums > 0.1 * sums.max(initial=0))
        ends += [found[0], found[-1] + 1] if len(found) else [0, len(sums)]
    left, right, top, bottom = np.array(ends) * factor
    bottom = min(max(bottom, top + 8), height)
    return left, max(0, min(top, bottom - 8)), min(right, width), bottom


def ground(dark, reach, smooth):
    """Return the paper's own shade, in an array of the same shape."""
    low = ndimage.gaussian_filter(
        ndimage.minimum_filter(dark[::2, ::2], reach // 2 + 1), smooth / 2)
    return ndimage.zoom(low, 2, order=1)[:dark.shape[0], :dark.shape[1]]


def normalise(line):
    """Make paper 0.0 and ink 1.0, whatever its contrast and its shades.

    Parameters
    ----------
    line : array of shape (32, width)
        The higher, the darker, in any unit.

    Returns
    -------
    array of the same shape, float32, from -0.5 to 1.5
    """
    line = line - ground(line, 20, 10)
    low, high = np.percentile(line, [40, 99])
    return np.clip((line - low) / max(high - low, 1e-3), -0.5, 1.5).astype(
        np.float32)


def score(model, lines):
    """Ask the network about lines, together.

    Returns
    -------
    list of arrays of shape (columns, 18), float
        Logarithms of the probabilities, of as many columns as each has.
    """
    width = -(-max(line.shape[1] for line in lines) // 32) * 32
    batch = np.zeros((len(lines), HEIGHT, width, 1), np.float32)
    for place, line in enumerate(lines):
        batch[place, :, :line.shape[1], 0] = line
    scores = np.asarray(model(batch), float)
    scores -= scores.max(2, keepdims=True)
    scores -= np.log(np.exp(scores).sum(2, keepdims=True))
    return [row[:-(-line.shape[1] // COLUMN)]
            for row, line in zip(scores, lines)]


def merge_marks(logs):
    """Keep ten digits, other ink, and nothing: for which marks now count.

    Returns
    -------
    list of arrays of shape (columns, 12), float
    """
    return [np.column_stack([
        log[:, :DIGITS], log[:, OTHER],
        np.logaddexp.reduce(log[:, MARKS], axis=1),
    ]) for log in logs]


def collapse(log, chance):
    """Read the best symbol of each column, and join them as CTC does.

    Returns
    -------
    list of (symbol, first, stop)
        An index of SYMBOLS, and the columns where it is seen.
    """
    marks = np.array(MARKS)[log[:, MARKS].argmax(1)]
    best = np.append(np.array([*range(DIGITS), OTHER, -1])[
        chance.argmax(1)], NOTHING)
    best[:-1] = np.where(best[:-1] < 0, marks, best[:-1])
    starts = np.flatnonzero(np.diff(best, prepend=NOTHING))
    return [(int(best[start]), int(start), int(stop)) for start, stop in zip(
        starts, starts[1:]) if best[start] != NOTHING]


def log_probability(chances, text):
    """Compute how probable a text is in each look, in all ways to write it.

    Parameters
    ----------
    chances : list of arrays of shape (columns, 12)
        As :func:`merge_marks` gives them.
    text : tuple of int
        Digits, and 10 for other ink.

    Returns
    -------
    array of shape (looks,)
        Logarithms of the probabilities, by CTC's forward recursion.

    Notes
    -----
    A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist
    Temporal Classification", ICML 2006, section 4.1.
    """
    columns = max(len(chance) for chance in chances)
    padded = np.full((columns, len(chances), DIGITS + 2), -np.inf)
    padded[..., -1] = 0
    for place, chance in enumerate(chances):
        padded[:len(chance), place] = chance
    path = np.full(2 * len(text) + 1, DIGITS + 1)
    path[1::2] = text
    jump = np.full(len(path), -np.inf)  # over nothing, to another symbol
    jump[3::2][path[3::2] != path[1:-2:2]] = 0
    total = np.full((len(chances), len(path) + 2), -np.inf)
    total[:, 2] = 0
    for column in padded[..., path]:
        total[:, 2:] = column + np.logaddexp.reduce(
            [total[:, 2:], total[:, 1:-1], total[:, :-2] + jump])
    return np.logaddexp.reduce(total[:, -2:], axis=1)


def locate(reading, chance, size, box):
    """Return (digit, probability, box) for each digit of a reading."""
    left, top, right, bottom = box
    scale = (right - left) * COLUMN / size
    found = []
    for symbol, start, stop in reading:
        if symbol < DIGITS:
            reach = HEIGHT / 3 / COLUMN
            middle = (start + stop) / 2
            found.append((symbol, float(np.exp(chance[start:stop, symbol].max(
            ))), (left + max(middle - reach, 0) * scale, top,
                  min(left + (middle + reach) * scale, right), bottom)))
    return found


def calibrate(probability):
    """Turn the network's probability into one that real lines bear out."""
    return float(probability)


@cache
def load_reader():
    """Load the reader that comes with the project, as a function."""
    import keras
    import tensorflow as tf
    model = build_reader()
    with np.load(WEIGHTS) as file:
        model.set_weights([file[name].astype(np.float32) for name in file])
    return tf.function(lambda lines: model(lines, training=False),
                       input_signature=[tf.TensorSpec((None, HEIGHT, None, 1))])


def build_reader():
    """Build the network: pixels of a line to scores of 18 symbols a column.

    As it pools the height only, after its first layer, a line may be as wide
    as it likes.

    Returns
    -------
    keras.Model
    """
    import keras
    from keras import layers
    x = line = keras.Input((HEIGHT, None, 1))
    for count, pool in (24, (2, 2)), (48, (2, 1)), (80, (2, 1)), (112, (2, 1)):
        x = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D(pool)(x)
    x = layers.Reshape((-1, 2 * 112))(layers.Permute((2, 1, 3))(x))
    for count in 144, 144:
        x = layers.Dropout(0.1)(x)
        x = layers.Conv1D(count, 5, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(line, layers.Dense(NOTHING + 1)(x))
