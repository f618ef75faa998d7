"""From a mask of ink to digits, each as MNIST's makers would have drawn it.

They fitted a digit into a box of 20 by 20 pixels, kept its proportions,
smoothed its edges, and put its centre of mass in the middle of 28 by 28
pixels (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based
learning applied to document recognition", 1998).
"""

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.sparse.csgraph import connected_components

from helpers.handwriting.ink import HALF as CUT
from helpers.handwriting.ink import stroke_width
from helpers.handwriting.pictures import HandwritingError

EIGHT = np.ones((3, 3), bool)
SIDE, BOX = 28, 20  # pixels: MNIST's pictures, and the box for the digit
MIDDLE = 14.0  # row and column of MNIST's centres of mass, on average
# Pixels: how thin and how thick a stroke may be. Of MNIST's training pictures,
# the median is 2.5, and 90 % lie between 1.6 and 3.8. On 3,000 photos of
# validation digits, a fixed width of 2.5 reads as many; but thinned so far, a
# thick 8 may lose its holes.
STROKES = (2.2, 2.8)
FINE = 5  # the stroke is set in a picture so many times larger
FINEST = 2  # pixels there: a thinner stroke falls between them and breaks
SPECK = 0.02  # of the largest piece's area: smaller pieces are dirt
MOST_PIECES = 60  # more, with no large one among them, are noise
LARGE = 0.4  # share of the ink that the largest piece has if it is a digit
WIDEST = 2.2  # times its height: 2 of MNIST's 60,000 are wider
STACKED = 0.4  # of the narrower piece's width: a piece below may be of it
BROKEN = 0.25  # of the height of both: so far apart may a low piece stand
RIVAL_HEIGHT, RIVAL_AREA = 0.35, 0.25  # of the digit's: more is another one
TALL = 0.6  # of the digit's height: a lower piece is part of a digit
RINGED = ("There is a ring or a frame around the digit. Cut out what is "
          "inside, or write without it.")


def find_digit(mask):
    """Find the one digit in a mask of ink.

    Parameters
    ----------
    mask : array of shape (height, width), bool
        Where there is ink.

    Returns
    -------
    array of the same shape, bool
        The ink of the digit alone, without specks.

    Raises
    ------
    HandwritingError
        If there is only noise, a dash, or more than one digit.
    """
    labels, areas, places = find_pieces(mask)
    if len(areas) > MOST_PIECES and areas.max() < LARGE * areas.sum():
        raise HandwritingError(
            f"Noise or a pattern was found: {len(areas)} pieces of ink, and "
            "no large one among them. Take the photo from nearer, in better "
            "light."
        )
    kept = np.flatnonzero(areas >= SPECK * areas.max())
    groups = [kept[group] for group in join([places[k] for k in kept])]
    sizes = np.array([areas[group].sum() for group in groups])
    heights = np.array([
        np.ptp([(places[k][0].start, places[k][0].stop) for k in group])
        for group in groups
    ])
    main = int(np.argmax(sizes))
    rivals = (heights > RIVAL_HEIGHT * heights[main]) | (
        sizes > RIVAL_AREA * sizes[main]
    )
    if rivals.sum() > 1:
        raise HandwritingError(
            f"There are {rivals.sum()} separate shapes, where one digit is "
            "due. Cut out one of them, or read them all with read_number."
        )
    digit = np.isin(labels, groups[main] + 1)
    height, width = crop(digit).shape
    if width > WIDEST * height:
        raise HandwritingError(
            f"The ink is {width / height:.1f} times as wide as high: that is "
            "a dash, or several digits that touch. One digit is due."
        )
    if is_ringed(crop(digit)):
        raise HandwritingError(RINGED)
    return digit


def is_ringed(mask):
    """Say whether one piece of ink goes around another, as high as a digit.

    A digit in a circle would be read as a 0. The boxes tell, so that a ring
    may be open; of 10,000 validation digits, 299 in pieces, none is ringed.
    """
    _, _, places = find_pieces(mask)
    boxes = np.array([
        (rows.start, columns.start, -rows.stop, -columns.stop)
        for rows, columns in places
    ])
    heights = -boxes[:, 2] - boxes[:, 0]
    widths = -boxes[:, 3] - boxes[:, 1]
    ring = np.argmax(heights * widths)
    inside = (boxes > boxes[ring]).all(axis=1)
    return (inside & (heights > RIVAL_HEIGHT * len(mask))).any()


