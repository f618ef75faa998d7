"""Compose lines of handwriting, to train and to measure the reader with.

A line is made of glyphs: MNIST's digits, digits and marks that are drawn
because MNIST lacks them, and letters that are no digits. A glyph is kept as
its signed distances: how far each pixel is from the edge of the ink. They can
be warped, and drawn with a pen of any width.
"""

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
MARGIN = (SIDE - BODY) // 2
INSIDE, STEPS = 8, 8  # a glyph's distances go to -8 pixels, in steps of 1/8

# How digits and marks are drawn: strokes through points, of which each is
# written as its column and its row from 0 to 9; a point written twice is a
# corner. After Continental hands, which MNIST has not.
DRAWN = {
    "0": ("50 22 05 28 59 78 95 72 50", "40 12 05 28 59 78 95 72 50 31 53 80",
          "60 22 05 28 59 78 94 71 41", "50 22 05 28 59 78 95 72 50|81 18",
          "30 04 07 39 79 96 93 60 30 33 52", "50 21 06 39 79 85 71 40 51 80"),
    "1": ("60 49", "50 59", "33 60 60 49", "15 50 50 48", "06 60 60 58",
          "24 50 50 59|29 89", "06 60 60 59|39 89", "14 43 60 60 59",
          "08 35 60 60 59", "09 50 50 59", "18 60 60 69", "07 40 40 59",
          "70 39"),
    "2": ("12 30 70 82 55 18 09 09 89", "11 40 81 64 28 09 07 38 89",
          "10 10 80 80 09 09 99", "02 30 72 45 08 16 38 59 97",
          "03 20 60 72 63 09 09 49 98", "14 11 40 61 45 18 07 36 58 98",
          "30 12 24 43 40 61 36 08 18 47 79", "11 30 61 54 27 09 28 59 97"),
    "3": ("10 60 82 54 34 54 86 69 29 07", "10 10 80 80 44 44 86 79 39 08",
          "11 40 72 44 44 77 49 18", "11 50 72 53 34 44 66 69 29 18 37",
          "10 80 44 75 78 49 08", "01 30 61 43 34 55 67 49 08"),
    "4": ("30 15 15 95|73 69", "60 06 06 96|60 60 69", "20 25 45 84|80 69",
          "10 14 45 84|80 80 79", "50 06 06 96|64 59", "10 05 55 84|80 69",
          "70 05 05 95|82 69", "20 14 25 64|70 62 59", "60 05 15 54 95|73 69"),
    "5": ("80 20 20 14 54 86 69 29 08", "20 14 54 86 69 29 08|20 90",
          "80 30 12 34 65 77 49 08", "30 24 54 76 69 29 08|31 91",
          "90 30 30 24 44 66 59 19 07", "90 50 43 45 57 49 29",
          "90 40 33 54 66 49 18", "70 31 23 52 74 67 39 08"),
    "6": ("70 33 07 39 79 86 55 17", "60 24 17 49 77 65 28",
          "80 40 14 17 49 79 76 45 16", "50 15 28 59 87 65 27",
          "90 52 15 28 59 77 75 54 27", "60 33 17 39 67 65 36"),
    "7": ("00 80 80 39", "00 80 80 39|25 75", "13 00 20 90 90 55 39|24 84",
          "03 10 40 71 90 90 64 49|34 85", "03 00 80 80 49|14 85",
          "02 20 51 90 90 39", "01 80 80 49|45 85", "12 10 90 59|45 84",
          "01 20 51 80 85 49"),
    "8": ("71 30 12 44 77 49 17 45 72 60", "80 41 13 55 87 49 17 45 81",
          "50 22 54 72 50|54 17 59 87 54", "72 50 22 35 67 49 27 65 91",
          "31 60 72 44 23 31|44 76 59 27 44", "80 50 22 53 77 59 26 44 72 80",
          "60 31 33 66 58 27 36 63 60"),
    "9": ("82 50 12 15 56 82 80 80 79", "72 40 12 25 54 71 70 75 59 19 07",
          "81 40 13 35 73 80 77 49 17 36", "70 30 03 34 72 70 49",
          "60 22 25 55 71 60 60 49", "81 50 22 35 64 81 77 59 27",
          "82 50 22 24 54 82 80 86 69 39", "70 30 03 35 63 80 67 39",
          "80 40 13 25 63 80 75 49 18", "63 40 12 24 54 72 81 76 49 27",
          "71 50 21 24 54 81 78 59 37 36 67", "42 60 82 74 44 31 50 42 38",
          "50 22 25 54 73 50 40 49"),
    ".": ("49 58", "49 59", "48 59 49"),
    ",": ("58 4:", "57 58 3:", "48 59 4:"),
    "-": ("15 85", "05 54", "26 95", "06 45 95"),
    "/": ("8/ 1:", "9. 0:", "8. 1;"),
    "'": ("50 42", "60 41"),
    "=": ("14 84|16 86", "04 83|16 76", "14 74|27 87"),
}
LETTERS = ("abcdfhkmnrtuvwxACEFGHKLMNRTUVWX?!%&@#$€+×*<>"
           "γεηλμνξπτχψωΓΔΞΠΣΦΨΩЖЮЯ")  # without those that are like digits
