"""Take printed rules and boxes away from a mask of ink.

A rule is thin, nearly straight, and runs from one edge to the other. A box
is made of such lines, from one edge of the box to the other.
"""

import numpy as np
from scipy import ndimage

TILTS = np.linspace(-0.06, 0.06, 41)  # of a rule: up to 3.4 degrees
STRAIGHT = 1 / 40  # of the width: so long a run of ink at least votes
SHORTEST = 12  # pixels that such a run has at least
SPAN = 0.75  # share of the width that holds ink if there is a rule
VOTES = 0.3  # times the width: fewer votes make no rule
NEAR = 3.0  # pixels from the line of the votes to the rule's pixels
FILLED = 0.85  # share of a rule's length that holds ink
THICKEST = 0.05  # of the shorter side
MOST = 60  # rules on a page
CROSSING = 1.6  # times a rule's thickness: a longer run of ink is a stroke
EIGHT = np.ones((3, 3), bool)  # pieces join at corners, too


def find_rules(mask):
    """Find the lines that run from edge to edge, across or downward.

    Parameters
    ----------
    mask : array of shape (height, width), bool
        Where there is ink.

    Returns
    -------
    list of (axis, middle, thickness)
        ``axis`` 0 for lines across: ``middle`` holds their row in each
        column; 1 for lines downward, with their column in each row.
        Thickness in pixels.
    """
    return [(axis, middle, thickness) for axis in (0, 1)
            for middle, thickness in _find_across(mask if axis == 0
                                                  else mask.T)]


def _find_across(mask):
    """Find rules by their votes: each pixel of a thin run has one.

    For each tilt and row there is a line, and a pixel votes for the lines
    that it lies on (P. Hough's transform, for nearly level lines).
    """
    height, width = mask.shape
    length = max(SHORTEST, round(STRAIGHT * width))
    if length >= width or mask.any(axis=0).mean() < SPAN:
        return []
    lengths = run_lengths(mask)
    thickest = max(3.0, THICKEST * min(height, width))
    # A rule is not quite level: let each pixel stand for its neighbours.
    grown = ndimage.maximum_filter1d(mask & (lengths <= thickest), 3, axis=0)
    runs = ndimage.minimum_filter1d(grown, length, axis=1)
    runs = ndimage.maximum_filter1d(runs, length, axis=1)
    grown = ndimage.maximum_filter1d(mask, 5, axis=0)
    rows, columns = np.nonzero(runs & mask)
    columns_from_middle = columns - width / 2
    spare = int(width * TILTS.max()) + 1  # a tilted line may begin outside
    tilts, found = TILTS, []
    while len(rows) > VOTES * width and len(found) < MOST:
        votes = [
            np.bincount(np.rint(
                rows - tilt * columns_from_middle + spare
            ).astype(int)) for tilt in tilts
        ]
        best = int(np.argmax([count.max() for count in votes]))
        if votes[best].max() < VOTES * width:
            break
        middle = votes[best].argmax() - spare
        middle = middle + tilts[best] * columns_from_middle
        near = np.abs(rows - middle) <= NEAR
        curve = np.polyfit(columns[near], rows[near], 2)
        middle = np.polyval(curve, np.arange(width))
        inside = np.flatnonzero((middle >= 0) & (middle <= height - 1))
        on_line = np.rint(middle[inside]).astype(int), inside
        # A bent curve may lie wholly outside of the mask.
        thickness = np.median(lengths[on_line]) if len(inside) else np.inf
        if thickness <= thickest and np.mean(grown[on_line]) >= FILLED:
            found.append((middle, max(1.0, thickness)))
            tilts = np.clip(
                tilts[best] + TILTS[np.abs(TILTS) < 0.01], *TILTS[[0, -1]]
            )
        left = ~near & (np.abs(rows - np.polyval(curve, columns)) > NEAR)
        rows, columns = rows[left], columns[left]
        columns_from_middle = columns_from_middle[left]
    return found


def run_lengths(mask):
    """Say of each pixel of ink how long its run of ink downward is."""
    downward = np.array([[0, 1, 0]] * 3, bool)
    labels, count = ndimage.label(mask, downward)
    lengths = np.bincount(labels.ravel(), minlength=count + 1)
    lengths[0] = 0
    return lengths[labels]


def remove_rules(mask, rules):
    """Take rules away, but not the strokes that cross them.

    A stroke is where the run of ink across the rule is much longer than the
    rule is thick.
    """
    for axis, middle, thickness in rules:
        view = mask if axis == 0 else mask.T
        rows = np.arange(view.shape[0])[:, np.newaxis]
        band = np.abs(rows - middle) <= thickness / 2 + 1.5
        rule = band & (run_lengths(view) <= CROSSING * thickness + 2)
        view = view & ~rule
        mask = view if axis == 0 else view.T
    return _remove_rests(mask, max((rule[2] for rule in rules), default=0))


def _remove_rests(mask, thickness):
    """Remove pieces as thin as the rules, if the pen is much thicker."""
    labels, count = ndimage.label(mask, EIGHT)
    if thickness == 0 or count < 2:
        return mask
    depth = ndimage.distance_transform_cdt(mask)
    depths = ndimage.maximum(depth, labels, np.arange(count + 1))
    thin = 2 * depths <= CROSSING * thickness + 2
    if depths[1:].max() < 2 * (CROSSING * thickness + 2):
        return mask
    return mask & ~thin[labels]


def remove_boxes(mask):
    """Take the boxes of a form away, with their dividers.

    A box is a piece of ink with a rule along each of its four sides.

    Parameters
    ----------
    mask : array of shape (height, width), bool
        Where there is ink.

    Returns
    -------
    array of the same shape, bool
        The ink without boxes.
    """
    labels, _ = ndimage.label(mask, EIGHT)
    tallest = max(rows.stop - rows.start
                  for rows, _ in ndimage.find_objects(labels))
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        height, width = (part.stop - part.start for part in place)
        if height < 0.6 * tallest or min(height, width) < SHORTEST:
            continue
        piece = labels[place] == number
        rules = find_rules(piece)
        sides = {
            (axis, round(2 * np.median(middle) / (height, width)[axis]))
            for axis, middle, _ in rules
            if abs(2 * np.median(middle) / (height, width)[axis] - 1) > 0.8
        }
        if len(sides) == 4:
            mask = mask.copy()
            mask[place] &= ~piece | remove_rules(piece, rules)
    return mask
