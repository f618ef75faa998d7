"""The exercises of notebook 1. See `helpers.exercises` for how they work."""

from functools import cache

import numpy as np

from helpers.data import load_mnist
from helpers.exercises.tools import NotYet, call, compare, exercise, number

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def some_picture(height, width, seed=0):
    """Return a gray picture of random pixels from 1 to 254."""
    random = np.random.default_rng(seed)
    return random.integers(1, 255, (height, width), dtype=np.uint8)


@cache
def first_digit():
    """Return the first training picture of MNIST."""
    (x_train, _), _ = load_mnist()
    return x_train[0].copy()


@exercise(
    hints=[
        "The cell above finds the share of pixels that are 0 with "
        "`(image == 0).mean()`. One sign and one number must change.",
        "`image > 252` is True where a pixel is brighter than 252, and "
        "False elsewhere. The mean of that is the share of True.",
    ],
    code="bright = (image > 252).mean()",
    reasoning="A comparison gives an array of True and False, one for each "
    "pixel. `mean` counts True as 1 and False as 0, so it adds up the True "
    "ones and divides by the number of pixels: a share. 252 itself is not "
    "brighter than 252, so the sign is `>` and not `>=`.",
    why="Comparing and averaging is the shortest way to count with arrays. "
    "Later you find the accuracy of a recogniser in the same way.",
)
def bright(share):
    """Examine the share of pixels that are brighter than 252."""
    image = first_digit()
    right = (image > 252).mean()
    compare(number(share, "`bright`"), right, "`bright`", tolerance=0.0005,
            mistakes=[
        ("That is the number of bright pixels. Their share is that number "
         "divided by the number of all pixels.", (image > 252).sum()),
        ("That is the share in percent. Asked for is the share itself, "
         "between 0 and 1.", 100 * right),
        ("You counted the pixel that is exactly 252 as well. \"Brighter than "
         "252\" leaves it out.", (image >= 252).mean()),
        ("That is the share of all the other pixels: the condition is "
         "inverted.", (image <= 252).mean()),
        ("That is the share of the pixels below 252: the condition is "
         "inverted.", (image < 252).mean()),
        ("That is the share of the pixels that are exactly 253. Brighter "
         "ones count too.", (image == 253).mean()),
        ("That is the share of the pixels that are 0. Change the condition.",
         (image == 0).mean()),
    ])


@exercise(
    hints=[
        "Yellow is `(255, 255, 0)`. The mean adds up all three numbers and "
        "divides by 3.",
        "For luma, multiply each of the three numbers by its weight "
        "(`0.299`, `0.587`, `0.114`) and add up. The third adds nothing.",
    ],
    code="by_mean = (255 + 255 + 0) / 3\n"
    "by_luma = 0.299 * 255 + 0.587 * 255 + 0.114 * 0",
    reasoning="The mean knows only how much light there is in all: two of "
    "three lamps. Luma asks how bright that looks. Red and green carry most "
    "of the weight, so yellow, for luma, is almost white.",
    why="Blue ink on yellow paper is easy to read in luma gray, where the "
    "paper is far brighter than the ink. The mean gives up a part of that "
    "contrast.",
)
def yellow(by_mean, by_luma):
    """Examine the gray of yellow, by the mean and by luma."""
    by_mean = number(by_mean, "`by_mean`")
    by_luma = number(by_luma, "`by_luma`")
    mean, luma = 170, LUMA @ [255, 255, 0]
    if abs(by_mean - luma) < 1 > abs(by_luma - mean):
        raise NotYet("The two are swapped: the first one is the mean.")
    compare(by_mean, mean, "`by_mean`", tolerance=0.6, mistakes=[
        ("`by_mean` is the sum of the channels. Divide it by 3.", 510),
        ("`by_mean` is the mean of two channels. Blue is 0, and it still "
         "counts as one of three.", 255),
        ("`by_mean` was calculated in uint8, where 255 + 255 wraps around "
         "to 254. Use plain numbers.", 254 / 3),
        ("`by_mean` is the gray of one channel alone. Yellow has two that "
         "are 255.", 85),
        ("`by_mean` is luma. The mean gives each channel the same weight.",
         luma),
    ])
    compare(by_luma, luma, "`by_luma`", tolerance=0.6, mistakes=[
        ("`by_luma` is the sum of two weights. Multiply each by its channel, "
         "255.", LUMA[:2].sum()),
        ("`by_luma` is the luma of red alone. Yellow holds green too.",
         255 * LUMA[0]),
        ("`by_luma` is the luma of green alone. Yellow holds red too.",
         255 * LUMA[1]),
        ("`by_luma` has the weights in the wrong order: red, green, blue.",
         255 * LUMA[1:].sum()),
        ("`by_luma` is the mean. Luma gives each channel its own weight.",
         mean),
        ("`by_luma` is divided by 3. The weights add up to 1, so nothing is "
         "left to divide.", luma / 3),
        ("`by_luma` is rounded down. Give the nearest whole number, or a "
         "decimal.", 225),
        ("`by_luma` is the luma of white. In yellow there is no blue.", 255),
    ])


