"""The exercises of notebook 2. See `helpers.exercises` for how they work."""

import numpy as np

from helpers.exercises.tools import NotYet, call, compare, exercise, number


def some_pictures(*shape, seed=0):
    """Return a gray stack of random pixels from 1 to 254."""
    random = np.random.default_rng(seed)
    return random.integers(1, 255, shape, dtype=np.uint8)


@exercise(
    hints=[
        "Two steps: bring the last axis to the front, then add an axis of "
        "length 1 at the end. Only one of `reshape`, `.T` and `np.moveaxis` "
        "can do the first step.",
        "`np.moveaxis(stack, -1, 0)` leaves height and width in their order. "
        "An index of `[..., np.newaxis]` adds the last axis.",
    ],
    code="""
def pictures_first(stack):
    return np.moveaxis(stack, -1, 0)[..., np.newaxis]
""",
    reasoning="The order of the numbers must change, so `reshape` alone is "
    "out. `.T` turns the order of all three axes around: the count comes "
    "first, but width and height are exchanged too, and each picture is "
    "reflected in its diagonal. `moveaxis` moves one axis and leaves the "
    "others as they follow each other. `stack.transpose(2, 0, 1)` does the "
    "same.",
    why="Square pictures hide the mistake of `.T`, because the shape is then "
    "right. That is why `check` looked at the pixels, and not only at the "
    "shape.",
)
def pictures_first(function):
    """Examine a function that moves the count in front of the pictures."""
    for shape in (5, 7, 3), (6, 6, 4), (5, 7, 1):
        stack = some_pictures(*shape)
        height, width, count = shape
        right = np.stack([stack[..., i] for i in range(count)])
        said = f"`pictures_first` of a stack of shape {shape}"
        lie = (f"{said} exchanges rows and columns as well: each picture is "
               "reflected in its diagonal. Move the last axis alone.")
        cut = (f"{said} cuts the numbers in the order in which they are "
               "stored, so each picture gets pixels of all the others. "
               "`reshape` cannot reorder axes.")
        result = call(function, stack, said=said)
        compare(result, right[..., None], said, dtype="uint8", mistakes=[
            (cut, stack.reshape(count, height, width, 1)),
            (cut, stack.reshape(count, height, width)),
            (lie, stack.T[..., None]),
            (lie, stack.T),
            (f"{said} lacks the channel axis, of length 1, at the end.",
             right),
            (f"{said} has the channel axis behind the count. It belongs at "
             "the end.", right[:, None]),
            (f"{said} has the axis of length 1 in front. That place is for "
             "the count.", right[None]),
            (f"{said} still counts the pictures on the last but one axis.",
             stack[..., None]),
            (f"{said} has no axis that counts the pictures. It is needed for "
             "a single picture, too.", right[0][..., None]),
            (f"{said} returns the stack as it was.", stack),
        ])