# Fonts that come with Matplotlib: to train with, and to measure with.
FONTS = ("DejaVuSans", "DejaVuSerif-Italic", "DejaVuSans-Oblique", "cmr10",
         "cmtt10", "STIXGeneral", "STIXGeneralBol", "DejaVuSerif-Bold")
OTHER_FONTS = ("DejaVuSansMono-Oblique", "cmss10", "STIXGeneralItalic",
               "cmb10", "DejaVuSerif", "cmti10")


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


def make_glyphs(images, labels, fonts=FONTS, drawn=60, seed=0):
    """Make all that lines are composed of.

    Parameters
    ----------
    images, labels : arrays of shape (count, 28, 28) and (count,)
        MNIST's digits, uint8, light on dark. One of every two becomes a line
        of no width, for pens of any width.
    fonts : sequence of str
        Names of Matplotlib's fonts, for letters.
    drawn : int
        How often each drawn form is drawn, each time otherwise.
    seed : int
        The same seed makes the same glyphs.

    Returns
    -------
    Glyphs
    """
    rng = np.random.default_rng(seed)
    made = []
    for place, (image, label) in enumerate(zip(images, labels)):
        ink = ndimage.zoom(image.astype(np.float32), 2, order=1) > 110
        made.append((skeletonize(ink) if place % 2 else ink, str(label)))
    if len(images) > 20000:  # 43 Turkish writers, 8 by 8 pixels
        small = load_digits()
        for image, label in zip(small.images, small.target):
            ink = ndimage.zoom(np.pad(image, 3), 4, order=3)
            made.append((skeletonize(ink > 8), str(label)))
    people = len(made)
    for text, forms in DRAWN.items():
        for form in forms * drawn:
            made.append((draw(form, rng), text))
    for _ in range(drawn * 5):
        made += [(coil(count, rng), "0" * count) for count in (2, 3)]
        points = rng.uniform(MARGIN, SIDE - MARGIN, (rng.integers(4, 9), 2))
        made.append((stroke([points]), "x"))  # a scribble
    folder = Path(matplotlib.get_data_path(), "fonts/ttf")
    for name in fonts:
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 52)
        nothing = font.getmask("\uffff")  # what it draws for want of a glyph
        for letter in LETTERS:
            picture = Image.new("L", (SIDE, SIDE))
            ImageDraw.Draw(picture).text(
                (SIDE / 2, SIDE - MARGIN), letter, 255, font, anchor="ms"
            )
            ink = np.asarray(picture) > 127
            if font.getmask(letter) != nothing and ink.any():
                made += [(ink, "x"), (skeletonize(ink), "x")]
    distances, boxes, halves = zip(*(measure(ink) for ink, _ in made))
    texts = np.array([text for _, text in made])
    places = {}
    for text in np.unique(texts):
        at = np.flatnonzero(texts == text)
        places[str(text)] = at[at < people], at[at >= people]
    return Glyphs(np.stack(distances), np.array(boxes), np.array(halves),
                  places)


