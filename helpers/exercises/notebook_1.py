"""The exercises of notebook 1; r is the right result, before it is rounded."""

from functools import cache

import numpy as np

from helpers.data import load_mnist
from helpers.exercises.checking import Exercise, draw_pixels

EXERCISES = {}


@cache
def _first_digit():
    return {"image": load_mnist()[0][0][0]}


EXERCISES["bright"] = Exercise(lambda x: ((x > 252).mean(),), lambda r, x: {
    "that is the number of bright pixels. Divide it by the number of all.":
        (x > 252).sum(),
    "that is in percent. A share is between 0 and 1.": 100 * r[0],
    "252 counts as well, and is not brighter than 252.": (x >= 252).mean(),
    "the condition is inverted.": [1 - r[0], (x < 252).mean()],
    "that is the share of 253. Brighter pixels count, too.": (x == 253).mean(),
    "that is the share of 0. Change the condition.": (x == 0).mean(),
}, answers=["bright"], tolerance=0.0005, given=_first_digit,
    cases=lambda: {"": [*_first_digit().values()]})


def _two_images():
    first, second = draw_pixels(2, 5, 7)
    first[0, :4], second[0, :4] = [255, 254, 0, 1], [255, 255, 255, 1]
    return {"two images": [first, second]}


EXERCISES["blend"] = Exercise(lambda a, b: (a / 1 + b) / 2, lambda r, a, b: {
    "255 + 255 wraps around in uint8. Widen the type first.": (a + b) // 2,
    "255 and 255 give 254. Add first, then halve.": a // 2 + b // 2,
    "that is the sum. Divide it by 2.": 2 * r,
    "the sum is clipped. Divide it by 2.": (2 * r).clip(0, 255),
    "the sum wraps around, and is not divided.": a + b,
    "that is one number for all pixels. Keep them apart.": r.mean(),
    "that is the second image alone.": b,
}, dtype="uint8", tolerance=0.5, cases=_two_images)


def _stretch(image):
    low, high = float(image.min()), image.max()
    return (image - low) * 255 / max(high - low, 1)


def _gray_ranges():
    cases = {}
    for low, high in (20, 83), (0, 200), (100, 255), (60, 60), (0, 0):
        image = np.linspace(low, high, 54).round().astype(np.uint8)
        np.random.default_rng(0).shuffle(image)
        cases[f"an image from {low} to {high}"] = [image.reshape(6, 9)]
    return cases


EXERCISES["stretch"] = Exercise(_stretch, lambda r, x: {
    "`imshow` draws a flat image black: all 0.":
        [x, r + 255] if np.ptp(x) == 0 else r,
    "it is unchanged.": x,
    "it starts above 0. Subtract the smallest pixel.": x * (255 / x.max()),
    "it ends below 255. Divide by the range, not by the largest pixel.":
        (x - float(x.min())) * 255 / x.max(),
    "it ends below 255. Subtracting the smallest pixel is the first half.":
        x - x.min(),
    "it wraps around. Leave uint8 before you multiply.":
        [(x - x.min()) * np.uint8(255) // np.ptp(x),
         (x - x.min()) * np.uint8(255) / np.ptp(x)],
}, dtype="uint8", tolerance=1, cases=_gray_ranges)


def _polarities():
    images = np.full((6, 28, 28), 10, np.uint8)
    images[:3, 4:24, 9:12] = images[2:, 6:9, 7:21] = 250
    images[4:, 5:23, 18:20], images[5, 4:24, 8] = 200, 120
    images[::2, :2] = 0
    return {f"6 images, {words} inverted": [np.where(
        np.isin(range(6), marked)[:, None, None], 255 - images, images)]
        for words, marked in {"three of them": [1, 4, 5], "none": [],
                              "all": range(6)}.items()}


def _blacken(images):
    bright = images.mean(axis=(1, 2), keepdims=True) > 127
    return np.where(bright, 255 - images, images)


EXERCISES["make_paper_black"] = Exercise(_blacken, lambda r, x: {
    "every image is inverted. Decide for each image.": 255 - x,
    "it is the wrong way round: all paper is white.": 255 - r,
    "`1 - images` is for images from 0.0 to 1.0. Here white is 255.":
        [np.where(r == x, x, 1 - x), 1 - x],
    "the images that need no change are missing.":
        r[(r != x).any(axis=(1, 2))],
    "images are upside down. Invert their gray levels.": x[:, ::-1],
}, dtype="uint8", cases=_polarities)
