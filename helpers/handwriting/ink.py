"""Find what a pen left on paper, beside shadows, printed rules and boxes."""

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.measure import label, perimeter_crofton, regionprops
from skimage.transform import hough_line, hough_line_peaks

from helpers.handwriting.paper import TINY, resize, shrink
from helpers.handwriting.pictures import LEAST_CONTRAST, HandwritingError

FAINT = 0.35  # of the pen's contrast: ink, where it is joined to clear ink
NOISE_FACTOR = 7  # ink stands out of the noise by so many deviations
DARKEST_PAPER = 0.2  # brightness in the deepest shadow
SHORTEST_RULE = 12  # pixels that a run of ink in a rule has
RULE_SPAN = 0.8  # share of the width along which a rule holds ink
THICKEST_RULE = 0.05  # share of the shorter side


def find_ink(gray, noise=0.0):
    """Find where a pen left ink, cut half-way between it and the paper.

    Takes what :func:`helpers.handwriting.paper.clean` returns. Returns a
    mask of shape (height, width), bool, without printed rules and boxes; it
    is larger than a tiny picture. Raises HandwritingError if there is none.
    """
    noise = noise / max(np.median(gray), DARKEST_PAPER)  # as a contrast
    if min(gray.shape) <= TINY:
        paper = max(np.quantile(gray, 0.95), DARKEST_PAPER)
        contrast = scale_to_pen(1 - gray / paper, noise, 0.95, 3)
        # On even paper, a stroke finer than a pixel may be faint all along.
        faint = min(FAINT + 10 * max(np.median(contrast), 0), 1)
        nearby = ndimage.maximum_filter(contrast, 3)
        mask = enlarge(contrast / np.clip(nearby, faint, 1)) > 0.5
    else:
        contrast = scale_to_pen(flatten_light(gray), noise, 0.99)
        width = pen_width(contrast > 0.75)  # that is dark even in a shadow
        narrow = 4 * width / min(gray.shape)
        if narrow < 0.5:  # narrower shadows go, too
            contrast = scale_to_pen(flatten_light(gray, narrow), noise)
        mask = remove_boxes(cut(contrast, width))
        mask = mask & ~find_rules(mask)
    if not mask.any():
        raise HandwritingError(
            "No ink was found beside printed boxes and rules. Is the field "
            "blank, or the pen too faint?")
    return mask