@exercise(
    hints=[
        "Standardising takes two numbers. Which of the two arrays may tell "
        "them?",
        "Subtract `fit.mean()` from `images`, and divide the result by "
        "`fit.std()`. Mind the parentheses: division comes first.",
    ],
    code="""
def standardise(images, fit):
    return (images - fit.mean()) / fit.std()
""",
    reasoning="Both numbers are learned from the training pictures, so they "
    "come from `fit`, whichever pictures are to be standardised. The mean of "
    "the result is 0 if `images` are the training pictures themselves. For "
    "others it tells how much brighter or darker they are.",
    why="Pictures that are brighter than those of the training stay brighter "
    "now, and one picture alone gets the same numbers as in a large batch. "
    "With their own mean, both would be lost.",
)
def standardise(function):
    """Examine a function that standardises with the training numbers."""
    fit = some_pictures(20, 6, 9, 1, seed=1).astype(np.float32) / 255
    bright = np.sqrt(some_pictures(3, 6, 9, 1, seed=2) / np.float32(255))
    mean, deviation = fit.mean(), fit.std()
    for images, which in [
        (bright, "3 bright pictures"), (bright[:1], "1 bright picture"),
        (fit, "the training pictures"),
    ]:
        said = f"`standardise` of {which}"
        own_mean, own_deviation = images.mean(), images.std()
        both = np.concatenate([fit, images])
        leak = f"{said} uses the mean and the deviation of `images`."
        single = {"axis": (1, 2, 3), "keepdims": True}
        result = call(function, images, fit, said=said)
        # Wide enough for `ddof=1`, which is 1 part in 2,000 here.
        compare(result, (images - mean) / deviation, said, tolerance=0.005,
                mistakes=[
            (f"{leak} The model knows those of `fit`.",
             (images - own_mean) / own_deviation),
            (f"{leak} Each picture on its own, even. The model knows those "
             "of `fit`.",
             (images - images.mean(**single)) / images.std(**single)),
            (f"{said} subtracts the mean of `images`. Only the deviation is "
             "taken from `fit`.", (images - own_mean) / deviation),
            (f"{said} divides by the deviation of `images`. Only the mean is "
             "taken from `fit`.", (images - mean) / own_deviation),
            (f"{said} uses the mean and the deviation of both arrays "
             "together. That is a leak: use those of `fit` alone.",
             (images - both.mean()) / both.std()),
            (f"{said} uses a mean and a deviation for each pixel. Take one "
             "of each for all pixels.",
             (images - fit.mean(axis=0)) / fit.std(axis=0)),
            (f"{said} subtracts the mean, and the deviation is still to be "
             "divided by.", images - mean),
            (f"{said} divides by the deviation, and does not subtract the "
             "mean.", images / deviation),
            (f"{said} divides the mean alone: division comes before "
             "subtraction. Set parentheses.", images - mean / deviation),
            (f"{said} divides by the variance. The deviation is its square "
             "root, `std`.", (images - mean) / fit.var()),
            (f"{said} multiplies by the deviation. Divide.",
             (images - mean) * deviation),
            (f"{said} returns `fit`, standardised. Asked for is `images`.",
             (fit - mean) / deviation),
            (f"{said} returns it unchanged.", images),
        ])


@exercise(
    hints=[
        "Two findings of this section: a fraction is a part of the picture's "
        "size, to either side. And two names do not do what they say.",
        "`height_shift_range` moves pictures sideways. So the columns follow "
        "from `0.25 * 40`. And the rows?",
    ],
    code="most_rows = 0.1 * 40\nmost_columns = 0.25 * 40",
    reasoning="A fraction below 1 is multiplied by the picture's size, and "
    "the amount is drawn between minus and plus that. You measured that "
    "`height_shift_range` moves pictures sideways and `width_shift_range` up "
    "and down, so the 0.25 belongs to the columns.",
    why="Whoever reads such a program believes its names. You know what it "
    "does, because you have measured it.",
)
def farthest(most_rows, most_columns):
    """Examine how far two shift ranges move a picture of 40 by 40."""
    rows = number(most_rows, "`most_rows`")
    columns = number(most_columns, "`most_columns`")
    for mistake, found in [
        ("That is what the names of the settings say. Look at what you "
         "measured in this section: which of the two moves pictures "
         "sideways?", (10, 4)),
        ("Those are the fractions. Asked for are pixels: a part of 40.",
         (0.1, 0.25)),
        ("Those are the fractions, and pixels are asked for. And look at "
         "what you measured: which of the two moves pictures sideways?",
         (0.25, 0.1)),
        ("That is the way from one end to the other. A picture moves at most "
         "half of that to either side.", (8, 20)),
        ("That is right for pictures of 28 by 28. These have 40.", (2.8, 7)),
        ("That would be for pictures of 28 by 28. And look at what you "
         "measured: which of the two moves pictures sideways?", (7, 2.8)),
    ]:
        if np.allclose([rows, columns], found):
            raise NotYet(mistake)
    if min(rows, columns) < 0:
        raise NotYet("A number is negative. Give distances, without a sign.")
    compare(rows, 4, "`most_rows`", tolerance=0.05)
    compare(columns, 10, "`most_columns`", tolerance=0.05)


