"""The exercises of notebook 3; r is the right result."""

import sys

import numpy as np

from helpers.data import prepare_images
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

EXERCISES["parameters"] = Exercise(lambda: (4608, 345600), lambda r: {
    "the two are swapped: the convolution comes first.": (345600, 4608),
    "each filter looks at all 16 responses, not at one.": (3 * 3 * 32, ...),
    "it looks at 16 responses, not at three colours.": (3 * 3 * 3 * 32, ...),
    "that is one filter. There are 32.": (3 * 3 * 16, ...),
    "its filters have no bias.": (3 * 3 * 16 * 32 + 32, ...),
    "that is the first convolution.": (5 * 5 * 3 * 16, ...),
    "its filters are 3 × 3, not 5 × 5.": (5 * 5 * 16 * 32, ...),
    "the weights are the same at all places.": (4608 * 25 * 19, ...),
    "that is the number of responses. Count weights.": (25 * 19 * 32, ...),
    "that is before any pooling. There are two.": (..., 50 * 38 * 3200),
    "that is after one pooling. There are two.": (..., 25 * 19 * 3200),
    "that is after three poolings. There are two.": (..., 6 * 4 * 3200),
    "that rounds up. Pooling drops an odd last place.": (..., 13 * 10 * 3200),
    "half a place is left. Pooling drops it.": (..., 12.5 * 9.5 * 3200),
    "the 32 channels are missing. `Flatten` keeps them.": (..., 12 * 9 * 100),
    "the places are missing. `Flatten` keeps them.": (..., 32 * 100),
    "those are its inputs. Each unit weights each.": (..., 12 * 9 * 32),
    "its units have no bias: see `use_bias`.": (..., 345600 + 100),
    "those are the 16 channels of the first block.": (..., 12 * 9 * 16 * 100),
}, answers=["second_convolution", "dense_layer"])

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
}, answers=["batch_loss"], tolerance=0.006)


def _stop(losses, patience, late=0, last=False, ties=False, total=False):
    best, waited = 1, 0
    for epoch, loss in enumerate(losses, start=1):
        other = losses[epoch - 2 if last else best - 1]
        if epoch == 1 or loss < other or (ties and loss == other):
            best, waited = epoch, waited if total else 0
        else:
            waited += 1
        if waited == patience + late:
            break
    return epoch, best


BUMPY = [0.3, 0.12, 0.08, 0.09, 0.07, 0.08, 0.09, 0.1, 0.11, 0.05, 0.06, 0.07]
EXERCISES["stop_early"] = Exercise(_stop, lambda r, x, n: {
    "epochs are counted from 1, not from 0.": r - 1,
    "that loss comes after training has stopped.": (r[0], np.argmin(x) + 1),
    "compare with the smallest loss so far, not with the one before.":
        _stop(x, n, last=True),
    "an equal loss is not a better one.": _stop(x, n, ties=True),
    "only epochs in a row count. Begin again at 0 after each new best.":
        _stop(x, n, total=True),
    "it stops one epoch too late.": _stop(x, n, late=1),
    "it never stops. Has one epoch after the other been no better?":
        [(len(x), np.argmin(x) + 1), (len(x), r[1])],
    "it stops at the best epoch, which is known only later.": r[[1, 1]],
    "that is the number of epochs in vain. Which one is last?": (n, r[1]),
    "that is the smallest loss. Give its epoch.": (r[0], x[int(r[1]) - 1]),
}, parts=["the last epoch", "the best one"], cases=lambda: {
    f"{losses}, {patience}": [losses, patience] for losses, patience in [
        (BUMPY, 3), (BUMPY, 2), (BUMPY, 1), (BUMPY, 5),
        ([0.5, 0.4, 0.4, 0.4, 0.6], 2), ([0.5, 0.4, 0.3], 2),
        ([0.5, 0.3, 0.4, 0.35, 0.38, 0.36, 0.2], 3), ([0.3, 0.5], 4)]})


def _wilson(right, count, z=1.959964, scale=100):
    share, extra = right / count, z ** 2 / count  # E. B. Wilson, 1927
    reach = np.sqrt(extra * (share * (1 - share) + extra / 4))
    return tuple(scale * (share + extra / 2 + sign * reach) / (1 + extra)
                 for sign in (-1, 1))


def _import_binomtest():
    from scipy.stats import binomtest
    return {"binomtest": binomtest}


EXERCISES["few_pictures"] = Exercise(lambda: _wilson(198, 200), lambda r: {
    "the two ends are swapped. The lower one comes first.": (r[1], r[0]),
    "those are shares. Multiply by 100.": _wilson(198, 200, scale=1),
    "those are numbers of images, not percent.": _wilson(198, 200, scale=200),
    "no share is above 100. Set `method='wilson'`.": (97.621, 100.379),
    "that is the exact one. Set `method='wilson'`.": (96.4345, 99.8787),
    "that has a correction. Set `method='wilson'`.": (96.0508, 99.8266),
    "that is another level. Take `confidence_level=0.95`, or none.":
        [_wilson(198, 200, 1.644854), _wilson(198, 200, 2.575829)],
    "that is for the wrong ones. Ask for the right ones.": _wilson(2, 200),
    "9,900 of 10,000 tell more than 198 of 200.": _wilson(9900, 10000),
    "that is the share. An interval has two ends.": (99, 99),
}, answers=["lower_percent", "upper_percent"], tolerance=0.02,
    given=_import_binomtest)


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