def find_pieces(mask):
    """Find what is joined.

    Returns
    -------
    labels : array of the shape of ``mask``, int
        0 for paper, and the number of its piece, from 1, for ink.
    areas : array of shape (count,), int
        The pieces' pixels.
    places : list of pairs of slices
        The rows and columns of each piece's box.
    """
    labels, count = ndimage.label(mask, EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    return labels, areas, ndimage.find_objects(labels)


def join(places):
    """Join the pieces of digits whose strokes do not touch.

    Two pieces are of one digit if one stands above the other, or if one is
    low, such as the bar of a 5, and is near.

    Parameters
    ----------
    places : list of pairs of slices
        Rows and columns of each piece's box.

    Returns
    -------
    list of arrays of int
        The indices of each digit's pieces, from left to right.
    """
    boxes = np.array([
        (rows.start, rows.stop, columns.start, columns.stop)
        for rows, columns in places
    ])
    heights = boxes[:, 1] - boxes[:, 0]
    tall = heights.max()
    joined = np.eye(len(places), dtype=bool)
    for a, b in zip(*np.triu_indices(len(places), 1)):
        top, left = np.maximum(boxes[a], boxes[b])[[0, 2]]
        bottom, right = np.minimum(boxes[a], boxes[b])[[1, 3]]
        narrow = min(boxes[a, 3] - boxes[a, 2], boxes[b, 3] - boxes[b, 2])
        low = a if heights[a] < heights[b] else b
        other = a + b - low
        is_low = heights[low] < TALL * tall
        apart = top - bottom
        share = 0.25 if is_low else STACKED if apart >= 0 else TALL
        above = right - left >= share * narrow
        whole = max(boxes[[a, b], 1]) - min(boxes[[a, b], 0])
        gap = max(0.3 * tall, BROKEN * whole if is_low else 0)
        # Low and beside: not at the foot, where a point would be.
        foot = boxes[other, 1] - 0.35 * heights[other]
        beside = is_low and left - right <= 0.1 * tall and (
            boxes[low, :2].mean() < foot
        )
        joined[a, b] = (above and apart <= gap) or (
            beside and apart <= 0.1 * tall
        )
    count, names = connected_components(joined, directed=False)
    groups = [np.flatnonzero(names == name) for name in range(count)]
    return sorted(groups, key=lambda group: boxes[group, 2].min())


def fit(digit, strokes=STROKES, slant=0.0):
    """Draw a digit as MNIST's makers did, with a stroke like theirs.

    Parameters
    ----------
    digit : array of shape (height, width), bool
        The ink of one digit, at least a pixel.
    strokes : pair of floats
        The least and the greatest width of its strokes, in pixels. One that
        is between them stays as it is.
    slant : float
        How far to lean it to the right, as a share of its height.

    Returns
    -------
    array of shape (28, 28), uint8
        0 for black paper to 255 for the brightest ink.
    """
    part = crop(digit)
    # Of 50 digits 400 pixels high, drawn with a pen of 2, 12 lost a stroke
    # when they were reduced as they were, and none made thicker before.
    finest = FINEST * max(part.shape) / (FINE * BOX)
    width = stroke_width(part)
    if width < finest:  # a pixel on each side is the least change
        part = set_stroke(part, max(finest, width + 2.1))
    large = resize(crop(part), FINE * BOX) > CUT
    if slant:
        large = shear(large, slant)
    stroke = np.clip(stroke_width(large) / FINE, *strokes)
    for _ in range(2):  # a new stroke changes the size, and that the stroke
        large = resize(crop(set_stroke(large, FINE * stroke)), FINE * BOX)
        large = large > CUT
    # This makes edges about as soft as MNIST's: 0.67 of the ink is gray, and
    # 0.59 there. With the mean of each pixel's part (BOX) it would be 0.46.
    small = resize(large, BOX, Image.Resampling.BILINEAR)
    top, left = (
        min(max(round(MIDDLE - centre), 0), SIDE - length)
        for centre, length in zip(ndimage.center_of_mass(small), small.shape)
    )
    result = np.zeros((SIDE, SIDE), np.uint8)
    place = np.s_[top:top + small.shape[0], left:left + small.shape[1]]
    result[place] = np.rint(255 * small)
    return result


def crop(mask):
    """Cut a mask to the box around its ink."""
    (rows, columns), = ndimage.find_objects(mask.astype(np.int8))
    return mask[rows, columns]


def resize(mask, side, how=Image.Resampling.BICUBIC):
    """Bring the longer side to ``side`` pixels: float32, 0.0 to 1.0."""
    factor = side / max(mask.shape)
    size = [max(1, round(length * factor)) for length in mask.shape[::-1]]
    picture = Image.fromarray(mask.astype(np.float32))
    return np.clip(picture.resize(size, how), 0, 1)


def shear(mask, slant):
    """Lean a mask to the right by a share of its height."""
    height = len(mask)
    room = round(abs(slant) * height / 2) + 1
    wide = np.pad(mask, ((0, 0), (room, room))).astype(np.float32)
    return ndimage.affine_transform(
        wide, [[1, 0], [slant, 1]], [0, -slant * height / 2], order=1
    ) > CUT


def set_stroke(mask, width):
    """Move the edges of all strokes, so that they become that wide."""
    change = (width - stroke_width(mask)) / 2
    padded = np.pad(mask, max(0, round(change)) + 1)
    if change > 0:
        return ndimage.distance_transform_edt(~padded) <= change
    thinner = ndimage.distance_transform_edt(padded) > -change
    return thinner if thinner.any() else mask
