"""From a mask of ink to a digit as MNIST's makers would have drawn it.

They fitted a digit into a box of 20 by 20 pixels, kept its proportions,
smoothed its edges, and put its centre of mass in the middle of 28 by 28
pixels (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based
learning applied to document recognition", 1998).
"""

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.sparse.csgraph import connected_components
from skimage.measure import label, regionprops

from helpers.handwriting.ink import HALF, stroke_width
from helpers.handwriting.paper import resize
from helpers.handwriting.pictures import HandwritingError

SIDE, BOX = 28, 20  # pixels: MNIST's pictures, and the box for the digit
STROKES = (2.2, 2.8)  # pixels: MNIST's median is 2.5, 90 % are in 1.6 to 3.8
FINE = 5  # the stroke is set in a picture so many times larger
SPECK = 0.02  # of the largest piece's area: smaller pieces are dirt
MOST_PIECES = 60  # more, with no large one among them, are noise
WIDEST_DIGIT = 2.2  # times its height: 2 of MNIST's 60,000 are wider
RIVAL = 0.3  # of the digit's height or area: what is more is another digit
TALL = 0.6  # of the digit's height: a lower piece is part of a digit
GAP = 0.25  # of the digit's height: so far below may a part of it stand
BESIDE = 0.1  # of the digit's height: so far beside may a low part stand


def find_digit(mask):
    """Find the one digit in a mask of ink, of shape (height, width), bool.

    Returns the digit's ink, cut out, without specks and without neighbours
    that the picture's edge cuts off. Raises HandwritingError if there is
    only noise, a dash, or more than one digit.
    """
    labels = label(mask)
    pieces = regionprops(labels)
    areas = np.array([piece.area for piece in pieces])
    if len(areas) > MOST_PIECES and areas.max() < RIVAL * areas.sum():
        raise HandwritingError(
            f"Noise or a pattern was found: {len(areas)} pieces of ink, none "
            "of them large. Take the photo from nearer, in better light.")
    boxes = np.array([piece.bbox for piece in pieces])
    kept = np.flatnonzero(areas >= SPECK * areas.max())
    groups = [kept[group] for group in join(boxes[kept])]
    sizes = np.array([areas[group].sum() for group in groups])
    ends = np.array([[*boxes[group, :2].min(0), *boxes[group, 2:].max(0)]
                     for group in groups])
    heights = ends[:, 2] - ends[:, 0]
    main = np.argmax(sizes)
    rivals = (heights > RIVAL * heights[main]) | (sizes > RIVAL * sizes[main])
    inside = rivals & (ends[:, :2] > 0).all(axis=1) & (
        ends[:, 2:] < mask.shape).all(axis=1)
    if inside.sum() == 1 and heights[inside] > RIVAL * len(mask) and (
        areas[groups[np.argmax(inside)]].max() > (1 - RIVAL) * sizes[inside]
    ):
        rivals = inside  # the others are cut off: neighbours
    if rivals.sum() > 1:
        raise HandwritingError(
            f"There are {rivals.sum()} separate shapes, where one digit is "
            "due. Cut out one of them, or read them all with read_number.")
    main = np.argmax(rivals)
    group, (top, left, bottom, right) = groups[main], ends[main]
    height, width = bottom - top, right - left
    if width > WIDEST_DIGIT * height:
        raise HandwritingError(
            f"The ink is {width / height:.1f} times as wide as high: that is "
            "a dash, or several digits that touch. One digit is due.")
    tall = boxes[group, 2] - boxes[group, 0] > RIVAL * height
    if not tall.any():
        raise HandwritingError(
            "The ink is dots or dashes, and none of them a digit's height.")
    # A digit in a circle would be read as a 0.
    ring = max(boxes[group], key=lambda box: np.prod(box[2:] - box[:2]))
    within = ((boxes[group] - ring) * [1, 1, -1, -1] > 0).all(axis=1)
    if (within & tall).any():
        raise HandwritingError(
            "There is a ring or a frame around the digit. Cut out what is "
            "inside, or write without it.")
    digit = np.isin(labels, group + 1)
    return digit[top:bottom, left:right]


def join(boxes):
    """Join the pieces of digits whose strokes do not touch.

    Two pieces are of one digit if one stands above the other, or if one is
    low, such as the bar of a 5, and is near. Takes the top, left, bottom and
    right of each piece, of shape (count, 4); returns a list with the indices
    of each digit's pieces.
    """
    tall = (boxes[:, 2] - boxes[:, 0]).max()
    joined = np.eye(len(boxes), dtype=bool)
    for a, b in zip(*np.triu_indices(len(boxes), 1)):
        low, high = sorted(boxes[[a, b]], key=lambda box: box[2] - box[0])
        # How far apart they are; negative if they overlap.
        down, across = np.maximum(low, high)[:2] - np.minimum(low, high)[2:]
        is_low = low[2] - low[0] < TALL * tall
        share = RIVAL if is_low or down >= 0 else TALL
        whole = max(low[2], high[2]) - min(low[0], high[0])
        above = down <= GAP * (whole if is_low else tall) and (
            -across >= share * min(low[3] - low[1], high[3] - high[1]))
        # Low and beside: not at the foot, where a point would be.
        beside = is_low and max(across, down) <= BESIDE * tall and (
            (low[0] + low[2]) / 2 < (high[0] + 2 * high[2]) / 3)
        joined[a, b] = above or beside
    count, names = connected_components(joined, directed=False)
    return [np.flatnonzero(names == name) for name in range(count)]


def fit(digit):
    """Draw a digit as MNIST's makers did, with a stroke like theirs.

    Takes its ink, cut out, bool. Returns an array of shape (28, 28), uint8,
    from 0 for black paper to 255 for the brightest ink.
    """
    # A pen that is finer than a pixel would lose strokes in the reduction.
    finest = 2 * max(digit.shape) / (FINE * BOX)
    width = stroke_width(digit)
    if width < finest:  # a pixel on each side is the least change
        digit = set_stroke(digit, max(finest, width + 2.1))
    large = to_side(digit, FINE * BOX) > HALF
    stroke = FINE * np.clip(stroke_width(large) / FINE, *STROKES)
    for _ in range(2):  # a new stroke changes the size, and that the stroke
        large = to_side(set_stroke(large, stroke), FINE * BOX) > HALF
    # This makes edges about as soft as MNIST's.
    small = to_side(large, BOX, Image.Resampling.BILINEAR)
    top, left = (
        min(max(round(SIDE / 2 - centre), 0), SIDE - length)
        for centre, length in zip(ndimage.center_of_mass(small), small.shape)
    )
    result = np.zeros((SIDE, SIDE), np.uint8)
    place = np.s_[top:top + small.shape[0], left:left + small.shape[1]]
    result[place] = np.rint(255 * small)
    return result


def to_side(mask, side, how=Image.Resampling.BICUBIC):
    """Bring the longer side to ``side`` pixels: float32, 0.0 to 1.0."""
    factor = side / max(mask.shape)
    shape = [max(1, round(length * factor)) for length in mask.shape]
    return np.clip(resize(mask, shape, how), 0, 1)


def set_stroke(mask, width):
    """Move the edges of all strokes so that they become that wide."""
    change = (width - stroke_width(mask)) / 2
    padded = np.pad(mask, max(0, round(change)) + 1)
    if change > 0:
        moved = ndimage.distance_transform_edt(~padded) <= change
    else:
        moved = ndimage.distance_transform_edt(padded) > -change
    moved = moved if moved.any() else padded
    (place,) = ndimage.find_objects(moved.astype(int))
    return moved[place]