@exercise(
    hints=[
        "Make an array of the same shape and dtype that is all white: "
        "`np.full_like(image, 255)`. Then copy the middle of the picture into "
        "its middle.",
        "The middle is the rows from `width` to `height - width` and the "
        "columns likewise. Take the height and the number of columns from "
        "`image.shape`; a stop of `-width` fails when `width` is 0.",
    ],
    code="""
def add_frame(image, width):
    framed = np.full_like(image, 255)
    bottom, right = image.shape[0] - width, image.shape[1] - width
    framed[width:bottom, width:right] = image[width:bottom, width:right]
    return framed
""",
    reasoning="Painting four edges takes four slices. Putting the middle "
    "into a white picture takes one, and the new array leaves the original "
    "alone. The stops are calculated, because a width of 0 would turn "
    "`-width` into 0, and `image[0:0]` holds nothing.",
    why="A function that changes what it is given causes mistakes far away "
    "from itself, and they are hard to find. Yours can be called twice, and "
    "with a frame of no width.",
)
def add_frame(function):
    """Examine a function that paints a white frame into a copy."""
    image = some_picture(6, 9)
    for width in (1, 2, 0):
        right, larger, smaller = np.full((3, *image.shape), 255)
        for framed, frame in (right, width), (larger, width + 1), (
            smaller, max(width - 1, 0)
        ):
            inside = (slice(frame, 6 - frame), slice(frame, 9 - frame))
            framed[inside] = image[inside]
        white = right.astype(int) - image > 0
        rows, columns = image.copy(), image.copy()
        rows[:width], rows[6 - width:] = 255, 255
        columns[:, :width], columns[:, 9 - width:] = 255, 255
        corner = image.copy()
        corner[:width], corner[:, :width] = 255, 255
        said = f"`add_frame(image, {width})`"
        mistakes = [
            (f"{said} returns the picture without a frame.", image),
            (f"{said} paints a frame that is one pixel too wide.", larger),
            (f"{said} paints a frame that is one pixel too narrow.", smaller),
            (f"{said} paints the top and the bottom, and leaves out the left "
             "and the right side.", rows),
            (f"{said} paints the left and the right side, and leaves out the "
             "top and the bottom.", columns),
            (f"{said} paints the top and the left side, and leaves out the "
             "bottom and the right one.", corner),
            (f"{said} paints a black frame. White is 255.",
             np.where(white, 0, image)),
            (f"{said} paints with 1, which is nearly black: these pictures "
             "run from 0 to 255.", np.where(white, 1, image)),
            (f"{said} is inverted: the frame has the picture, and the middle "
             "is white.", np.where(white, image, 255)),
            (f"{said} puts the frame around the picture, which grows. Paint "
             "the frame over its edge.",
             np.pad(image, width, constant_values=255)),
            (f"{said} returns only the middle, without the frame.",
             image[width:6 - width, width:9 - width]),
        ]
        if width == 0:
            zero = (f"{said} should change nothing. Remember that `-width` is "
                    "then 0: `image[-0:]` is the whole picture, and "
                    "`image[0:-0]` holds nothing.")
            mistakes = [(zero, np.full_like(image, 255)),
                        (zero, np.zeros((0, 0))), *mistakes]
        result = call(function, image, width, said=said)
        compare(result, right, said, dtype="uint8", mistakes=mistakes)


