"""Prepare the paper of a picture: no noise, no table, dark ink on light."""

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops

from helpers.handwriting.pictures import LEAST_CONTRAST

TINY = 48  # pixels on the shorter side: each pixel may be ink in part
BLUR_FOR_NOISE = 40  # pixels of blur for each 1.0 of noise's deviation
IMPULSE = 2 * LEAST_CONTRAST  # so far beyond all eight around is noise
LEAST_SHEET = 0.2  # share of the picture that a sheet of paper covers
RECTANGLE = 0.85  # share of its rectangle that a sheet fills; a disc: 0.79
SOFT_EDGE = 0.05  # share of the picture half-way between paper and table


def clean(gray):
    """Take noise and table away, and make the ink dark.

    Takes and returns a picture of shape (height, width), float32 from 0.0 for
    black to 1.0 for white; and the deviation of noise that may be left.
    """
    gray, noise = calm(gray)
    if min(gray.shape) > TINY:
        gray = remove_table(gray)
    return (1 - gray if is_light_on_dark(gray) else gray), noise


def calm(gray):
    """Remove lone pixels; blur no more than the rest of the noise needs."""
    shorter = min(gray.shape)
    if shorter < TINY / 2:
        return gray, 0.0  # what looks like noise may be ink
    around = [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    lone = np.maximum(
        gray - ndimage.maximum_filter(gray, footprint=around),
        ndimage.minimum_filter(gray, footprint=around) - gray) > IMPULSE
    share = lone.mean()
    noise = estimate_noise(gray)
    if share > 0.003 and np.isin(gray, (gray.min(), gray.max())).all():
        noise = 0.1  # black and white dots show gray, as in a fax
    elif shorter > TINY and share:
        gray = np.where(lone, ndimage.median_filter(gray, 3), gray)
    blur = BLUR_FOR_NOISE * min(noise, 0.1 if shorter > TINY else 0.025)
    gray = ndimage.gaussian_filter(gray, blur)
    if blur >= 1:  # nearer neighbours share their noise; blotches stay
        step = round(3 * blur)
        noise = 3 * estimate_noise(gray[::step, ::step])
    return gray, noise


def estimate_noise(gray):
    """Estimate its deviation (J. Immerkær, 1996); the median ignores ink."""
    both = np.diff(np.diff(gray, 2), 2, axis=0)
    return float(np.median(np.abs(both))) / (6 * 0.6745)


def is_light_on_dark(gray):
    """Say whether what differs most from the paper nearby is lighter."""
    low, long = sorted(gray.shape)
    small = shrink(gray, min(96, 24 * long // low))
    for axis, place in enumerate(np.indices(small.shape)):  # level the light
        small = small - place * np.median(np.diff(small, axis=axis))
    size = round(0.6 * min(small.shape))
    paper = ndimage.median_filter(small, size, mode="nearest")
    return np.sum((small - paper) ** 3) > 0


def remove_table(gray):
    """Cut a sheet of paper out of the table, frame or bars around it."""
    small = shrink(gray, 200)
    sheet = find_sheet(small)
    if sheet is None:
        sheet = ~find_bars(small)
    if sheet.all():
        return gray
    # Its edge is blurred. Where it lies askew, the paper is carried on.
    inside = ndimage.binary_erosion(
        sheet, np.ones((3, 3)), iterations=3, border_value=1)
    nearest = ndimage.distance_transform_edt(
        ~inside, return_distances=False, return_indices=True)
    paper = resize(small[tuple(nearest)], gray.shape)
    inside = resize(inside, gray.shape) > 0.5
    (place,) = ndimage.find_objects(inside.astype(int))
    return np.where(inside, gray, paper)[place]


def find_sheet(gray):
    """Find a sheet that ends within the picture on two sides or more.

    It is the largest piece of what differs from the picture's edge, and a
    rectangle with hard edges. Returns its mask, filled, or None.
    """
    def sides(picture):
        return picture[0], picture[-1], picture[:, 0], picture[:, -1]

    table = np.median(np.concatenate(sides(gray)))
    apart = np.abs(gray - table)
    paper = np.median(apart[apart >= threshold_otsu(apart)])
    likely = apart > 0.5 * paper
    if paper < LEAST_CONTRAST or SOFT_EDGE < np.mean(
        np.abs(apart / paper - 0.5) < 0.15
    ) or sum(side.mean() < SOFT_EDGE for side in sides(likely)) < 2:
        return None
    piece = max(regionprops(label(likely)), key=lambda part: part.area)
    full = piece.area_filled
    low, high = sorted(piece.image.shape)
    if full < LEAST_SHEET * gray.size or piece.area < full / 2 or (
        piece.area == full and high > 2 * low
    ):
        return None  # small; or mere lines: a printed box, a 0; or a 1
    rim = piece.image & ~ndimage.binary_erosion(piece.image)
    places = np.argwhere(rim) @ [1, 1j]
    turned = [places * np.exp(1j * turn) for turn in np.arange(0, 1.57, 0.05)]
    rectangle = min((np.ptp(turn.real) + 1) * (np.ptp(turn.imag) + 1)
                    for turn in turned)
    if full < RECTANGLE * rectangle:
        return None
    sheet = np.zeros(gray.shape, bool)
    sheet[piece.slice] = piece.image_filled
    return sheet


def find_bars(gray):
    """Find solid bars along a whole side: a window's title, a table."""
    apart = np.abs(gray - np.median(gray)) > 0.5  # no shadow
    bars = np.zeros(gray.shape, bool)
    for piece in regionprops(label(apart)):
        shares = np.divide(piece.image.shape, gray.shape)
        across = shares.argmin()  # the side that the bar is narrow along
        at_edge = not piece.bbox[across] or (
            piece.bbox[across + 2] == gray.shape[across])
        if at_edge and shares.max() == 1 and 3 * shares.min() < 1 and (
            piece.image_filled.mean() > RECTANGLE
        ):
            bars[piece.slice] = True
    return bars & (apart & ~bars).any()  # alone, it may be a 1


def resize(picture, shape, how=Image.Resampling.BILINEAR):
    """Bring a picture to (height, width) pixels: float32."""
    picture = Image.fromarray(np.asarray(picture, np.float32))
    return np.asarray(picture.resize(shape[::-1], how))


def shrink(gray, longest):
    """Reduce a picture by averaging, so that no side is longer than that."""
    factor = min(1, longest / max(gray.shape))
    shape = [max(1, round(length * factor)) for length in gray.shape]
    return resize(gray, shape, Image.Resampling.BOX)
