"""A recogniser without TensorFlow: the nearest of some training pictures."""

import functools

import numpy as np

from helpers.data import load_mnist


@functools.cache
def training(count=12_000):
    (images, labels), _ = load_mnist()
    known = images[:count].reshape(count, -1).astype(np.float32)
    return known / np.linalg.norm(known, axis=1, keepdims=True), labels[:count]


def nearest(images):
    """Probabilities of ten digits for (count, 28, 28, 1), from 0.0 to 1.0."""
    known, labels = training()
    flat = np.asarray(images).reshape(len(images), -1)
    likeness = flat @ known.T / np.linalg.norm(flat, axis=1, keepdims=True)
    best = np.stack([
        likeness[:, labels == digit].max(axis=1) for digit in range(10)
    ], axis=1)
    weight = np.exp(60 * (best - best.max(axis=1, keepdims=True)))
    return weight / weight.sum(axis=1, keepdims=True)


def held_out(count, start=40_000):
    """Training pictures that `nearest` does not know, with their labels."""
    (images, labels), _ = load_mnist()
    return images[start:start + count], labels[start:start + count]


def read(image):
    """The digit that `nearest` sees in a picture of 28 by 28 pixels."""
    return int(nearest(image[np.newaxis, ..., np.newaxis] / 255).argmax())


def typical(count_of_each=3):
    """Held-out pictures that `nearest` is sure of: arrays by digit."""
    images, labels = held_out(1500)
    sure = nearest(images[..., np.newaxis] / 255)[np.arange(1500), labels]
    return {
        digit: [images[i] for i in np.argsort(-sure, kind="stable")
                if labels[i] == digit][:count_of_each]
        for digit in range(10)
    }