@exercise(
    hints=[
        "Where is the sum of two pixels above 255? Leave `uint8` before you "
        "add, as `brighten` does.",
        "`first.astype(np.int16) + second` has room for the sum. Divide it "
        "with `// 2`, and go back with `.astype(np.uint8)`.",
    ],
    code="""
def blend(first, second):
    total = first.astype(np.int16) + second
    return (total // 2).astype(np.uint8)
""",
    reasoning="The sum of two pixels needs up to 510, so it is made in "
    "`int16`. The mean of two pixels fits into `uint8` again. To halve "
    "first and then add stays below 256 too, but throws away a half twice: "
    "255 and 255 would give 254.",
    why="Any sum of pictures, and so every mean, needs a wider type than the "
    "pictures have. NumPy's own `mean` changes to float64 for that reason.",
)
def blend(function):
    """Examine a function that returns the mean of two pictures."""
    first, second = some_picture(5, 7, seed=1), some_picture(5, 7, seed=2)
    first[0, :4], second[0, :4] = [255, 254, 0, 1], [255, 255, 255, 1]
    said = "`blend(first, second)`"
    wide = first.astype(int) + second
    halves = first // 2 + second // 2
    result = call(function, first, second, said=said)
    compare(result, wide / 2, said, dtype="uint8", tolerance=0.5, mistakes=[
        (f"{said} wraps around: 255 + 255 is 254 in uint8. Change to a wider "
         "type before you add.", (first + second) // 2),
        (f"{said} halves before it adds, so that two odd pixels lose a half "
         "each: of 255 and 255 it makes 254. Add first.", halves),
        (f"{said} returns the sum. Divide it by 2.", wide),
        (f"{said} clips the sum at 255. Divide it by 2 instead.",
         np.clip(wide, 0, 255)),
        (f"{said} adds in uint8 and wraps around, and does not divide.",
         first + second),
        (f"{said} is one number: the mean of all pixels. Keep the pixels "
         "apart.", wide.mean() / 2),
        (f"{said} returns the first picture alone.", first),
        (f"{said} returns the second picture alone.", second),
    ])


@exercise(
    hints=[
        "Take away the smallest pixel, and the picture starts at 0. By what "
        "must you multiply so that it ends at 255? And leave `uint8` first.",
        "With `low = image.min()` and `span = image.max() - low`, the pixels "
        "are `(image - low) * (255 / span)`. If `span` is 0, return a black "
        "picture before you divide.",
    ],
    code="""
def stretch(image):
    low, high = int(image.min()), int(image.max())
    if low == high:
        return np.zeros_like(image)
    scaled = (image.astype(float) - low) * 255 / (high - low)
    return scaled.round().astype(np.uint8)
""",
    reasoning="Two points fix the scale: `low` must become 0, `high` must "
    "become 255, and all others lie between them in proportion. In a flat "
    "picture the two are the same, and there is nothing to divide by, so it "
    "needs an answer of its own.",
    why="This is what `imshow` does when you do not give it `vmin` and "
    "`vmax`. Now that you have written it, you know when you want it: for "
    "faint pictures, and never to compare two of them.",
)
def stretch(function):
    """Examine a function that stretches pixels to the range 0 to 255."""
    for low, high in (20, 83), (0, 200), (100, 255):
        image = np.linspace(low, high, 54).round().astype(np.uint8)
        image = np.random.default_rng(0).permutation(image).reshape(6, 9)
        said = f"`stretch` of a picture from {low} to {high}"
        share = (image.astype(float) - low) / (high - low)
        narrow = (image - np.uint8(low)) * np.uint8(255)
        result = call(function, image, said=said)
        compare(result, 255 * share, said, dtype="uint8", tolerance=1,
                mistakes=[
            (f"{said} returns it unchanged.", image),
            (f"{said} starts above 0. Take the smallest pixel away before "
             "you multiply.", image * (255 / high)),
            (f"{said} starts at 0 but does not reach 255. Divide by the "
             "range, `max - min`, and not by the largest pixel.",
             (image - float(low)) * 255 / high),
            (f"{said} starts at 0 but does not reach 255. Taking the "
             "smallest pixel away is the first half.", image - low),
            (f"{said} is inverted: dark pixels become bright.",
             255 - 255 * share),
            (f"{said} wraps around. Leave uint8 before you multiply.",
             narrow // np.uint8(high - low)),
            (f"{said} wraps around. Leave uint8 before you multiply.",
             narrow / (high - low)),
            (f"{said} runs from 0 to 1. Multiply by 255 before you return to "
             "uint8.", (image == high).astype(int)),
        ])
    for value in (60, 0, 255):
        image = np.full((6, 9), value, np.uint8)
        said = f"`stretch` of a flat picture, all {value},"
        result = call(function, image, said=said)
        compare(result, np.zeros((6, 9)), said, dtype="uint8", mistakes=[
            (f"{said} returns it unchanged. `imshow` draws it black: all 0.",
             image),
            (f"{said} returns white. `imshow` draws it black: all 0.",
             np.full((6, 9), 255)),
        ])


@exercise(
    hints=[
        "Undo the two steps in reverse order. An index of `[..., 0]` takes "
        "away the last axis, and no other. Then multiply.",
        "`astype(np.uint8)` cuts off the decimals and wraps around. So "
        "`.round()` and `np.clip(..., 0, 255)` come before it.",
    ],
    code="""
def to_pixels(ready):
    scaled = (ready[..., 0] * 255).round()
    return np.clip(scaled, 0, 255).astype(np.uint8)
""",
    reasoning="Each step is the opposite of one in `prepare_images`: take "
    "away the channel axis, multiply by 255, return to `uint8`. The last is "
    "the dangerous one, for `astype` neither rounds nor clips. `squeeze()` "
    "would take away every axis of length 1, and so the first one too if "
    "there is a single picture.",
    why="Whatever a network draws comes as decimal numbers that are a little "
    "off, and must become pixels before you can save it.",
)
def to_pixels(function):
    """Examine a function that takes back what prepare_images does."""
    pixels = np.linspace(0, 255, 105).round().reshape(3, 5, 7)
    between = pixels + 0.3 * np.cos(np.pi * np.arange(7)) * (pixels % 255 > 0)
    outside = pixels.copy()
    outside[0, 0, 0], outside[2, 4, 6] = -3, 258
    for said, exact in [
        ("`to_pixels` of 3 prepared pictures", pixels),
        ("`to_pixels` of numbers between the gray levels", between),
        ("`to_pixels` of numbers a little outside 0 to 1", outside),
        ("`to_pixels` of 1 picture", pixels[:1]),
    ]:
        ready = (exact / 255)[..., np.newaxis].astype(np.float32)
        right = np.clip(exact.round(), 0, 255)
        result = call(function, ready, said=said)
        compare(result, right, said, dtype="uint8", mistakes=[
            (f"{said} keeps the channel axis, the last one.",
             right[..., np.newaxis]),
            (f"{said} loses the first axis as well. Take away the last axis "
             "alone.", right[0]),
            (f"{said} still runs from 0 to 1. Multiply by 255.",
             ready[..., 0]),
            (f"{said} is 0 nearly everywhere. Multiply by 255 before you "
             "change to uint8.", np.trunc(right / 255)),
            (f"{said} is 0 nearly everywhere: `astype` cut off the decimals "
             "before you multiplied.", np.trunc(right / 255) * 255),
            (f"{said} rounds down: `astype` cuts off the decimals, and "
             "254.7 becomes 254. Round first.", np.trunc(exact)),
            (f"{said} wraps around: what is below 0 or above 255 must be "
             "clipped.", exact.round() % 256),
            (f"{said} is inverted.", 255 - right),
        ])


def drawn_digits():
    """Return six pictures of strokes, bright ink on dark paper."""
    images = np.full((6, 28, 28), 10, np.uint8)
    images[0, 4:24, 13:16] = 250
    images[1, 6:22, 8:11] = images[1, 19:22, 8:20] = 230
    images[2, 5:8, 7:21] = images[2, 5:23, 18:21] = 255
    images[3, 6:22, 7:21], images[3, 9:19, 10:18] = 240, 10
    images[4, 13:16, 4:24] = images[4, 4:24, 13:16] = 200
    images[5, 4:24, 9:12], images[5, 4:24, 8] = 220, 120
    images[::2, :2] = 0
    return images


@exercise(
    hints=[
        "How can a program tell which pictures are inverted? In these, most "
        "of the picture is paper. `images.mean(axis=(1, 2))` gives one "
        "number for each picture.",
        "Mark the pictures whose mean is above 127. Copy all of them, and "
        "change the marked ones in the copy: `fixed[marked] = 255 - "
        "images[marked]`.",
    ],
    code="""
def make_paper_black(images):
    inverted = images.mean(axis=(1, 2)) > 127
    fixed = images.copy()
    fixed[inverted] = 255 - images[inverted]
    return fixed
""",
    reasoning="Paper fills most of a digit's picture, so the mean of a "
    "picture says which end of the scale is paper. The mask picks the "
    "pictures that need the repair, one by one, and the copy keeps the "
    "original. To look at a corner, or at the whole border, works too.",
    why="The recogniser that read fewer than one inverted digit in a "
    "hundred reads them as well as the others now. People's photographs "
    "come in both polarities.",
)
def make_paper_black(function):
    """Examine a function that inverts the pictures with bright paper."""
    right = drawn_digits()
    for marked, which in [
        ([1, 4, 5], "6 pictures, the second, fifth and sixth inverted,"),
        ([], "6 pictures, none inverted,"),
        (list(range(6)), "6 pictures, all inverted,"),
    ]:
        images = right.copy()
        images[marked] = 255 - images[marked]
        said = f"`make_paper_black` of {which}"
        result = call(function, images, said=said)
        wraps = images.copy()
        wraps[marked] = 1 - images[marked]
        compare(result, right, said, dtype="uint8", mistakes=[
            (f"{said} returns them unchanged. Look at each picture on its "
             "own.", images),
            (f"{said} inverts every picture. Decide for each picture whether "
             "it needs that.", 255 - images),
            (f"{said} does it the wrong way round: all paper is white now.",
             255 - right),
            (f"{said} calculates `1 - images`, which is for pictures from "
             "0.0 to 1.0. Here white is 255.", wraps),
            (f"{said} calculates `1 - images`, which is for pictures from "
             "0.0 to 1.0. Here white is 255.", 1 - images),
            (f"{said} returns only the pictures that were inverted. The "
             "others belong to the result too.", right[marked]),
            (f"{said} turns pictures upside down in place of inverting their "
             "gray.", images[:, ::-1]),
            (f"{said} runs from 0 to 1. Keep 0 to 255.", right / 255),
        ])