@exercise(
    hints=[
        "Mark the pictures first: `(labels == 0) | (labels == 8)` is True "
        "for each 0 and each 8. Then change the marked ones in a copy.",
        "With `marked` and `result = images.copy()`, the line is "
        "`result[marked] = images[marked][:, :, ::-1]`. The first axis "
        "counts the pictures, the last one the columns.",
    ],
    code="""
def mirror_safely(images, labels):
    marked = (labels == 0) | (labels == 8)
    result = images.copy()
    result[marked] = images[marked][:, :, ::-1]
    return result
""",
    reasoning="A comparison marks the pictures, and `|` joins two marks: the "
    "one or the other. The mask picks the marked pictures, the slice walks "
    "backwards through their columns, and the assignment puts them back in "
    "their places. `np.isin(labels, [0, 8])` marks the same ones.",
    why="`horizontal_flip` cannot do this, because it never sees the labels. "
    "If a change is right for some classes only, you must choose the "
    "pictures yourself.",
)
def mirror_safely(function):
    """Examine a function that mirrors the pictures of a 0 and of an 8."""
    for labels, which in [
        ([8, 3, 0, 0, 5, 8, 1], "seven pictures, of 8 3 0 0 5 8 1"),
        ([2, 7], "two pictures, of 2 7"), ([8], "one picture, of 8"),
    ]:
        labels = np.array(labels, np.uint8)
        images = some_pictures(len(labels), 5, 7)
        mirrored = images[:, :, ::-1]
        eights, zeros = labels == 8, labels == 0
        marked = eights | zeros

        def pick(mask, changed=mirrored, images=images):
            return np.where(mask[:, None, None], changed, images)

        right = pick(marked)
        said = f"`mirror_safely` of {which},"
        result = call(function, images, labels, said=said)
        compare(result, right, said, dtype="uint8", mistakes=[
            (f"{said} returns them unchanged.", images),
            (f"{said} mirrors every picture. Leave those alone whose digit "
             "is no 0 and no 8.", mirrored),
            (f"{said} mirrors all the others: the condition is inverted.",
             pick(~marked)),
            (f"{said} mirrors the 8s alone. To ask for a 0 or an 8, write "
             "`(labels == 0) | (labels == 8)`: both sides need parentheses "
             "and a comparison of their own.", pick(eights)),
            (f"{said} mirrors the 0s alone. The 8s are to be mirrored too.",
             pick(zeros)),
            (f"{said} turns pictures upside down. Left and right are the "
             "last axis.", pick(marked, images[:, ::-1])),
            (f"{said} turns pictures by a half turn. Change the last axis "
             "alone.", pick(marked, images[:, ::-1, ::-1])),
            (f"{said} exchanges whole pictures: `[::-1]` alone walks "
             "backwards through the first axis.", images[::-1]),
            (f"{said} returns only the mirrored pictures. The others belong "
             "to the result too.", mirrored[marked]),
            (f"{said} returns only the pictures of a 0 or an 8, and does not "
             "mirror them.", images[marked]),
        ])


@exercise(
    hints=[
        "The matrix says where a pixel is fetched from, so it goes the other "
        "way: if the digit is to grow, the place must come closer to the "
        "centre. And which place must stay where it is?",
        "Row and column are multiplied by `1 / factor`. The middle of `size` "
        "places is `(size - 1) / 2`. Three matrices do it: move the middle "
        "to (0, 0), zoom, move it back. Or work out the number to be added.",
    ],
    code="""
def enlarge(factor, size):
    middle = (size - 1) / 2
    step = 1 / factor
    start = middle - step * middle
    return np.array([[step, 0, start], [0, step, start], [0, 0, 1]])
""",
    reasoning="One pixel farther in the new picture is `1 / factor` pixels "
    "farther in the old one. The middle must be fetched from the middle: "
    "`step * middle + start = middle`, and that gives `start`. In matrices: "
    "`shift(middle, middle) @ zoom(step, step) @ shift(-middle, -middle)`.",
    why="You can read such a matrix now: the square of four numbers says how "
    "the digit is turned and stretched, the last column where the middle "
    "ends. `about_centre` does the same for 28 pixels.",
)
def enlarge(function):
    """Examine a function that returns a matrix for a zoom."""
    def matrix(step, start):
        return np.array([[step, 0, start], [0, step, start], [0, 0, 1]])

    for factor, size in (1.5, 28), (2, 9), (0.5, 28), (1, 28):
        step, middle = 1 / factor, (size - 1) / 2
        right = matrix(step, middle * (1 - step))
        said = f"`enlarge({factor}, {size})`"
        inverse = (f"{said} works in the wrong direction. The matrix says "
                   "where a new pixel is fetched from, and not where an old "
                   "one goes.")
        corner = (f"{said} keeps the corner in its place. The middle of the "
                  "picture should stay where it is.")
        result = call(function, factor, size, said=said)
        compare(result, right, said, tolerance=1e-6, mistakes=[
            (f"{said} changes nothing.", np.eye(3)),
            (inverse, matrix(factor, middle * (1 - factor))),
            (f"{inverse} And the corner stays in place, not the middle.",
             matrix(factor, 0)),
            (corner, matrix(step, 0)),
            (corner, np.diag([step, step])),
            (f"{said} takes `size / 2` for the middle. Places are counted "
             "from 0, so the last one is `size - 1`.",
             matrix(step, size / 2 * (1 - step))),
            (f"{said} takes 13.5 for the middle, which holds for 28 pixels. "
             "Work it out from `size`.", matrix(step, 13.5 * (1 - step))),
            (f"{said} has the two shifts the wrong way round. The rightmost "
             "matrix meets the place first: it must move the middle to "
             "(0, 0).", matrix(step, middle * (step - 1))),
            (f"{said} moves the middle to another place. The shift lacks its "
             "way back.", matrix(step, -step * middle)),
            (f"{said} moves the middle to another place. A shift of the "
             "middle to (0, 0) has to come first.", matrix(step, middle)),
            (f"{said} multiplies the third number of the place as well. It "
             "must stay 1.", np.diag([step] * 3)),
            (f"{said} has the numbers to be added in the last row. They "
             "belong in the last column.", right.T),
            (f"{said} gives the upper two rows. The third one, 0 0 1, makes "
             "it a matrix that others can be multiplied with.", right[:2]),
        ])