def measure(ink):
    """Return a glyph's distances, its box and half its strokes' width."""
    inside = ndimage.distance_transform_edt(ink)
    distance = ndimage.distance_transform_edt(~ink) - inside
    rows, columns = ink.any(1).nonzero()[0], ink.any(0).nonzero()[0]
    steps = np.clip((distance + INSIDE) * STEPS, 0, 255).astype(np.uint8)
    return (steps, (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1),
            np.percentile(inside[ink], 85) - 0.5)


def draw(form, rng):
    """Draw a form of DRAWN, each time otherwise, as a mask of thin lines."""
    lines = []
    for line in form.split("|"):
        points = np.array([[ord(at) - ord("0") for at in point[::-1]]
                           for point in line.split()]) / 9
        moved = {tuple(p): p + rng.normal(0, 0.045, 2) for p in points}
        lines.append([moved[tuple(p)] for p in points])
    stretch = np.array([1, rng.uniform(0.45, 0.95)])
    return stroke([(np.array(line) - 0.5) * stretch * BODY + SIDE / 2
                   for line in lines])


def coil(count, rng):
    """Draw zeros that are connected, as one line, as a mask."""
    turns = np.linspace(-0.3, count - 0.1 + 0.3 * rng.random(), 20 * count)
    radius, step = rng.uniform(4, 9), rng.uniform(9, 17)
    angle = 2 * np.pi * turns + rng.uniform(-0.5, 0.5)
    high = radius * rng.uniform(0.9, 1.7)
    points = np.stack([SIDE / 2 - high * np.cos(angle),
                       step * (turns - count / 2) + SIDE / 2
                       - radius * np.sin(angle)], 1)
    return stroke([points * [1, 0.9] + rng.normal(0, 0.3, points.shape)])


def stroke(lines):
    """Draw smooth lines through (row, column) points, as a mask."""
    ink = np.zeros((SIDE, SIDE), bool)
    for line in lines:
        points = np.asarray(line, float)
        steps = np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1))
        at = np.concatenate([[0], np.cumsum(steps + 0.01)])
        curve = make_interp_spline(at, points, k=min(2, len(points) - 1))(
            np.linspace(0, at[-1], 300))
        rows, columns = np.clip(curve.round(), 0, SIDE - 1).astype(int).T
        ink[rows, columns] = True
    return ink


