"""Find the ink in a gray picture of handwriting.

Paper is uneven: shadows lie on it, rules are printed on it, and it carries
specks and noise. What is found here is a mask, True where a pen left ink.
"""

import functools

import numpy as np
from PIL import Image
from scipy import ndimage

from helpers.handwriting.pictures import HandwritingError
from helpers.handwriting.rules import (
    EIGHT,
    find_rules,
    remove_boxes,
    remove_rules,
)
from helpers.handwriting.sheet import LEAST_CONTRAST, remove_table, shrink

GRAINY, CALM = 0.07, 0.025  # deviation of noise that hides ink, or does not
AVERAGED = (0.9, 1.8, 3.6)  # pixels: grainy pictures are blurred so far
BLOTCHES, LEFT = 3.0, 0.04  # times the noise left, and at least: what stays
DOTS = 0.003  # share of lone pixels from which black and white are dithered
FEW = 24  # pixels on the shorter side: what looks like noise may be ink
BLUR = (0.4, 1.2)  # pixels: takes grain away, and leaves a thin pen's line
IMPULSE = 0.15  # a lone pixel so much brighter or darker is salt or pepper
DARKEST = 0.2  # brightness of paper in the deepest shadow
NOISE_FACTOR = 7.0  # ink stands out of the noise by so many deviations
CUT = 0.5  # ink is where the contrast is more than half the pen's
FAINT = 0.35  # ink can be so faint where it is joined to clear ink
DARK = 0.75  # and this is ink even where a shadow lies
MOST_INK = 0.55  # share of the picture: more is no writing
WIDEST_STROKE = 0.45  # of the shorter side: wider is shadow or table
STROKES_APART = 4  # stroke widths in which only a shadow is still dark
TINY = 48  # pixels on the shorter side: each pixel may be ink in part
ENLARGED = 100  # pixels that a tiny picture gets on its shorter side
USUAL = 0.8  # share of the picture that says how the light slopes


def find_ink(gray):
    """Find where a pen left ink.

    Parameters
    ----------
    gray : array of shape (height, width), float32
        From 0.0 for black to 1.0 for white.

    Returns
    -------
    dict of arrays of shape (height, width)
        "polarity", float32: dark ink on light paper, whatever came in;
        "contrast", float32: without light and shadow, 0.0 for paper and
        about 1.0 for ink; "ink", bool: the mask, without printed rules.
        The last two are larger if ``gray`` is tiny.

    Raises
    ------
    HandwritingError
        If no ink stands out, or too much of the picture does.
    """
    tiny = min(gray.shape) <= TINY
    gray, noise = calm(gray)
    gray = remove_impulses(gray)
    if not tiny:
        gray = remove_table(gray)
    if is_light_on_dark(gray):
        gray = 1 - gray
    steps = {"polarity": gray}
    try:
        contrast, mask = (
            _find_in_tiny(gray) if tiny else _find_on_page(gray, noise)
        )
        _check_mask(mask)
    except HandwritingError as error:
        error.steps = steps
        raise
    return {**steps, "contrast": contrast, "ink": mask}


