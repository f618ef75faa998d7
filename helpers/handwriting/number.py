"""Read a line with several digits: an amount, a postcode, a date.

The line is cut into digits, and the recogniser says what each is. Digits
that touch are cut in several ways, and the cuts whose parts the recogniser
is surest of are taken. A number that is not sure enough goes to a person, and
so does a date with a "/" that is longer than its digits; one that is not
looks like a 1, and is read as such.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from helpers.handwriting.ink import find_ink, stroke_width
from helpers.handwriting.number_digits import (
    MOST_PIECES,
    RINGED,
    find_pieces,
    fit,
    is_ringed,
    join,
)
from helpers.handwriting.paper import clean
from helpers.handwriting.pictures import HandwritingError, open_gray

THRESHOLD = 0.9  # chosen on lines of validation digits, see the bench
LONGEST = 1600  # pixels: a line is longer than a single digit
BODY = 0.4  # of the highest digits: what is lower is no digit
MARK = 0.55  # of the digits' height: what is higher is no point or comma
DIRT = 0.5  # pen widths: a blob of a smaller diameter is dirt
POINT = 0.8  # pen widths: one of a larger diameter was made by the pen
OUTSIDE = 1.5  # pen widths: a larger blob beside the number is not ignored
APART = 0.95  # pen widths: a mark that is nearer to a digit may be of it
COMMA = 1.4  # times its width: a point that is so much higher is a comma
# A "/" between digits is longer than they are, leans, and is straight. These
# limits hold for 11 of 801 ones in lines of validation digits, and for 106
# of 120 strokes drawn to be a "/".
LONGER, SHORT = 0.1, 0.03  # of the digits' height: in all, and at either end
LEAN, STRAIGHT = 0.14, 1.15  # right by its height; times its stroke's width
WIDE = 1.0  # times the line's height: a wider digit may be two
WIDEST = 2.0  # and what is so wide is never read as one piece of several
UNSURE = 0.9  # probability below which any digit may be two
CUTS = 6  # places to try, for each width of one digit
# Widths of the stroke and slants with which each digit is drawn to be read.
# One keeps its stroke: a thinner one would make a 1 of a 0 that is full.
HANDS = [
    ((1.6, 3.8), 0.0), ((2.5, 2.5), 0.0), ((3.2, 3.2), 0.0),
    ((2.5, 2.5), 0.2), ((2.5, 2.5), -0.2),
]
DEEPEST = 3.0  # pen widths of ink: a cut goes through less
# What a way to cut costs, in nats. Chosen on 420 lines of validation digits,
# 300 of them touching: with one cost for each cut, two digits that touch were
# often read as one (of the 300, 7.7 % wrong at a threshold of 0.9; now 1.7).
DOUBT = 1.5  # times the negative logarithm of a digit's probability
INK = 0.7  # each pen width of ink that is cut
SEVERAL = 1.3  # times the line's height: ink so wide is no single digit
CUT, NEEDED = 0.8, -0.5  # each cut through one that may be; that is not
LOW, HIGH = 40.0, 0.8  # a digit lower than 0.8 of the line, squared
SHARP = 4.0  # how fast a reading loses weight with its cost
WAYS = 8  # readings of joined digits that are kept beside the best


class Number(NamedTuple):
    """What :func:`read_number` found."""

    text: str | None
    reason: str | None
    digits: list
    probability: float


def read_number(image, model, threshold=THRESHOLD):
    """Read the number on a line, or say why a person must.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        A picture of one line, as
        :func:`helpers.handwriting.pictures.open_gray` takes it.
    model : callable
        Takes an array of shape (count, 28, 28, 1), float32 from 0.0 to 1.0,
        and gives the probabilities of the ten digits, of shape (count, 10):
        a Keras model, for example.
    threshold : float from 0.0 to 1.0
        A number of a lower probability is refused.

    Returns
    -------
    Number
        ``text`` : the digits in order, with what is written between them:
        "." a point at their foot, "," a comma, "'" a mark at their head,
        "-" a dash. None if the number is refused.
        ``reason`` : None, or why it is refused.
        ``digits`` : a list of (digit, probability, box), a box being (left,
        top, right, bottom) in pixels of the picture, upright.
        ``probability`` : the product of the digits' probabilities, and of
        the share of this reading among others, if digits were cut apart.

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
        mask = find_ink(*clean(gray))
        bodies, smalls = find_bodies(mask)
    except HandwritingError as error:
        return Number(None, str(error), [], 0.0)
    factor *= mask.shape[0] / gray.shape[0]  # a tiny picture was enlarged
    parts, chosen, certainty = recognise(bodies, model)
    digits = [
        (digit, probability, tuple(round(at / factor) for at in part.box))
        for part, (digit, probability) in zip(parts, chosen)
    ]
    probability = certainty * float(np.prod([entry[1] for entry in digits]))
    try:
        check_slashes(parts)
        text = write(digits, parts, smalls, stroke_width(mask))
    except HandwritingError as error:
        return Number(None, str(error), digits, probability)
    if probability < threshold:
        worst = min(digits, key=lambda entry: entry[1])
        reason = (
            f"It may read {text}, with a probability of {probability:.0%}, "
            f"and {threshold:.0%} is asked for. The least sure digit is the "
            f"{worst[0]} at column {worst[2][0]} ({worst[1]:.0%})."
        )
        return Number(None, reason, digits, probability)
    return Number(text, None, digits, probability)