def compose(glyphs, rng, text=None, gap=None, paper=1.0, boxed=None):
    """Compose a line of handwriting.

    Parameters
    ----------
    glyphs : Glyphs
        As :func:`make_glyphs` makes them.
    rng : numpy.random.Generator
        Where chance comes from.
    text : str, optional
        What is written, of the reader's SYMBOLS and spaces; by default as on
        forms, and sometimes nothing or no digit.
    gap : float, optional
        Pixels between digits, by default a different one for each line; 0.0
        makes every digit touch the next.
    paper : float from 0.0 to 1.0
        How often, and how much, the paper is printed on, tinted and dirty.
    boxed : bool, optional
        Whether every digit stands in a printed box.

    Returns
    -------
    line : array of shape (32, width), float32
        About 0.0 for paper to about 1.0 for ink.
    text : str
        What is written, without spaces.
    """
    text = choose_text(rng) if text is None else text
    boxed = rng.random() < 0.06 if boxed is None else boxed
    high = rng.uniform(13, 29)
    head = rng.uniform(min(1, 30 - high), max(1, 30 - high))
    pen = high * np.exp(rng.uniform(np.log(0.025), np.log(0.11)))
    hand = {  # what a writer's digits have in common
        "slant": rng.normal(0.15, 0.22), "pen": pen,
        "width": np.exp(rng.uniform(-0.35, 0.5)),
        "drawn": rng.random() < 0.35, "wild": rng.uniform(0.7, 2.5),
    }
    if gap is None:
        gap = high * rng.choice([
            rng.uniform(-0.12, 0.02), rng.uniform(0, 0.08),
            rng.uniform(0.05, 0.25), rng.uniform(0.2, 0.9),
        ])
    rise, pitch = rng.normal(0, 0.02), high * rng.uniform(0.9, 1.3)
    small = rng.uniform(0.5, 0.8) if rng.random() < 0.15 else 1
    placed, at, right, place = [], 0.0, None, 0
    while place < len(text):
        if text[place] == " ":
            at, place = at + high * rng.uniform(0.2, 0.6), place + 1
            right = None if right is None else right + high * 0.3
            continue
        written = text[place]
        if text.startswith("00", place) and rng.random() < 0.2:
            written = text[place:place + (
                3 if text.startswith("000", place) else 2)]
        own = high * rng.uniform(0.85, 1.12)
        if written == "x":
            own *= rng.uniform(0.7, 1.1)
        foot = head + high + rise * at + rng.normal(0, 0.03) * high
        if written in "-=":
            foot += rng.normal(0, 0.12) * high
        if small < 1 and place > 1 and written[0] == "0":
            own, foot = own * small, foot - high * (1 - small) * rng.random()
        patch = warp(glyphs, pick(glyphs, written, hand["drawn"], rng),
                     foot - own, foot, written.isdigit(), hand, rng)
        ink = patch < 0
        if ink.any():
            columns = np.arange(patch.shape[1])[:, None].T
            left = np.where(ink, columns, 999).min(1)
            near = ndimage.minimum_filter1d(left, 7)
            if boxed:
                at = pitch * (len(placed) + 0.5) - np.median(
                    ink.any(0).nonzero()[0])
            elif right is not None:
                lower = right.max() - high * 0.7 - left.min()
                at = max((right - near).max(), lower) + gap + rng.normal(
                    0, 0.03) * high
            reach = np.where(ink, columns, -999).max(1) + at
            right = reach if right is None else np.where(
                reach > -500, reach, right - 2)
            placed.append((patch, round(at)))
        place += len(written)
    return finish(placed, high, head, pitch if boxed else None, paper,
                  rng), text.replace(" ", "")


def choose_text(rng):
    """Choose what is written on a line."""
    kind = rng.random()
    if kind < 0.03:
        return rng.choice(["", "", "-", "/", "="])
    if kind < 0.09:
        return " ".join("x" * rng.integers(1, 6) for _ in range(
            rng.integers(1, 3)))[:8]
    count = 1 if kind < 0.17 else rng.choice(
        np.arange(2, 11), p=[.1, .18, .2, .2, .14, .08, .05, .03, .02])
    digits = "".join(rng.choice(list("0123456789"), count))
    if kind < 0.11:  # a letter, or a crossed-out digit, between digits
        place = rng.integers(0, count)
        return digits[:place] + "x" + digits[place + 1:]
    if kind < 0.17:
        return digits
    zeros = rng.choice([0, 0, 0, 0, 0, 0, 1, 2, 3])
    if zeros < count:
        digits = digits[:count - zeros] + "0" * zeros
    style = rng.random()
    if style < 0.35 and count > 3:
        mark = rng.choice(list("....,,' "))
        head = (count - 1) % 3 + 1
        digits = digits[:head] + "".join(
            mark + digits[i:i + 3] for i in range(head, count, 3))
    elif style < 0.45 and count > 2:
        digits = digits[:-2] + rng.choice(list(".,,- ")) + digits[-2:]
    elif style < 0.53 and count > 3:
        mark = rng.choice(list("/-."))
        digits = mark.join([digits[:2], digits[2:4], digits[4:]]).strip(mark)
    end = rng.choice(["", ".-", ",-", "-", "=", ".", "--", "/", "'", ".=",
                      ","], p=[.66, .06, .04, .07, .05, .05, .02, .005, .015,
                               .02, .01])
    return rng.choice(["", "-", "="], p=[.9, .08, .02]) + digits + end