OLD = np.array([5.6, 4.8, 6.1, 5.1])
NEW = np.array([5.2, 4.5, 5.8, 4.7])
T_3 = 3.18245  # Student's t, 97.5 %, 3 degrees of freedom: W. S. Gosset, 1908


@exercise(
    hints=[
        "The runs come in pairs: the first of the old way and the first of "
        "the new way had the same seed. Which four numbers do you make of "
        "these eight?",
        "Make two arrays of the errors, and subtract the old one from the "
        "new one. `find_interval` of the differences gives both ends. If 0 "
        "lies between them, it is noise.",
    ],
    code="""
lower_end, upper_end = find_interval(
    np.array([5.2, 4.5, 5.8, 4.7]) - np.array([5.6, 4.8, 6.1, 5.1])
)
is_noise = bool(lower_end <= 0 <= upper_end)
""",
    reasoning="Seeds differ much: 4.8 here, 6.1 there. But both ways of "
    "training have some of the same luck with a seed, and in the differences "
    "the luck that they share cancels. Here they share nearly all: the "
    "differences are −0.4, −0.3, −0.3 and −0.4, so the interval is narrow, "
    "and 0 is far outside.",
    why="The intervals of the two means overlap for the most part, and the "
    "improvement is real nevertheless. To compare pairs finds what two "
    "separate means hide.",
)
def pairs(lower_end, upper_end, is_noise):
    """Examine the interval of four differences, and what follows."""
    low = number(lower_end, "`lower_end`")
    high = number(upper_end, "`upper_end`")
    gains = NEW - OLD
    mean, error = gains.mean(), gains.std(ddof=1) / 2
    apart = np.sqrt((OLD.var(ddof=1) + NEW.var(ddof=1)) / 4)
    right = np.array([mean - T_3 * error, mean + T_3 * error])

    def about(centre, reach):
        return np.array([centre - reach, centre + reach])

    # Twice the standard error of four runs is their spread.
    narrow = ("The interval is too narrow. Four runs tell little, so it "
              "reaches one and a half times their spread to each side: see "
              "`find_interval`.")
    for mistake, ends in [
        ("The differences have the wrong sign. Subtract the old error from "
         "the new one, as `tell` does.", -right[::-1]),
        ("The two ends are swapped. The lower one comes first.", right[::-1]),
        (narrow, about(mean, 1.96 * error)), (narrow, about(mean, 2 * error)),
        ("That is the mean and once its standard error. The interval "
         "reaches farther.", about(mean, error)),
        ("That is the interval for one further run. For the mean, divide "
         "the spread by the square root of 4.", about(mean, 2 * T_3 * error)),
        ("The interval is too narrow: the spread of few numbers needs "
         "`ddof=1`.", about(mean, T_3 * gains.std() / 2)),
        ("The interval is too narrow. 95 % inside leaves 2.5 % at *each* "
         "end, so the factor is `t.ppf(0.975, 3)`.",
         about(mean, 2.35336 * error)),
        ("That compares two separate groups, and the luck of the seeds stays "
         "in. Subtract run by run first.", about(mean, T_3 * apart)),
        ("That compares two separate groups, and the luck of the seeds stays "
         "in. Subtract run by run first.", about(mean, 2.44691 * apart)),
        ("That is the interval of the old errors. Asked for is that of the "
         "differences.", about(OLD.mean(), T_3 * OLD.std(ddof=1) / 2)),
        ("That is the interval of the new errors. Asked for is that of the "
         "differences.", about(NEW.mean(), T_3 * NEW.std(ddof=1) / 2)),
        ("Those are the smallest and the largest difference. The interval "
         "for their mean is another one.",
         np.array([gains.min(), gains.max()])),
    ]:
        if np.allclose([low, high], ends, rtol=0, atol=0.006):
            raise NotYet(mistake)
    compare(low, right[0], "`lower_end`", tolerance=0.004)
    compare(high, right[1], "`upper_end`", tolerance=0.004)
    if not isinstance(is_noise, bool | np.bool_):
        raise NotYet("`is_noise` should be True or False.")
    if is_noise:
        raise NotYet("Both ends are right, and `is_noise` does not follow "
                     "from them. Does 0 lie between the two?")