class Part(NamedTuple):
    """Ink cut out of the line, and where its corner was."""

    mask: np.ndarray
    left: int
    top: int

    @property
    def box(self):
        """(left, top, right, bottom) in pixels of the line."""
        height, width = self.mask.shape
        return self.left, self.top, self.left + width, self.top + height

    @property
    def points(self):
        """(row, column) of each pixel of ink, in pixels of the line."""
        return np.argwhere(self.mask) + np.array([self.top, self.left])


def cut_out(mask, left=0, top=0):
    """Cut a mask, whose corner is at (left, top), to the box of its ink."""
    (rows, columns), = ndimage.find_objects(mask.astype(np.int8))
    return Part(mask[rows, columns], left + columns.start, top + rows.start)


def find_bodies(mask):
    """Tell the digits of a line from what is too small to be one.

    Returns
    -------
    bodies : list of Part
        Digits, or several that touch, from left to right.
    smalls : list of Part
        Marks and dirt.

    Raises
    ------
    HandwritingError
        If there is only noise, more than one line, or a ring.
    """
    labels, areas, places = find_pieces(mask)
    heights = np.array([rows.stop - rows.start for rows, _ in places])
    tall = heights >= BODY * heights[areas >= 0.1 * areas.max()].max()
    if len(areas) > MOST_PIECES and (
        areas[tall].sum() < 0.5 * areas.sum() or tall.sum() > MOST_PIECES
    ):
        raise HandwritingError(
            f"Noise or a pattern was found: {len(areas)} pieces of ink, most "
            "of them no digits."
        )
    height = np.median(heights[tall])
    middles = np.array([(rows.start + rows.stop) / 2 for rows, _ in places])
    middle = np.median(middles[tall])
    if np.ptp(middles[tall]) > 0.9 * height:
        raise HandwritingError(
            "The digits do not stand on one line. Cut out a single line."
        )
    bodies, smalls = [], []
    kept = np.flatnonzero(heights >= 0.02 * height)
    for group in join([places[piece] for piece in kept]):
        part = cut_out(np.isin(labels, kept[group] + 1))
        _, top, _, bottom = part.box
        # Long commas are as high as small digits, but keep to the foot.
        is_body = (
            bottom - top >= BODY * heights[tall].max()
            and top < middle + 0.1 * height
            and bottom > middle - 0.1 * height
        )
        (bodies if is_body else smalls).append(part)
        if is_body and is_ringed(part.mask):
            raise HandwritingError(RINGED)
    if not bodies:
        raise HandwritingError(
            "The ink forms no digit. Cut out the line with the number."
        )
    return bodies, smalls