def pick(glyphs, text, drawn, rng):
    """Choose a glyph of a text: a drawn one, or one by people."""
    people, forms = glyphs.places[text]
    if len(people) == 0 or len(forms) and (drawn or rng.random() < 0.05):
        return forms[rng.integers(len(forms))]
    return people[rng.integers(len(people))]


def warp(glyphs, glyph, head, foot, whole, hand, rng):
    """Draw a glyph between two rows of a line, slanted and warped.

    Returns
    -------
    array of shape (32, width), float32
        Pixels to the edge of the ink, negative inside it.
    """
    top, bottom, left, right = glyphs.boxes[glyph]
    if not whole:  # a mark, or a letter, that may be low
        top, bottom = MARGIN, MARGIN + BODY
    scale = (bottom - top) / (foot - head)  # a glyph's pixels for one here
    slant = hand["slant"] + rng.normal(0, 0.06)
    wide = max(0.3, hand["width"] * rng.uniform(0.88, 1.14))
    half = (right - left) / scale * wide / 2 + abs(slant) * (foot - head) / 2
    columns = np.arange(-int(half) - 4, int(half) + 5, dtype=np.float32)
    rows = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
    y = top + (rows - head) * scale
    x = (left + right) / 2 + scale / wide * (
        columns + slant * (rows - (head + foot) / 2))
    bend = rng.normal(0, hand["wild"], 4)  # pixels of a glyph
    turn = rng.uniform(0, 6.3, 4)
    cycle = rng.uniform(0.06, 0.2, 4)  # radians for each of its pixels
    x = x + bend[0] * np.sin(cycle[0] * y + turn[0]) + bend[1] * np.sin(
        cycle[1] * x + turn[1])
    y = y + bend[2] * np.sin(cycle[2] * x + turn[2]) + bend[3] * np.sin(
        cycle[3] * y + turn[3])
    found = ndimage.map_coordinates(
        glyphs.distances[glyph], [y, x], np.float32, order=1, cval=255)
    half = glyphs.halves[glyph]
    pen = max(hand["pen"] * rng.uniform(0.85, 1.15), 0.5 * half / scale)
    return (found / STEPS - INSIDE + half) / scale - pen


def finish(placed, high, head, pitch, paper, rng):
    """Put glyphs on paper, and look at it as a camera or a scanner does."""
    loose = high * rng.exponential(0.15, 2) * rng.choice([1, 1, 4])
    start = min([at + (patch < 0).any(0).argmax() for patch, at in placed],
                default=0)
    stop = max([at + np.flatnonzero((patch < 0).any(0))[-1] + 1
                for patch, at in placed], default=rng.uniform(1, 5) * high)
    if pitch:
        start, stop = 0, pitch * len(placed)
    start = int(start - loose[0])
    width = max(8, int(stop + loose[1]) - start)
    edge = np.full((HEIGHT, width), 9, np.float32)
    for patch, at in placed:
        left, right = max(at - start, 0), min(
            at - start + patch.shape[1], width)
        part = patch[:, left - at + start:right - at + start]
        np.minimum(edge[:, left:right], part, out=edge[:, left:right])
    ink = np.clip(0.5 - edge / rng.uniform(0.8, 1.6), 0, 1)
    dark = rng.uniform(0.45, 1)
    ink *= dark * (1 - rng.uniform(0, 0.5) * clouds(ink.shape, rng))
    ground = print_paper(
        ink.shape, high, head, pitch, start, dark, paper, rng)
    line = ink + ground * (1 - ink)
    if rng.random() < 0.08 * paper:
        level = ground.mean() + rng.uniform(0.4, 0.6) * dark
        line = (line > level).astype(np.float32)
    else:
        line = ndimage.gaussian_filter(line, rng.uniform(0, 0.9))
        line += rng.normal(0, 1, line.shape) * rng.exponential(0.03)
    return normalise(line)