def flatten_light(gray, widest=0.5):
    """Find the share of the light that each place swallows.

    Paper fills what is dark and narrower than that share of the shorter side.
    """
    small = shrink(gray, 200)
    size = max(3, round(widest * min(small.shape)) | 1)
    room = size // 2  # so that a slope at the edge stays as it is
    paper = ndimage.grey_closing(np.pad(small, room, "edge"), (size, size))
    paper = paper[room:-room, room:-room]
    paper = ndimage.uniform_filter(paper, max(3, size // 8), mode="nearest")
    paper = resize(paper, gray.shape)
    return (paper - gray) / np.maximum(paper, DARKEST_PAPER)


def scale_to_pen(contrast, noise, share=0.5, fainter=1):
    """Divide by the contrast of the pen: that quantile of the ink's."""
    peak = float(contrast.max())
    least = max(LEAST_CONTRAST / fainter, NOISE_FACTOR * noise)
    if peak < least:
        raise HandwritingError(
            f"No ink was found: the darkest place differs by {peak:.0%} "
            f"from its paper, and {least:.0%} is needed. Is the page blank, "
            "or the pen too faint?")
    return contrast / np.quantile(contrast[contrast > 0.5 * peak], share)


def cut(contrast, width):
    """Cut half-way to the darkest ink nearby, also where a stroke is faint."""
    nearby = ndimage.maximum_filter(contrast, 2 * round(width / 2) + 3)
    mask = (contrast > 0.5 * np.minimum(nearby, 1)) & (contrast > FAINT)
    pieces = label(mask)
    return mask & np.isin(pieces, pieces[contrast > 0.5])


def enlarge(contrast, rounds=10, softness=0.1):
    """Enlarge a tiny picture so that its strokes have clear edges.

    Guess a large picture, average its blocks of pixels, and correct it by the
    ink that they lack (back-projection, M. Irani and S. Peleg, 1991).
    """
    factor = 2 * TINY // min(contrast.shape) + 1
    wanted = corrected = np.pad(contrast, 1)
    height, width = wanted.shape
    for _ in range(rounds):
        guess = resize(corrected, (factor * height, factor * width),
                       Image.Resampling.BICUBIC)
        ink = 1 / (1 + np.exp(np.clip((0.5 - guess) / softness, -30, 30)))
        blocks = ink.reshape(height, factor, width, factor)
        corrected = corrected + wanted - blocks.mean((1, 3), dtype=np.float32)
    return guess[factor:-factor, factor:-factor]


def pen_width(mask):
    """Measure the stroke of the largest piece beside rules, in pixels."""
    mask = ndimage.grey_closing(mask, 5)  # pencil leaves grains
    beside = mask & ~find_rules(mask)
    pieces = regionprops(label(beside if beside.any() else mask))
    return stroke_width(max(pieces, key=lambda piece: piece.area).image)


def stroke_width(mask):
    """Measure the usual width of strokes in pixels: each has two edges."""
    return 2 * np.count_nonzero(mask) / perimeter_crofton(np.pad(mask, 1))


def find_rules(mask):
    """Find lines that run from edge to edge, without strokes across them."""
    return _find_level_rules(mask) | _find_level_rules(mask.T).T


def _find_level_rules(mask):
    height, width = mask.shape
    rules = np.zeros(mask.shape, bool)
    length = max(SHORTEST_RULE, width // 40)
    if length >= width or mask.any(axis=0).mean() < RULE_SPAN:
        return rules
    runs = ndimage.label(mask, np.array([[0, 1, 0]] * 3))[0]
    lengths = np.where(mask, np.bincount(runs.ravel())[runs], 0)  # downward
    thickest = max(3, THICKEST_RULE * min(height, width))
    # A rule is not quite level: each pixel stands for its neighbours.
    thin = ndimage.maximum_filter1d(mask & (lengths <= thickest), 3, axis=0)
    level = ndimage.minimum_filter1d(thin, length, axis=1)
    level = ndimage.maximum_filter1d(level, length, axis=1) & mask
    angles = np.deg2rad(np.linspace(86.5, 93.5, 41))
    found = hough_line_peaks(*hough_line(level, angles), 5, len(angles),
                             0.3 * width, num_peaks=60)
    grown = ndimage.maximum_filter1d(mask, 5, axis=0)
    rows, columns = np.nonzero(level)
    across, down = np.arange(width), np.arange(height)[:, np.newaxis]
    for _, angle, distance in zip(*found):
        middle = (distance - across * np.cos(angle)) / np.sin(angle)
        near = np.abs(rows - middle[columns]) <= 3
        if near.sum() < length:
            continue  # too few for what follows: paper is not quite flat
        middle = np.polyval(np.polyfit(columns[near], rows[near], 2), across)
        inside = np.flatnonzero((middle >= 0) & (middle <= height - 1))
        line = np.rint(middle[inside]).astype(int), inside
        if not len(inside) or grown[line].mean() < RULE_SPAN:
            continue
        thickness = np.median(lengths[line])
        if thickness <= thickest:  # a longer run of ink is a stroke
            rules |= (np.abs(down - middle) <= thickness / 2 + 1.5) & (
                lengths <= 1.6 * thickness + 2)
    return rules & mask


def remove_boxes(mask):
    """Take boxes away: pieces of ink with a rule along all four sides."""
    mask = mask.copy()
    for piece in regionprops(label(mask)):
        rules = find_rules(piece.image)
        sides = [np.array_split(turned, 9)[0] for turned in (
            rules, rules[::-1], rules.T, rules.T[::-1])]
        if min(side.any(axis=0).mean() for side in sides) > 0.5:
            mask[piece.slice] &= ~rules
    return mask
