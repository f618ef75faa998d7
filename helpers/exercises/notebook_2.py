"""The exercises of notebook 2; r is the right result."""

import numpy as np

from helpers.exercises.checking import Exercise, draw_pixels

EXERCISES = {}

EXERCISES["pictures_first"] = Exercise(
    lambda x: np.moveaxis(x, -1, 0)[..., None], lambda r, x: {
        "`reshape` cuts numbers as they are stored, and reorders no axes.":
            [x.reshape(r.shape), x.reshape(r.shape[:3])],
        "rows and columns are exchanged as well. Move the last axis alone.":
            [x.T[..., None], x.T],
        "the channel axis is missing at the end.": r[..., 0],
        "the channel axis belongs at the end.": r[:, None, ..., 0],
        "the first place is for the count, not for 1.": r[None, ..., 0],
        "the count is still the last axis but one.": x[..., None],
        "no axis counts the images. Even one image needs it.": r[0],
    }, dtype="uint8", cases=lambda: {
        f"a stack of shape {shape}": [draw_pixels(*shape)]
        for shape in ((5, 7, 3), (6, 6, 4), (5, 7, 1))})


def _scale(images, fit, **axes):
    return (images - fit.mean(**axes)) / fit.std(**axes)


def _bright_images():
    fit = draw_pixels(20, 6, 9, 1) / 255
    bright = np.sqrt(draw_pixels(3, 6, 9, 1) / 255)
    return {"3 bright images": [bright, fit], "1 image": [bright[:1], fit],
            "the training images": [fit, fit]}


EXERCISES["standardise"] = Exercise(_scale, lambda r, x, fit: {
    "these are the numbers of `images`. The model knows those of `training`.":
        _scale(x, x),
    "each image has its own numbers. The model knows those of `training`.":
        _scale(x, x, axis=(1, 2, 3), keepdims=True),
    "the mean is still that of `images`.": (x - x.mean()) / fit.std(),
    "the deviation is still that of `images`.": (x - fit.mean()) / x.std(),
    "both arrays together are a leak. Use `training` alone.":
        _scale(x, np.concatenate([fit, x])),
    "each pixel has its own numbers. Take one mean and one deviation.":
        _scale(x, fit, axis=0),
    "it is not yet divided by the deviation.": x - fit.mean(),
    "the mean is not subtracted.": x / fit.std(),
    "the mean alone is divided. Set parentheses.": x - fit.mean() / fit.std(),
    "that divides by the variance. Take its root, `std`.":
        (x - fit.mean()) / fit.var(),
    "that multiplies by the deviation. Divide.": (x - fit.mean()) * fit.std(),
    "that is `training`. Standardise `images`.": _scale(fit, fit),
}, tolerance=0.005, cases=_bright_images)  # `ddof=1` is tolerated


def _mirror(images, labels, marked=(0, 8), change=np.s_[:, :, ::-1]):
    mask = np.isin(labels, marked)[:, None, None]
    return np.where(mask, images[change], images)


EXERCISES["mirror_safely"] = Exercise(_mirror, lambda r, x, y: {
    "every image is mirrored. Mirror the 0s and 8s alone.": x[:, :, ::-1],
    "all the others are mirrored: the condition is inverted.":
        _mirror(x, y, range(1, 8)),
    "only 8s are mirrored. Write `(labels == 0) | (labels == 8)`, with both "
    "comparisons in parentheses.": _mirror(x, y, 8),
    "only 0s are mirrored. Mirror the 8s, too.": _mirror(x, y, 0),
    "images are upside down. Left and right are the last axis.":
        _mirror(x, y, change=np.s_[:, ::-1]),
    "images make a half turn. Change the last axis alone.":
        _mirror(x, y, change=np.s_[:, ::-1, ::-1]),
    "whole images change places: `[::-1]` reverses the first axis.": x[::-1],
    "the images that are not mirrored are missing.": r[np.isin(y, [0, 8])],
    "the others are missing, and nothing is mirrored.": x[np.isin(y, [0, 8])],
}, dtype="uint8", cases=lambda: {
    f"images of {digits}": [draw_pixels(len(digits), 5, 7), np.array(digits)]
    for digits in ([8, 3, 0, 0, 5, 8, 1], [2, 7], [8])})


