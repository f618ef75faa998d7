"""The exercises of notebook 3; r is the right result."""

import numpy as np

from helpers.exercises.checking import Exercise

EXERCISES = {}


def _respond(image, weights, gather=np.sum, border=None):
    image = np.pad(image, border) if border else image
    parts = np.lib.stride_tricks.sliding_window_view(image, weights.shape)
    return gather(parts * weights, axis=(2, 3))


EXERCISES["respond"] = Exercise(_respond, lambda r, x, w: {
    "the filter is turned round. Networks do not turn it.":
        _respond(x, w[::-1, ::-1]),
    "it reads zeros beyond the border. Take places where all of it fits.": [
        _respond(x, w, border=[((n - a) // 2, (n - b) // 2) for n in w.shape])
        for a, b in ((0, 1), (1, 0))],
    "the last row and column are missing: 3 fits into 5 at 3 places.":
        r[:-1, :-1],
    "that is the mean. Take the sum.": r / w.size,
    "that is the largest product. Take the sum.": _respond(x, w, np.max),
    "multiply each pixel by its weight.": _respond(x, np.ones(w.shape)),
    "decimals are cut off. `np.zeros` has room for them.": np.trunc(r),
    "that is the first place alone. Visit the others, too.": r[0, 0],
    "sums may be negative: `ReLU` comes later.": np.maximum(r, 0),
}, cases=lambda: {
    f"shapes {size} and {small}": [
        np.random.default_rng(0).random(size),
        np.random.default_rng(1).normal(size=small)]
    for size, small in (((6, 9), (3, 3)), ((5, 8), (2, 4)), ((4, 4), (4, 4)))})

GIVEN = np.array([0.9, 0.9, 0.9, 0.0001])
LOSSES = -np.log(GIVEN)

EXERCISES["batch_loss"] = Exercise(lambda: (LOSSES.mean(),), lambda r: {
    "that is the sum of the losses. Take their mean.": LOSSES.sum(),
    "take the logarithms first, then the mean.": -np.log(GIVEN.mean()),
    "the sign is missing: a loss is minus a logarithm.": -LOSSES.mean(),
    "that is to the base 10. `np.log` is natural.": LOSSES.mean() / np.log(10),
    "that is to the base 2. `np.log` is natural.": LOSSES.mean() / np.log(2),
    "that is the mean probability. Take logarithms.": GIVEN.mean(),
    "that is what the mean lacks to 1. Take logarithms.": 1 - GIVEN.mean(),
    "that is one of the first three. Take the mean of all.": LOSSES[0],
    "that is the last image alone. Take the mean of all.": LOSSES[3],
    "that is the loss of a network that only guesses.": np.log(10),
    "that is the share of wrong predictions. Take logarithms.": 0.25,
}, answers=["batch_loss"], tolerance=0.02)


def _risk(rows, labels, threshold, judge=lambda wrong, ok: wrong[ok],
          accept=np.greater_equal, sure=None):
    wrong = rows.argmax(axis=1) != labels
    ok = accept(rows.max(axis=1) if sure is None else sure, threshold)
    return ok.mean(), judge(wrong, ok).mean() if ok.any() else 0


def _probabilities():
    random = np.random.default_rng(6)
    sure = random.integers(9, 16, 48) / 16  # exact, so that some are equal
    first = random.integers(0, 10, 48)
    second = (first + random.integers(1, 10, 48)) % 10
    rows = np.zeros((48, 10))
    rows[np.arange(48), first], rows[np.arange(48), second] = sure, 1 - sure
    labels = np.where(random.random(48) < 2 * sure - 1, first, second)
    return {f"threshold {threshold}": [rows, labels, threshold]
            for threshold in (0.75, 0.875, 0, 0.5, 0.96875)}


EXERCISES["coverage_and_risk"] = Exercise(_risk, lambda r, p, y, t: {
    "nothing is accepted, so both should be 0.":
        r if r.any() else [(0, 1), (0, (p.argmax(axis=1) != y).mean())],
    "mistakes are divided by all images. Divide by the accepted ones.":
        _risk(p, y, t, lambda wrong, ok: wrong & ok),
    "nobody reads the refused images: their mistakes do not count.":
        _risk(p, y, t, lambda wrong, ok: wrong),
    "that is the risk of the refused images.":
        _risk(p, y, t, lambda wrong, ok: wrong[~ok]),
    "that is the share of right predictions, not the risk.": (r[0], 1 - r[1]),
    "that is the share of refused images, not the coverage.": (1 - r[0], r[1]),
    "a confidence equal to the threshold is sure enough: `>=`.":
        _risk(p, y, t, accept=np.greater),
    "nobody knows the label. Take the largest of the ten.":
        _risk(p, y, t, sure=p[np.arange(len(y)), y]),
    "wrong predictions can be accepted, too.": (r[0] * (1 - r[1]), r[1]),
    "the risk is in 1,000. Give a share, between 0 and 1.": r * [1, 1000],
    "those are numbers of images. Give shares, between 0 and 1.":
        (len(y) * r[0], len(y) * r[0] * r[1]),
}, cases=_probabilities, parts=["coverage", "risk"])


def _precision(matrix, nothing=0):
    taken = matrix.sum(axis=0)
    return np.where(taken, np.diag(matrix) / np.maximum(taken, 1), nothing)


def _matrices():
    full = np.random.default_rng(3).integers(1, 9, (10, 10))
    full[range(10), range(10)] += 40
    never = full.copy()
    never[:, 7] = 0
    return {"a matrix": [full], "no image predicted as 7": [never]}


EXERCISES["precision"] = Exercise(_precision, lambda r, m: {
    "that is the recall, of the rows. A column has the precision.":
        np.diag(m) / m.sum(axis=1),
    "that divides by all images. Divide by those of a column.":
        np.diag(m) / m.sum(),
    "that is the accuracy. Divide for each digit.": np.trace(m) / m.sum(),
    "those are mistakes. Take the diagonal, what is right.": 1 - r,
    "that is the whole matrix, divided. Take its diagonal.":
        m / np.maximum(m.sum(axis=0), 1),
    "those are the sums. Divide the diagonal by them.": m.sum(axis=0),
    "what cannot be divided should be 0, not 1.": _precision(m, nothing=1),
    "a digit is missing. Each of the ten has its share.": r[r > 0],
}, cases=_matrices)