def clouds(shape, rng):
    """Make a smooth field from 0.0 to 1.0."""
    grid = rng.random((3, shape[1] // 12 + 2), np.float32)
    rows = np.linspace(0, 2, shape[0])[:, np.newaxis]
    columns = np.linspace(0, grid.shape[1] - 1, shape[1])
    return ndimage.map_coordinates(
        grid, np.broadcast_arrays(rows, columns), order=1)


def print_paper(shape, high, head, pitch, start, dark, paper, rng):
    """Make paper: its tint, its pattern, its rules and its dirt."""
    rows, columns = np.ogrid[:shape[0], :shape[1]]
    ground = np.zeros(shape, np.float32)
    dark = paper * dark * min(rng.exponential(0.2), 0.65)
    for _ in range(rng.choice([0, 1, 1, 2, 3]) if rng.random() < paper else 0):
        ground += dark * pattern(rows, columns, rng)
    ground += paper * rng.exponential(0.1) * clouds(shape, rng)
    ground += paper * rng.normal(0, 0.15) * columns / shape[1]
    rough = rng.normal(0, paper * min(rng.exponential(0.06), 0.2), shape)
    ground += ndimage.gaussian_filter(rough, rng.uniform(0, 1))
    rules, posts = [], []
    if pitch:
        rules = [head - rng.uniform(0, 5), head + high + rng.uniform(0, 5)]
        posts = pitch * np.arange(shape[1] // pitch + 2) - start
        if rng.random() < 0.3:
            posts = np.concatenate([posts, posts + rng.uniform(2, 4)])
    if rng.random() < 0.35 * paper:
        rules.append(head + high + rng.normal(1, 3))
    if rng.random() < 0.1 * paper:
        rules.append(rng.uniform(0, 4))
    if rng.random() < 0.06 * paper:
        rules.append(rng.uniform(0, HEIGHT))
    if rng.random() < 0.1 * paper:
        posts = [rng.choice([rng.uniform(-1, 4), shape[1] - rng.uniform(0, 4)])]
    printed, thick = rng.uniform(0.2, 0.9), rng.uniform(0.4, 1.3)
    lean = rng.normal(0, 0.01)
    lines = [rows - rule - lean * columns for rule in rules]
    lines += [columns - post + lean * rows for post in posts]
    for line in lines:
        ground = np.maximum(ground, printed * np.clip(
            thick + 0.5 - np.abs(line), 0, 1))
    if rng.random() < 0.08 * paper:  # an end of a rule at the left
        long, level = rng.uniform(2, 7), head + high * rng.uniform(0.3, 0.9)
        ground = np.maximum(ground, printed * (columns < long) * (
            np.abs(rows - level) < thick))
    if rng.random() < 0.1 * paper:  # the feet of the line above
        for at in rng.uniform(0, shape[1], rng.integers(1, 4)):
            far = np.hypot((columns - at) / rng.uniform(0.5, 1),
                           rows + rng.uniform(3, 7))
            ground = np.maximum(ground, printed * (
                np.abs(far - rng.uniform(7, 10)) < 1))
    return ground


def pattern(rows, columns, rng):
    """Make a security pattern: waves whose lines are curved themselves."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 7)
    bend, long = rng.uniform(0, 4), rng.uniform(10, 50, 2)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    along = along + bend * np.sin(columns / long[0]) * np.cos(
        rows / long[1] + angle)
    return (0.5 + 0.5 * np.sin(along * 2 * np.pi / period)) ** rng.choice(
        [1, 2, 4])