OLD, NEW = np.array([[5.6, 4.8, 6.1, 5.1], [5.2, 4.5, 5.8, 4.7]])
GAINS, APART = NEW - OLD, np.hypot(OLD.std(ddof=1), NEW.std(ddof=1)) / 2
T_3 = 3.18245  # Student's t, 97.5 %, 3 degrees of freedom: W. S. Gosset, 1908


def _find_interval(values, t=T_3, error=None):
    error = values.std(ddof=1) / 2 if error is None else error
    return values.mean() - t * error, values.mean() + t * error


GAIN_ENDS = (*_find_interval(GAINS), False)
EXERCISES["pairs"] = Exercise(lambda: GAIN_ENDS, lambda r: {
    "subtract the old errors from the new ones.": (-r[1], -r[0], ...),
    "the two ends are swapped. The lower one comes first.": (r[1], r[0], ...),
    "four runs tell little, and it is too narrow: see `find_interval`.": [
        (*_find_interval(GAINS, t), ...) for t in (1.96, 2)],
    "that is once the standard error. The interval reaches farther.":
        (*_find_interval(GAINS, 1), ...),
    "that is for one further run. For the mean, divide by the root of 4.":
        (*_find_interval(GAINS, 2 * T_3), ...),
    "it is too narrow: the deviation of few numbers needs `ddof=1`.":
        (*_find_interval(GAINS, error=GAINS.std() / 2), ...),
    "it is too narrow. Leave 2.5 % at each end: `t.ppf(0.975, 3)`.":
        (*_find_interval(GAINS, 2.35336), ...),
    "the luck of the seeds stays in it. Subtract run by run first.": [
        (*_find_interval(GAINS, t, APART), ...) for t in (T_3, 2.44691)],
    "those are the old errors. Take differences.": (*_find_interval(OLD), ...),
    "those are the new errors. Take differences.": (*_find_interval(NEW), ...),
    "those are the smallest and the largest. Find the interval of the mean.":
        (GAINS.min(), GAINS.max(), ...),
    "does 0 lie between the two ends?": (..., ..., True),
}, answers=["lower_end", "upper_end", "is_noise"], tolerance=0.006,
    given=lambda: {"find_interval": _find_interval})


def _centres(images, black=(2.5, 4)):
    places = np.indices(images.shape[1:]).reshape(2, -1)
    return np.array([places @ x.ravel() / x.sum() if x.any() else black
                     for x in images.astype(float)])


def _inks():
    images = draw_pixels(5, 6, 9)
    images[0, :4] = images[1, :, :7] = images[3, 3:, 2:] = 0
    black = images * np.uint8([1, 0, 1, 0, 1])[:, None, None]
    return {"5 images": [images], "5 images, two of them black": [black],
            "1 black image": [black[1:2]]}


EXERCISES["find_centres"] = Exercise(_centres, lambda r, x: {
    "(0, 0) is a corner. Return the middle if all is black.":
        _centres(x, (0, 0)),
    "the middle of 6 rows is 2.5, and not 3.": _centres(x, (3, 4.5)),
    "13.5 is the middle of 28 pixels.": _centres(x, (13.5, 13.5)),
    "black images are missing. Each needs its row.": r[x.any(axis=(1, 2))],
    "pixels count alike. Weight them with their ink.": _centres(x > 0),
    "that is the brightest pixel. Take a weighted mean.":
        tuple(np.unravel_index(image.argmax(), (6, 9)) for image in x),
    "rows and columns are counted from 0, not from 1.": r + 1,
    "that is one centre for all images. Sum over the axes 1 and 2.":
        [_centres(x.sum(axis=0, dtype=int)[None])[0], r.mean(axis=0)],
    "divide by the ink, not by the number of pixels.":
        r * x.mean(axis=(1, 2))[:, None],
    "that is the middle of each image. Where is the ink?": _centres(0 * x),
}, tolerance=0.001, cases=_inks, parts=["the row", "the column"])
