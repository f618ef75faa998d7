"""Compose lines of handwriting, to train and to measure the reader with.

A line is made of glyphs: MNIST's digits, digits and marks that are drawn
because MNIST lacks them, and letters that are no digits. A glyph is kept as
its signed distances: how far each pixel is from the edge of the ink. They can
be warped, and drawn with a pen of any width.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from scipy.interpolate import make_interp_spline
from skimage.morphology import skeletonize
from sklearn.datasets import load_digits

from helpers.handwriting.reader import HEIGHT, normalise

SIDE, BODY = 56, 40  # pixels: of a glyph's square, and of a digit in it
HEAD, FOOT = 8, 48  # rows between which a glyph's body is
INSIDE, STEPS = 8, 8  # distances are kept from -8 pixels, in steps of 1/8
PEOPLE = 20000  # MNIST's digits from which other people's are added
HANDS = json.loads(
    Path(__file__).with_name("hands.json").read_text(encoding="utf-8"))


class Glyphs(NamedTuple):
    """Signed distances of glyphs, and what each of them is.

    ``distances`` has shape (count, 56, 56), uint8; ``boxes`` (count, 4): the
    top, bottom, left and right of the ink, in pixels; ``halves`` (count,):
    half the width of its strokes, in pixels. ``places`` maps a text to the
    indices of its glyphs by people, and of those that are drawn.
    """

    distances: np.ndarray
    boxes: np.ndarray
    halves: np.ndarray
    places: dict


def make_glyphs(images, labels, fonts="fonts", drawn=60):
    """Make all that lines are composed of: Glyphs.

    Takes MNIST's digits, of shape (count, 28, 28), uint8, light on dark, and
    their labels. One of every two becomes a line of no width, for pens of any
    width. Letters are drawn in Matplotlib's "fonts" of hands.json, or in its
    "other fonts", to measure with; each drawn form ``drawn`` times, each time
    otherwise.
    """
    rng = np.random.default_rng(0)
    made = []
    for place, (image, label) in enumerate(zip(images, labels)):
        ink = ndimage.zoom(image.astype(np.float32), 2, order=1) > 110
        made.append((skeletonize(ink) if place % 2 else ink, str(label)))
    if len(images) > PEOPLE:  # 43 Turkish writers, 8 by 8 pixels
        for image, label in zip(*load_digits(return_X_y=True)):
            ink = ndimage.zoom(np.pad(image.reshape(8, 8), 3), 4) > 8
            made.append((skeletonize(ink), str(label)))
    people = len(made)
    for text, forms in HANDS["forms"].items():
        made += [(draw(form, rng), text) for form in forms * drawn]
    for place in rng.integers(people, size=drawn * 5):
        made += [(_coil(count, rng), "0" * count) for count in (2, 3)]
        scribble = rng.uniform(HEAD, FOOT, (rng.integers(7, 13), 2))
        made += [(_stroke([scribble]), "x"),
                 (_cross_out(made[place][0], rng), "x")]
    folder = Path(matplotlib.get_data_path(), "fonts/ttf")
    for name in HANDS[fonts]:
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 52)
        for letter in HANDS["letters"]:
            picture = Image.new("L", (SIDE, SIDE))
            ImageDraw.Draw(picture).text(
                (SIDE / 2, FOOT), letter, 255, font, anchor="ms")
            ink = np.asarray(picture) > 127
            made += [(ink, "x"), (skeletonize(ink), "x")]
    texts = np.array([text for _, text in made])
    places = {}
    for text in np.unique(texts):
        at = np.flatnonzero(texts == text)
        places[str(text)] = at[at < people], at[at >= people]
    distances, boxes, halves = zip(*(_measure(ink) for ink, _ in made))
    return Glyphs(np.stack(distances), np.array(boxes), np.array(halves),
                  places)


def _measure(ink):
    """Return a glyph's distances, its box and half its strokes' width."""
    inside = ndimage.distance_transform_edt(ink)
    distance = ndimage.distance_transform_edt(~ink) - inside
    (rows, columns), = ndimage.find_objects(ink.astype(int))
    return (np.clip((distance + INSIDE) * STEPS, 0, 255).astype(np.uint8),
            (rows.start, rows.stop, columns.start, columns.stop),
            np.percentile(inside[ink], 85) - 0.5)


def draw(form, rng):
    """Draw one of the forms, each time otherwise, as a mask."""
    lines, moved = [], {}
    stretch = BODY * np.array([1, rng.uniform(0.45, 0.95)])
    for line in form.split("|"):
        for point in line.split():
            at = np.array([ord(part) - ord("0") for part in point[::-1]]) / 9
            moved.setdefault(point, (at + rng.normal(0, 0.045, 2) - 0.5)
                             * stretch + SIDE / 2)
        lines.append([moved[point] for point in line.split()])
    return _stroke(lines)


def _coil(count, rng):
    """Draw zeros that are connected, as one line, as a mask."""
    turns = np.linspace(-0.3, count - 0.1 + 0.3 * rng.random(), 20 * count)
    radius, step = rng.uniform(4, 9), rng.uniform(9, 17)  # pixels
    angle = 2 * np.pi * turns + rng.uniform(-0.5, 0.5)
    rows = radius * rng.uniform(0.9, 1.7) * np.cos(angle)
    rows *= rng.choice([-1, 1, 1])  # connected at the foot, or at the head
    columns = step * (turns - count / 2) - radius * np.sin(angle)
    points = np.stack([rows, 0.9 * columns], 1) + SIDE / 2
    return _stroke([points + rng.normal(0, 0.3, points.shape)])


def _cross_out(ink, rng):
    """Draw two strokes across a digit, or one from side to side and back."""
    rows, columns = (HEAD, FOOT, HEAD, FOOT), (12, 44, 44, 12)
    if rng.random() < 0.5:  # downwards, from side to side
        rows, columns = (8, 21, 34, 48), (12, 44, 12, 44)
    points = np.stack([rows, columns], 1) + rng.normal(0, 3, (4, 2))
    return ink | _stroke(
        [points[:2], points[2:]] if rng.random() < 0.7 else [points])


def _stroke(lines):
    """Draw smooth lines through (row, column) points, as a mask."""
    ink = np.zeros((SIDE, SIDE), bool)
    for line in lines:
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
        at = np.concatenate([[0], np.cumsum(np.sqrt(steps + 0.01))])
        curve = make_interp_spline(at, line, k=min(2, len(line) - 1))(
            np.linspace(0, at[-1], 300))
        ink[tuple(np.clip(curve.round(), 0, SIDE - 1).astype(int).T)] = True
    return ink


def compose(glyphs, rng, text=None, gap=None, paper=1.0, boxed=None):
    """Compose a line of handwriting.

    Takes Glyphs; a numpy.random.Generator; what is written, of the reader's
    SYMBOLS and spaces, by default as on forms, and sometimes nothing or no
    digit; the gap between digits in pixels, by default another for each line;
    how often, and how much, the paper is printed on, tinted and dirty, from
    0.0 to 1.0; and whether every digit stands in a printed box.

    Returns the line, of shape (32, width), float32 from about 0.0 for paper to
    about 1.0 for ink, and what is written, without spaces.
    """
    if text is None:
        text = rng.choice(HANDS["texts"])
        if "d" in text and rng.random() < 0.3:
            text += rng.choice(HANDS["ends"])
        text = re.sub("d", lambda _: str(rng.integers(10)), text)
    boxed = rng.random() < 0.08 if boxed is None else boxed
    if boxed:  # some of the boxes are empty
        text = " " * rng.integers(0, 3) + text + " " * rng.integers(0, 3)
    neat = rng.random() < 0.3
    high = rng.uniform(13, 29)  # pixels, as are all lengths here
    head = rng.uniform(1, max(1, 30 - high))
    hand = {  # what a writer's digits have in common
        "slant": rng.normal(0.15, 0.22),
        "wild": rng.uniform(0, 1) if neat else rng.uniform(0.7, 2.5),
        "width": np.exp(rng.uniform(-0.35, 0.5)),
        "pen": high * np.exp(rng.uniform(np.log(0.025), np.log(0.11))),
        "drawn": rng.random() < (0.1 if neat else 0.5)}
    paper *= 0.3 if neat else 1
    if gap is None:
        gap = high * rng.uniform(*[(-0.12, 0.02), (0, 0.08), (0.05, 0.25),
                                   (0.2, 0.9)][rng.integers(4)])
    rise, pitch = rng.normal(0, 0.02), high * rng.uniform(0.9, 1.3)
    small = rng.uniform(0.45, 0.85) if rng.random() < 0.25 else 1
    edge = np.full((HEIGHT, int(2 * high * len(text) + 8 * high)), 9.0)
    right, count = np.full(HEIGHT, 2 * high), 0
    connected = "000|00|." if rng.random() < 0.25 else "."
    for written in re.findall(connected, text):
        if written == " ":
            right += high * rng.uniform(0.2, 0.6)
            count += boxed
            continue
        own = high * rng.uniform(0.85, 1.12)
        foot = head + high + rise * right.max() + rng.normal(0, 0.03) * high
        if written == "x":
            own *= rng.uniform(0.7, 1.1)
        elif written in "-=":
            foot += rng.normal(0, 0.12) * high
        elif written[0] == "0" and count > 1:
            if len(written) > 1:
                small = rng.uniform(0.4, 1)
            own, foot = own * small, foot - high * (1 - small) * rng.random()
        patch = _warp(glyphs, written, foot - own, foot, hand, rng)
        ink, columns = patch < 0, np.arange(patch.shape[1])
        left = np.where(ink, columns, patch.shape[1]).min(1)
        near = ndimage.minimum_filter1d(left, 7)
        at = gap + rng.normal(0, 0.03) * high + max(
            (right - near).max(), right.max() - high * 0.7 - left.min())
        if boxed:
            middle = np.average(columns, weights=ink.any(0) + 1e-9)
            at = 2 * high + pitch * (count + 0.5) - middle
        at = max(0, min(round(at), edge.shape[1] - patch.shape[1]))
        here = edge[:, at:at + patch.shape[1]]
        np.minimum(here, patch, out=here)
        right = np.maximum(
            right - 2, np.where(ink, columns + at, -1).max(1))
        count += len(written)
    found = np.flatnonzero((edge < 0).any(0))
    if boxed and count:
        start, stop = 2 * high, 2 * high + pitch * count
    elif len(found):
        start, stop = found[0], found[-1] + 1
    else:
        start, stop = 0, high * rng.uniform(1, 5)
    around = high * rng.exponential(0.15, 2) * rng.choice([1, 1, 4])
    start, stop = max(0, int(start - around[0])), int(stop + around[1])
    grid = (2 * high - start, pitch) if boxed and count else None
    return _scan(edge[:, start:max(stop, start + 8)], high, head, grid, paper,
                 rng), text.replace(" ", "")


def _warp(glyphs, text, head, foot, hand, rng):
    """Draw a glyph between two rows of a line, slanted and warped.

    The result, of shape (32, width), holds how many pixels each of its pixels
    is from the edge of the ink, negative inside it.
    """
    people, forms = glyphs.places[text]
    is_drawn = len(forms) and (hand["drawn"] or rng.random() < 0.15)
    glyph = rng.choice(forms if is_drawn or len(people) == 0 else people)
    top, bottom, left, right = glyphs.boxes[glyph]
    if not text.isdigit():  # it may be low
        top, bottom = HEAD, FOOT
    scale = (bottom - top) / (foot - head)  # a glyph's pixels for one here
    slant = hand["slant"] + rng.normal(0, 0.06)
    wide = hand["width"] * rng.uniform(0.88, 1.14)
    half = int((right - left) / scale * wide + abs(slant) * (foot - head)) // 2
    columns = np.arange(-half - 4, half + 5, dtype=np.float32)
    rows = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
    y = top + (rows - head) * scale
    x = (left + right) / 2 + scale / wide * (
        columns + slant * (rows - (head + foot) / 2))
    bend = rng.normal(0, hand["wild"], 4)  # a glyph's pixels
    turn, cycle = rng.uniform(0, 6.3, 4), rng.uniform(0.06, 0.2, 4)  # radians
    x = x + bend[0] * np.sin(cycle[0] * y + turn[0]) + bend[1] * np.sin(
        cycle[1] * x + turn[1])
    y = y + bend[2] * np.sin(cycle[2] * x + turn[2]) + bend[3] * np.sin(
        cycle[3] * y + turn[3])
    found = ndimage.map_coordinates(
        glyphs.distances[glyph], [y, x], np.float32, order=1, cval=255)
    thick = glyphs.halves[glyph] / scale
    pen = max(hand["pen"] * rng.uniform(0.85, 1.15), 0.5 * thick)
    return (found / STEPS - INSIDE) / scale + thick - pen


def _scan(edge, high, head, grid, paper, rng):
    """Put ink on paper, and look at it as a camera or a scanner does."""
    ink = np.clip(0.5 - edge / rng.uniform(0.8, 1.6), 0, 1)
    dark = rng.uniform(0.45, 1)
    ink *= dark * (1 - rng.uniform(0, 0.5) * _clouds(ink.shape, rng))
    ground = _print_paper(ink.shape, high, head, grid, dark, paper, rng)
    line = ink + ground * (1 - ink)
    if rng.random() < 0.08 * paper:
        line = 1.0 * (line > ground.mean() + rng.uniform(0.4, 0.6) * dark)
    else:
        line = ndimage.gaussian_filter(line, rng.uniform(0, 0.9))
        line += rng.normal(0, rng.exponential(0.03), line.shape)
    return normalise(line)


def _clouds(shape, rng):
    """Make a smooth field from 0.0 to 1.0."""
    grid = rng.random((3, shape[1] // 12 + 2), np.float32)
    return ndimage.zoom(
        grid, np.divide(shape, grid.shape), order=1, mode="nearest")


def _print_paper(shape, high, head, grid, dark, paper, rng):
    """Make paper: its tint, its pattern, its rules and its dirt."""
    rows, columns = np.ogrid[:shape[0], :shape[1]]
    ground = paper * (rng.exponential(0.1) * _clouds(shape, rng)
                      + rng.normal(0, 0.15) * columns / shape[1])
    dark = paper * dark * min(rng.exponential(0.2), 0.65)
    patterns = rng.choice([0, 1, 1, 2, 3]) * (rng.random() < paper)
    for _ in range(patterns):
        ground += dark / np.sqrt(patterns) * _pattern(rows, columns, rng)
    rough = rng.normal(0, paper * min(rng.exponential(0.06), 0.2), shape)
    ground += ndimage.gaussian_filter(rough, rng.uniform(0, 1))
    foot = head + high
    rules = [level for chance, level in (
        (0.35, foot + rng.normal(1, 3)), (0.1, rng.uniform(0, 4)),
        (0.06, rng.uniform(0, HEIGHT))) if rng.random() < chance * paper]
    posts = [post for post in (rng.uniform(-1, 4), shape[1] - rng.uniform(
        0, 4)) if rng.random() < 0.05 * paper]
    if grid:
        rules += [head - rng.uniform(0, 5), foot + rng.uniform(0, 5)]
        posts = np.arange(grid[0], shape[1] + 2, grid[1])
        posts = [*posts, *posts + rng.choice([0, 0, 2, 3, 4])]
    printed, thick = rng.uniform(0.2, 0.9), rng.uniform(0.4, 1.3)
    lean = rng.normal(0, 0.01)
    lines = [np.abs(rows - rule - lean * columns) for rule in rules]
    lines += [np.abs(columns - post + lean * rows) for post in posts]
    if rng.random() < 0.08 * paper:  # an end of a rule at the left
        lines.append(np.maximum(np.abs(rows - foot + high * rng.uniform(
            0.1, 0.7)), columns - rng.uniform(2, 12)))
    if rng.random() < 0.1 * paper:  # the feet of the line above
        lines += [np.abs(rng.uniform(7, 10) - np.hypot(
            (columns - at) / rng.uniform(0.5, 1), rows + rng.uniform(3, 7)))
            for at in rng.uniform(0, shape[1], rng.integers(1, 4))]
    for line in lines:
        ground = np.maximum(
            ground, printed * np.clip(thick + 0.5 - line, 0, 1))
    return ground


def _pattern(rows, columns, rng):
    """Make a security pattern: waves whose lines are curved themselves."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 7)
    bend, long = rng.uniform(0, 4), rng.uniform(10, 50, 2)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    along = along + bend * np.sin(columns / long[0]) * np.cos(
        rows / long[1] + angle)
    waves = 0.5 + 0.5 * np.sin(along * 2 * np.pi / period)
    return waves ** rng.choice([1, 2, 4])