def _find_in_tiny(gray):
    paper = np.quantile(gray, 0.95)
    contrast = (paper - gray) / max(paper, DARKEST)
    contrast = scale_to_ink(contrast, 0.0, 0.95)
    contrast = enlarge(contrast, ENLARGED // min(gray.shape) + 1)
    return contrast, contrast > CUT


def _find_on_page(gray, noise):
    gray = ndimage.gaussian_filter(gray, np.clip(40 * noise, *BLUR))
    contrast = scale_to_ink(flatten_light(gray), noise, 0.99)
    width = pen_width(contrast > DARK)
    widest = STROKES_APART * width / min(gray.shape)
    if widest < WIDEST_STROKE:  # narrower shadows go, too
        contrast = scale_to_ink(flatten_light(gray, widest), noise)
    mask = remove_boxes(cut(contrast, width))
    rules = find_rules(mask)
    beside = remove_rules(mask, rules)
    if not rules or (len(rules) == 1 and not beside.any()):
        return contrast, mask  # a single line may be what was written
    if beside.any():  # rules may be darker than the pen: look for it anew
        contrast = contrast / np.median(contrast[beside])
        beside = remove_rules(remove_boxes(cut(contrast, width)), rules)
    return contrast, beside


def _check_mask(mask):
    if not mask.any():
        raise HandwritingError(
            "No ink was found beside printed boxes and rules. Is the field "
            "blank, or the pen too faint?"
        )
    if mask.mean() > MOST_INK:
        raise HandwritingError(
            f"Ink would cover {mask.mean():.0%} of the picture: that is no "
            "writing. Cut out the digit with some paper, and no table, around "
            "it."
        )


def calm(gray):
    """Average away what hides the ink: much grain, or the dots of dithering.

    Returns
    -------
    gray : array of shape (height, width), float32
        The picture, blurred no more than it needs.
    noise : float
        Its deviation, and more if it was averaged: that leaves blotches.
    """
    shorter = min(gray.shape)
    if shorter < FEW:
        return gray, 0.0
    calmed, most = gray, GRAINY
    noise = 1.0 if is_dithered(gray) else estimate_noise(gray)
    for blur in AVERAGED[:1] if shorter <= TINY else AVERAGED:
        if noise < most:
            break
        calmed = ndimage.gaussian_filter(gray, blur)
        step = round(3 * blur)  # nearer neighbours now share their noise
        noise, most = estimate_noise(calmed[::step, ::step]), CALM
    if calmed is gray:
        return gray, noise
    return calmed, max(BLOTCHES * noise, LEFT)


def is_dithered(gray):
    """Say whether gray is shown by dots of black and white, as in a fax."""
    low, high = gray.min(), gray.max()
    if not ((gray == low) | (gray == high)).all():
        return False
    middle, sides = gray[1:-1, 1:-1], (
        gray[:-2, 1:-1], gray[2:, 1:-1], gray[1:-1, :-2], gray[1:-1, 2:]
    )
    lone = np.logical_and.reduce([middle != side for side in sides])
    return lone.mean() > DOTS


def estimate_noise(gray):
    """Estimate the deviation of the noise from pixel to pixel.

    The filter ignores planes and edges (J. Immerkær, "Fast noise variance
    estimation", 1996); the median ignores ink.
    """
    across = gray[:, 2:] - 2 * gray[:, 1:-1] + gray[:, :-2]
    both = across[2:] - 2 * across[1:-1] + across[:-2]
    return float(np.median(np.abs(both[::2, ::2]))) / (6 * 0.6745)


def remove_impulses(gray):
    """Replace pixels that differ from all eight neighbours: salt and pepper.

    Where there are many, they touch each other: then every pixel becomes
    the median of its neighbourhood.
    """
    if min(gray.shape) <= TINY:  # too few pixels to call one a speck
        return gray
    padded = np.pad(gray, 1, mode="edge")
    height, width = gray.shape
    around = [padded[i:i + height, j:j + width]
              for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    lowest, highest = (
        functools.reduce(choose, around) for choose in (np.minimum, np.maximum)
    )
    impulses = (gray < lowest - IMPULSE) | (gray > highest + IMPULSE)
    share = impulses.mean()
    if share > 0.02:
        return ndimage.median_filter(gray, 3 if share < 0.05 else 5)
    gray = gray.copy()
    gray[impulses] = np.median([part[impulses] for part in around], axis=0)
    return gray


def is_light_on_dark(gray):
    """Say whether the ink is lighter than its paper.

    Strokes are narrow, so in a wide window the median is paper, also where
    a shadow lies. Ink is what differs most from that. Light that slopes is
    levelled before: at the edges, where half of a window is missing, its
    slope would outweigh faint pencil (15 of 50 such photos were inverted).
    """
    low, long = sorted(gray.shape)
    small = shrink(gray, min(96, 24 * long // low))
    places = np.indices(small.shape).reshape(2, -1).T
    places = np.column_stack([places, np.ones(len(places))])
    apart = np.abs(small - np.median(small)).ravel()
    usual = apart <= np.quantile(apart, USUAL)  # neither ink nor a bar
    slope = np.linalg.lstsq(places[usual], small.ravel()[usual])[0]
    small = small - (places @ slope).reshape(small.shape)
    paper = ndimage.median_filter(
        small, round(0.6 * min(small.shape)), mode="nearest"
    )
    return np.sum((small - paper) ** 3) > 0


def flatten_light(gray, widest=WIDEST_STROKE):
    """Find the share of the light that each place swallows.

    The paper's brightness is found by a closing, which fills whatever is
    dark and narrower than ``widest``, a share of the shorter side.
    """
    small = shrink(gray, 200)
    size = max(3, round(widest * min(small.shape)) | 1)
    # With a margin, a closing leaves a slope at the edge as it is.
    room = size // 2
    paper = ndimage.grey_closing(np.pad(small, room, "edge"), (size, size))
    paper = paper[room:-room, room:-room]
    paper = ndimage.uniform_filter(paper, max(3, size // 8), mode="nearest")
    if paper.shape != gray.shape:
        paper = np.asarray(Image.fromarray(paper).resize(
            gray.shape[::-1], Image.Resampling.BILINEAR
        ))
    return (paper - gray) / np.maximum(paper, DARKEST)


def scale_to_ink(contrast, noise, share=0.5):
    """Divide by the contrast of the pen, if there is one."""
    peak = float(contrast.max())
    least = max(LEAST_CONTRAST, NOISE_FACTOR * noise)
    if peak < least:
        raise HandwritingError(
            f"No ink was found: the darkest place differs by {peak:.0%} "
            f"from its paper, and {least:.0%} is needed. Is the page blank, "
            "or the pen too faint?"
        )
    return contrast / np.quantile(contrast[contrast > 0.5 * peak], share)


def cut(contrast, width):
    """Cut half-way between the paper and the darkest ink nearby.

    So a stroke keeps its width where the pen is faint, as long as clear ink
    is joined to it.
    """
    size = 2 * round(width / 2) + 3
    nearby = ndimage.maximum_filter(contrast, size)
    mask = (contrast > CUT * np.minimum(nearby, 1)) & (contrast > FAINT)
    labels, count = ndimage.label(mask, EIGHT)
    clear = np.zeros(count + 1, bool)
    clear[labels[contrast > CUT]] = True
    return mask & clear[labels]


def enlarge(contrast, factor, rounds=10, softness=0.1):
    """Enlarge a tiny picture so that its strokes have clear edges.

    A pixel that is 40 % gray was 40 % ink. So a large picture of ink and
    paper is sought whose blocks of ``factor`` pixels hold just that much
    ink: guess one, average its blocks, and correct the guess by what they
    lack (iterative back-projection, M. Irani and S. Peleg, 1991).
    """
    wanted = np.pad(contrast, 1)
    height, width = wanted.shape
    corrected = wanted
    for _ in range(rounds):
        guess = np.asarray(Image.fromarray(corrected).resize(
            (factor * width, factor * height), Image.Resampling.BICUBIC
        ))
        ink = 1 / (1 + np.exp(np.clip((CUT - guess) / softness, -30, 30)))
        blocks = ink.reshape(height, factor, width, factor)
        corrected = corrected + wanted - blocks.mean((1, 3), dtype=np.float32)
    return guess[factor:-factor, factor:-factor]


def pen_width(mask):
    """Measure the stroke width of the largest piece beside the rules."""
    mask = ndimage.maximum_filter(mask, 5)  # a closing: pencil leaves grains
    mask = ndimage.minimum_filter(mask, 5)
    beside = remove_rules(mask, find_rules(mask))
    labels, _ = ndimage.label(beside if beside.any() else mask, EIGHT)
    areas = np.bincount(labels.ravel())[1:]
    return stroke_width(labels == 1 + np.argmax(areas))


def stroke_width(mask):
    """Measure the usual width of the strokes, in pixels.

    A long stroke has two edges as long as itself: the width is twice the
    area by the length of the edges. These are measured as often as lines in
    four directions cross them (M. W. Crofton's formula, 1868).
    """
    ink = np.pad(mask, 1)
    straight = np.count_nonzero(ink[1:] != ink[:-1])
    straight += np.count_nonzero(ink[:, 1:] != ink[:, :-1])
    slanting = np.count_nonzero(ink[1:, 1:] != ink[:-1, :-1])
    slanting += np.count_nonzero(ink[1:, :-1] != ink[:-1, 1:])
    edges = np.pi / 8 * (straight + slanting / np.sqrt(2))
    return 2 * np.count_nonzero(mask) / max(edges, 1)