def _shares(matrix, nothing=0):
    sums = [matrix.sum(axis=axis) for axis in (1, 0)]
    return np.stack([np.where(n, np.diag(matrix) / np.maximum(n, 1), nothing)
                     for n in sums], axis=1)


def _matrices():
    random = np.random.default_rng(3)
    full = random.integers(1, 9, (10, 10)) + 40 * np.eye(10, dtype=int)
    column, row = full.copy(), full.copy()
    column[:, 7] = row[4] = 0
    return {"a matrix": [full], "no image predicted as 7": [column],
            "no image of a 4": [row]}


EXERCISES["recall_and_precision"] = Exercise(_shares, lambda r, m: {
    "give a row for each digit, and recall first.": r[:, ::-1].T,
    "that is recall twice. A column has the precision.": r[:, [0, 0]],
    "that is precision twice. A row has the recall.": r[:, [1, 1]],
    "that divides by all images. Divide by those of a row or column.":
        np.stack([np.diag(m) / m.sum()] * 2, axis=1),
    "that is the accuracy. Divide for each digit.": np.trace(m) / m.sum(),
    "those are mistakes. Take the diagonal, what is right.": 1 - r,
    "that is the whole matrix, divided. Take its diagonal.":
        m / np.maximum(m.sum(axis=1, keepdims=True), 1),
    "those are the sums. Divide the diagonal by them.":
        np.stack([m.sum(axis=1), m.sum(axis=0)], axis=1),
    "what cannot be divided should be 0, not 1.": _shares(m, nothing=1),
    "a digit is missing. Each of the ten has its row.": r[r.all(axis=1)],
}, cases=_matrices, parts=["recall", "precision"])


class _Rows(np.ndarray):
    def numpy(self):
        return np.array(self)


class _Network:
    """Predicts as a network does, and keeps what it was given."""

    def __init__(self):
        self.seen = []

    def __call__(self, images, *_, **__):
        batch = np.asarray(images, float)
        if batch.ndim != 4 or batch.shape[1:] != (28, 28, 1):
            raise ValueError("the network takes the shape (count, 28, 28, 1), "
                             f"and was given {batch.shape}.")
        self.seen.append(batch)
        weights = np.random.default_rng(1).normal(size=(784, 10))
        powers = np.exp(3 * np.sin(batch.reshape(-1, 784) @ weights))
        return (powers / powers.sum(axis=1, keepdims=True)).view(_Rows)

    predict = __call__


def _read(network, batch):
    row = network(batch)[0].numpy()
    return row.argmax(), row.max()


def _call_predict_digits(network, image):
    try:
        return sys.modules["helpers.recogniser"].predict_digits(network, image)
    except (KeyError, TypeError) as error:
        return error if isinstance(error, TypeError) else ()


def _three_digits():
    images = np.random.default_rng(5).integers(0, 256, (3, 28, 28), np.uint8)
    images[:, :, :6] = 0
    return {f"image {number}": [_Network(), image]
            for number, image in enumerate(images, start=1)}


EXERCISES["read_one"] = Exercise(
    lambda net, x: _read(net, prepare_images(x[None])), lambda r, net, x: {
        "it never calls the network.": () if net.seen else ...,
        "`predict_digits` takes a real network. Call `network` itself.":
            _call_predict_digits(net, x),
        "its network was trained with 0 to 1, and is given 0 to 255. It does "
        "not complain.": _read(net, x[None, ..., None]),
        "its network is given zeros and ones: `//` cuts off decimals.":
            _read(net, x[None, ..., None] // 255),
        "`prepare_images` has already divided by 255.":
            _read(net, prepare_images(x[None]) / 255),
        "its network is given dark ink on white paper.":
            _read(net, 1 - prepare_images(x[None])),
        "its network is given dark ink on white paper, from 0 to 255.":
            _read(net, 255 - x[None, ..., None]),
        "its network is given rows and columns exchanged.":
            _read(net, prepare_images(x.T[None])),
        "its network is given other pixels than those of the image.":
            () if np.allclose(net.seen[0][0, ..., 0], x / 255) else ...,
        "a confidence is between 0 and 1, and not in percent.": r * [1, 100],
        "those are all ten. Give the place of the largest, and its value.":
            [net(prepare_images(x[None])), net(prepare_images(x[None]))[0]],
        "an axis counts images. Take the first row.": r[:, None],
        "that is the least probable digit.": tuple(
            f(net(prepare_images(x[None]))) for f in (np.argmin, np.min)),
        "digits are counted from 0, not from 1.":
            np.add(r, [1, 0]),
        "the confidence is rounded. Leave its decimals.": r.round(),
    }, tolerance=0.0006, cases=_three_digits,
    parts=["the digit", "the confidence"],
    given=lambda: {"prepare_images": prepare_images})