@exercise(
    hints=[
        "`compare` has the two lines that mark what is fixed and what is "
        "broken. What is left is to count the marks for each digit. Which "
        "array says what the digit is?",
        "`truth[fixed]` holds the digits of the fixed pictures, and "
        "`np.bincount(truth[fixed], minlength=10)` counts them. Do the same "
        "for broken, and put the two side by side with "
        "`np.stack([...], axis=1)`.",
    ],
    code="""
def changes_by_digit(before, after, truth):
    fixed = (before != truth) & (after == truth)
    broken = (before == truth) & (after != truth)
    columns = [
        np.bincount(truth[marked], minlength=10)
        for marked in (fixed, broken)
    ]
    return np.stack(columns, axis=1)
""",
    reasoning="A picture that was wrong and is wrong again in another way is "
    "neither fixed nor broken, so both comparisons are with the truth. The "
    "digit of a picture is its label, and not an answer. Without "
    "`minlength`, the counts end at the largest digit that occurs, and the "
    "two columns may differ in length.",
    why="A total can hide that one digit pays for the others. Call it with "
    "`runs[\"nothing\"][0]`, `runs[\"mirror\"][0]` and `y_val`, and see "
    "which digits the mirror breaks.",
)
def changes_by_digit(function):
    """Examine a function that counts fixed and broken for each digit."""
    random = np.random.default_rng(0)
    for size, largest, which in [
        (400, 9, "400 pictures"), (60, 7, "60 pictures without an 8 and a 9")
    ]:
        truth = random.integers(0, largest + 1, size)
        before, after = (
            np.where(random.random(size) < share, truth,
                     random.integers(0, largest + 1, size))
            for share in (0.4, 0.6)
        )
        was, now = before == truth, after == truth
        said = f"`changes_by_digit` of {which}"

        def table(fixed, broken, first=truth, second=truth):
            return np.stack([np.bincount(first[fixed], minlength=10),
                             np.bincount(second[broken], minlength=10)], 1)

        right = table(~was & now, was & ~now)
        answer = (f"{said} counts by the answers. The digit of a picture is "
                  "its label, in `truth`.")
        result = call(function, before, after, truth, said=said)
        compare(result, right, said, mistakes=[
            (f"{said} has the columns swapped: fixed comes first.",
             right[:, ::-1]),
            (f"{said} has a row for each column. Transpose it: one row for "
             "each digit.", right.T),
            (answer, table(~was & now, was & ~now, before, before)),
            (answer, table(~was & now, was & ~now, after, after)),
            (answer, table(~was & now, was & ~now, before, after)),
            (f"{said} counts pictures that were wrong and are wrong again "
             "in another way. They are neither fixed nor broken.",
             table(~was & (before != after), was & ~now)),
            (f"{said} counts all right answers and all wrong ones "
             "afterwards. Only those count that were otherwise before.",
             table(now, ~now)),
            (f"{said} counts all right answers, before and afterwards. Only "
             "those count that have changed.", table(now, was)),
            (f"{said} gives the totals. Count each digit apart.",
             right.sum(axis=0)),
            (f"{said} gives one number for each digit, fixed less broken. "
             "Keep the two apart.", right[:, 0] - right[:, 1]),
            (f"{said} gives shares. Counts are asked for.", right / size),
            (f"{said} gives shares. Counts are asked for.",
             right / np.maximum(1, np.bincount(truth, minlength=10))[:, None]),
            (f"{said} leaves out the digits that do not occur. Give each of "
             "the ten digits its row: see `minlength`.",
             right[:largest + 1]),
        ])