def recognise(bodies, model):
    """Read all bodies, cutting those apart that may be several digits.

    Returns
    -------
    parts : list of Part
        One for each digit.
    chosen : list of (digit, probability)
        What each of them is.
    certainty : float from 0.0 to 1.0
        How likely it is that all cuts are right, 1.0 if there are none.
    """
    answers = ask([body.mask for body in bodies], model)
    height = np.median([body.mask.shape[0] for body in bodies])
    parts, chosen, sure = [], [], 1.0
    for body, answer in zip(bodies, answers):
        if body.mask.shape[1] > WIDE * height or answer[1] < UNSURE:
            pieces, found, certainty = split(body, answer, height, model)
        else:
            pieces, found, certainty = [body], [answer], 1.0
        parts += pieces
        chosen += found
        sure *= certainty
    return parts, chosen, sure


def ask(masks, model):
    """Return the digit and its probability for each mask.

    Each is drawn with other pens and slants, too, and the mean of the
    recogniser's probabilities counts: what is right stays right.
    """
    images = np.stack([
        fit(mask, strokes, slant)
        for mask in masks for strokes, slant in HANDS
    ])
    images = images[..., np.newaxis].astype(np.float32) / 255
    probabilities = np.asarray(model(images))
    probabilities = probabilities.reshape(len(masks), len(HANDS), -1).mean(1)
    return [(int(row.argmax()), float(row.max())) for row in probabilities]


def split(body, answer, height, model):
    """Cut a body into the digits that the recogniser is surest of.

    All pieces between two cuts are read at once. The best way from the left
    end to the right has the least cost: of doubt about its digits, of the ink
    that is cut, of digits that are too wide or too low. A cut costs more than
    none, unless the ink is too wide to be one digit.

    Returns
    -------
    parts, chosen, certainty
        As :func:`recognise`. The certainty is the best way's share of all
        ways that read the same or something else.
    """
    pen = stroke_width(body.mask)
    seams = [(np.zeros(len(body.mask), int), 0.0)]
    seams += [(seam, depth / pen) for seam, depth in
              find_seams(body.mask, height) if depth < DEEPEST * pen]
    seams.append((np.full(len(body.mask), body.mask.shape[1]), 0.0))
    last = len(seams) - 1
    cut = CUT if body.mask.shape[1] <= SEVERAL * height else NEEDED
    parts = {}
    for start in range(last):
        for stop in range(start + 1, last + 1):
            part = _between(body, seams[start][0], seams[stop][0])
            if part is not None and part.mask.shape[0] > BODY * height and (
                part.mask.shape[1] < WIDEST * height
            ):
                parts[start, stop] = part
    parts[0, last] = body
    answers = dict(zip(parts, ask([p.mask for p in parts.values()], model)))
    ways = {0: [(0.0, "", ())]}
    for stop in range(1, last + 1):
        found = {}
        for start in range(stop):
            if (start, stop) not in parts:
                continue
            digit, probability = answers[start, stop]
            high, wide = np.array(parts[start, stop].mask.shape) / height
            cost = cut + INK * seams[stop][1]
            cost -= DOUBT * np.log(probability + 1e-9)
            cost += 20 * max(0, wide - WIDE) ** 2
            cost += LOW * max(0, HIGH - high) ** 2
            for so_far, text, way in ways.get(start, []):
                new = (so_far + cost, text + str(digit),
                       (*way, (start, stop)))
                found[new[1]] = min(new, found.get(new[1], new))
        ways[stop] = sorted(found.values())[:WAYS]
    costs = np.array([cost for cost, *_ in ways[last]])
    certainty = 1 / np.exp(SHARP * (costs[0] - costs)).sum()
    keys = ways[last][0][2]
    return ([parts[key] for key in keys], [answers[key] for key in keys],
            float(certainty))


def find_seams(mask, height):
    """Find ways from top to bottom that cross as little ink as possible.

    Returns
    -------
    list of (seam, depth)
        A seam is an array with its column in every row; its depth is the
        number of pixels of ink on it. By dynamic programming: a way goes
        down, straight or slanted by one pixel.
    """
    rows, width = mask.shape
    count = max(3, round(CUTS * width / height))
    reach = width / count
    seams = []
    for centre in np.linspace(0, width, count + 2)[1:-1]:
        left = max(1, int(centre - reach))
        right = min(width - 1, int(centre + reach) + 1)
        cost = mask[:, left:right].astype(np.float32)
        for row in range(1, rows):
            above = np.pad(cost[row - 1], 1, constant_values=np.inf)
            cost[row] += np.minimum.reduce(
                [above[:-2] + 0.01, above[1:-1], above[2:] + 0.01]
            )
        seam = np.empty(rows, int)
        seam[-1] = np.argmin(cost[-1])
        for row in range(rows - 2, -1, -1):
            first = max(0, seam[row + 1] - 1)
            seam[row] = first + np.argmin(cost[row, first:seam[row + 1] + 2])
        depth = mask[np.arange(rows), seam + left].sum()
        if not any(np.array_equal(seam + left, old) for old, _ in seams):
            seams.append((seam + left, float(depth)))
    return seams


