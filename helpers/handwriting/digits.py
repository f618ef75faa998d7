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

from helpers.handwriting.ink import stroke_width
from helpers.handwriting.paper import resize
from helpers.handwriting.pictures import HandwritingError

BOX = 20  # pixels: in MNIST's pictures of 28, the box for the digit
LARGE = 5 * BOX  # the stroke is set in a picture so many times larger
STROKES = (2.2, 2.8)  # pixels: MNIST's median is 2.5, 90 % are in 1.6 to 3.8
SPECK = 0.02  # of the largest piece's area: smaller pieces are dirt
MOST_PIECES = 60  # more are noise
WIDEST_DIGIT = 2.2  # times its height: 2 of MNIST's 60,000 are wider
RIVAL = 0.3  # of the digit's height or area: more, or farther, is another
TALL = 2 * RIVAL  # of the digit's height: a lower piece is part of a digit
BESIDE = RIVAL / 3  # of the digit's height: so far beside may a low part stand


def find_digit(mask):
    """Find the one digit in a mask of ink, of shape (height, width), bool.

    Returns its ink, cut out, without specks and neighbours that the picture's
    edge cuts off. Raises HandwritingError if there is not one digit.
    """
    labels = label(mask)
    pieces = regionprops(labels)
    areas = np.array([piece.area for piece in pieces])
    kept = np.flatnonzero(areas >= SPECK * areas.max())
    if len(kept) > MOST_PIECES:
        raise HandwritingError(
            f"Noise or a pattern was found: {len(kept)} pieces of ink. Take "
            "the photo from nearer, in better light.")
    boxes = np.array([piece.bbox for piece in pieces])
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
    # A digit in a circle would be read as a 0.
    ring = max(boxes[group], key=lambda box: np.prod(box[2:] - box[:2]))
    within = ((boxes[group] - ring) * [1, 1, -1, -1] > 0).all(axis=1)
    if (within & tall).any():
        raise HandwritingError(
            "There is a ring or a frame around the digit. Cut out what is "
            "inside, or write without it.")
    return np.isin(labels, group + 1)[top:bottom, left:right]


def join(boxes):
    """Join the pieces of digits whose strokes do not touch.

    One stands above the other, or is low, as the bar of a 5, and near. Takes
    the top, left, bottom and right of each piece, of shape (count, 4); returns
    a list with the indices of each digit's pieces.
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
        above = down <= RIVAL * (whole if is_low else tall) and (
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
    finest = 2 * max(digit.shape) / LARGE
    width = stroke_width(digit)
    if width < finest:  # a pixel on each side is the least change
        digit = set_stroke(digit, max(finest, width + 2.1))
    large = to_side(digit, LARGE) > 0.5
    scale = LARGE / BOX
    stroke = scale * np.clip(stroke_width(large) / scale, *STROKES)
    for _ in range(2):  # a new stroke changes the size, and that the stroke
        large = to_side(set_stroke(large, stroke), LARGE) > 0.5
    # This makes edges about as soft as MNIST's.
    small = to_side(large, BOX, Image.Resampling.BILINEAR)
    edges = []
    for centre, length in zip(ndimage.center_of_mass(small), small.shape):
        before = min(max(round(14 - centre), 0), 28 - length)
        edges.append((before, 28 - length - before))
    return np.pad(np.rint(255 * small).astype(np.uint8), edges)


def to_side(mask, side, how=Image.Resampling.BICUBIC):
    """Bring the longer side to ``side`` pixels: float32, 0.0 to 1.0."""
    factor = side / max(mask.shape)
    shape = [max(1, round(length * factor)) for length in mask.shape]
    return np.clip(resize(mask, shape, how), 0, 1)


def set_stroke(mask, width):
    """Move the edges of all strokes so that they become that wide."""
    change = (width - stroke_width(mask)) / 2
    padded = np.pad(mask, max(0, round(change)) + 1)
    moved = (ndimage.distance_transform_edt(~padded)
             - ndimage.distance_transform_edt(padded)) < change
    moved = moved if moved.any() else padded
    (place,) = ndimage.find_objects(moved.astype(int))
    return moved[place]