@exercise(
    hints=[
        "`np.indices(images.shape[1:])` gives the row and the column of each "
        "pixel of one picture. Times `images`, they are multiplied with each "
        "picture of the stack. Sum over the axes 1 and 2.",
        "A loop over the pictures is fine as well. Before you divide by a "
        "picture's ink, ask whether it is 0; if so, the answer is the "
        "middle, `((height - 1) / 2, (width - 1) / 2)`.",
    ],
    code="""
def find_centres(images):
    height, width = images.shape[1:]
    centres = []
    for image in images:
        if not image.any():
            image = np.ones_like(image)
        rows, columns = np.indices((height, width))
        sums = (image * rows).sum(), (image * columns).sum()
        centres.append(np.array(sums) / image.sum())
    return np.array(centres)
""",
    reasoning="The centre is a mean of rows and columns, weighted with the "
    "ink. Where no ink is, there is nothing to divide by. A picture that is "
    "the same everywhere has its centre in the middle, so one can put ones "
    "in place of a black picture and go on.",
    why="Somebody will hand your program an empty picture: a pad on which "
    "nothing is drawn, or a torn scan. One of them must not spoil the whole "
    "batch, and `nan` spreads through every sum that it meets.",
)
def find_centres(function):
    """Examine a function that returns the centres of ink of a batch."""
    images = some_pictures(5, 6, 9, seed=3)
    images[0, :4] = images[1, :, :7] = images[3, 3:, 2:] = 0
    black = images.copy()
    black[[1, 3]] = 0
    rows, columns = np.indices((6, 9))

    def centres(weights):
        ink = weights.sum(axis=(1, 2), dtype=float)
        sums = [(weights * rows).sum(axis=(1, 2)),
                (weights * columns).sum(axis=(1, 2))]
        return np.stack(sums, axis=1) / np.maximum(ink, 1)[:, None]

    for stack, which in [
        (images, "5 pictures"), (black, "5 pictures, two of them all black,"),
        (black[1:2], "one picture, all black,"),
    ]:
        empty = ~stack.any(axis=(1, 2))
        right = centres(stack)
        right[empty] = 2.5, 4
        beside = right + 0.5 * empty[:, None]
        said = f"`find_centres` of {which}"
        inked = stack > 0
        brightest = [np.unravel_index(i.argmax(), i.shape) for i in stack]
        result = call(function, stack, said=said)
        compare(result, right, said, tolerance=0.001, mistakes=[
            (f"{said} puts the centre of a black picture at (0, 0), which is "
             "a corner. Return the middle.", centres(stack)),
            (f"{said} takes half the height and half the width for the "
             "middle. Places are counted from 0: with 6 rows, the middle "
             "is 2.5.", beside),
            (f"{said} takes 13.5 for the middle of a black picture. That "
             "holds for 28 pixels, and these are 6 by 9.",
             np.where(empty[:, None], 13.5, right)),
            (f"{said} leaves out the black pictures. Each picture needs its "
             "row.", right[~empty]),
            (f"{said} has row and column swapped.", right[:, ::-1]),
            (f"{said} has the rows of all pictures first, then the columns. "
             "Transpose it: one row for each picture.", right.T),
            (f"{said} counts each pixel with ink alike. Weigh it with how "
             "bright it is.", np.where(empty[:, None], right, centres(inked))),
            (f"{said} gives the brightest pixel. The centre is a weighted "
             "mean.", np.where(empty[:, None], right, brightest)),
            (f"{said} counts rows and columns from 1. They start at 0.",
             right + 1),
            (f"{said} gives one centre for the whole stack. Sum over the "
             "axes 1 and 2, not over all three.",
             centres(stack.astype(int).sum(axis=0)[None])[0]),
            (f"{said} gives one centre for the whole stack. Sum over the "
             "axes 1 and 2, not over all three.",
             right.mean(axis=0)),
            (f"{said} divides by the number of pixels. Divide by the ink, "
             "the sum of the picture.",
             np.where(empty[:, None], right,
                      centres(stack) * stack.mean(axis=(1, 2))[:, None])),
            (f"{said} is the middle of the picture for each. Where is the "
             "ink?", np.full((len(stack), 2), [2.5, 4])),
        ])