def _between(body, start, stop):
    """Cut out what lies between two seams, without small rests."""
    columns = np.arange(body.mask.shape[1])
    mask = body.mask & (columns >= start[:, np.newaxis])
    return _trim(body, mask & (columns < stop[:, np.newaxis]))


def _trim(body, mask):
    """Cut out the largest pieces of what is left of a body."""
    labels, areas, _ = find_pieces(mask)
    if len(areas) == 0:
        return None
    mask = np.isin(labels, 1 + np.flatnonzero(areas > 0.1 * areas.max()))
    return cut_out(mask, body.left, body.top)


def check_slashes(parts):
    """See that no part is a "/", which the recogniser takes for a sure 1.

    Raises
    ------
    HandwritingError
        If one may be.
    """
    boxes = np.array([part.box for part in parts])
    for place, part in enumerate(parts[1:-1], start=1):
        head, foot = np.median(np.delete(boxes, place, 0)[:, [1, 3]], axis=0)
        height = foot - head
        left, top, _, bottom = part.box
        spread, axes = np.linalg.eigh(np.cov(part.points.T))
        down, right = axes[:, -1]  # the direction of the stroke
        if (
            bottom - top > (1 + LONGER) * height
            and max(top - head, foot - bottom) < SHORT * height
            and -right / down > LEAN
            # The first is how wide a bar with that spread would be.
            and np.sqrt(12 * spread[0]) < STRAIGHT * stroke_width(part.mask)
        ):
            raise HandwritingError(
                f'The stroke at column {left} may be a "/" or a 1: it leans, '
                "and is longer than the digits are high."
            )


def write(digits, parts, smalls, pen):
    """Put the digits and the marks between them in order.

    Raises
    ------
    HandwritingError
        If a mark between the digits cannot be told from dirt.
    """
    boxes = np.array([part.box for part in parts])
    signs = [((box[0] + box[2]) / 2, str(digit))
             for box, (digit, *_) in zip(boxes, digits)]
    first, last = boxes[:, 0].min(), boxes[:, 2].max()
    for small in smalls:
        left, top, right, bottom = small.box
        middle = (left + right) / 2
        size = 2 * np.sqrt(small.mask.sum() / np.pi)  # its diameter
        if size < DIRT * pen or (
            size < OUTSIDE * pen and not first < middle < last
        ):
            continue
        distance = np.abs(boxes[:, [0, 2]].mean(axis=1) - middle)
        nearest = boxes[np.argsort(distance)[:2]]
        head, foot = nearest[:, 1].mean(), nearest[:, 3].mean()
        level = ((top + bottom) / 2 - head) / (foot - head)
        sign = name_mark(right - left, bottom - top, level, foot - head)
        under = ((boxes[:, 0] < middle) & (middle < boxes[:, 2])).any()
        if sign is None or under or size < POINT * pen or (
            gap(small, parts) < APART * pen
        ):
            raise HandwritingError(
                f"A mark at column {left} may be a point, a part of a digit "
                "or dirt."
            )
        signs.append((middle, sign))
    return "".join(sign for _, sign in sorted(signs))


def gap(small, parts):
    """Measure how far a mark is from the nearest digit, in pixels."""
    digits = KDTree(np.vstack([part.points for part in parts]))
    return digits.query(small.points)[0].min()


def name_mark(width, height, level, line):
    """Name a mark by its shape and its level: 0.0 at head, 1.0 at foot."""
    if width > 1.5 * height and 0.3 < level < 0.7:
        return "-"
    if max(height, width) > MARK * line:
        return None
    if level > 0.75:
        long = height > COMMA * width or level > 1.05
        return "," if long else "."
    return "'" if level < 0.25 else None
