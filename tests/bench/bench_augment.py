"""Measure how fast fast_flow is: python -m tests.bench.bench_augment.

Four ways to feed a small network with images, side by side: the images that
each gives in a second, and what an epoch of training costs with each. A round
takes all of them in turn, so that what else the machine does falls on all;
ratios are taken within a round. Processor time counts all threads.
"""

import argparse
import time

import numpy as np

from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf

    tf.config.list_physical_devices()
import keras
from keras import layers

from helpers.augment import digit_generator, fast_flow
from helpers.data import load_mnist, prepare_images
from tests.bench.bench_training import build

BATCH = 256
READ = "reading alone"


def ways(x, y):
    """Return the four ways to feed a model, by name."""
    change = keras.Sequential([
        layers.RandomRotation(10 / 360), layers.RandomTranslation(0.1, 0.1),
        layers.RandomZoom(0.1, 0.1)])
    read = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x))
    read = read.batch(BATCH)
    return {
        READ: read.prefetch(2),
        "generator.flow": digit_generator().flow(x, y, BATCH),
        "Keras layers": read.map(
            lambda images, labels: (change(images, training=True), labels)
        ).prefetch(2),
        "fast_flow": fast_flow(digit_generator(), x, y, BATCH, seed=0),
    }


def go_through(flow):
    """Take one epoch's batches; generator.flow would not end by itself."""
    for _ in zip(range(len(flow)), flow):
        pass


def in_rounds(action, flows, rounds):
    """Time an action with each flow; return arrays (rounds, 2) by name."""
    times = {name: [] for name in flows}
    for number in range(rounds + 1):
        for name, flow in flows.items():
            started, worked = time.perf_counter(), time.process_time()
            action(flow)
            if number:  # the first round compiles
                times[name].append((time.perf_counter() - started,
                                    time.process_time() - worked))
    return {name: np.array(pairs) for name, pairs in times.items()}


def ratio(above, below):
    """Say the median and the range of a ratio, round by round."""
    ratios = np.sort(above / below)
    return f"{np.median(ratios):6.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=12_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    (x, y), _ = load_mnist()
    x, y = prepare_images(x[:options.images]), y[:options.images]
    flows = ways(x, y)
    for name, pairs in in_rounds(go_through, flows, options.rounds).items():
        speed = len(x) / np.median(pairs[:, 0])
        print(f"{name:16}{speed:10,.0f} images a second")
    model = build((24, 48, 48, 64), 128, 0.3)
    model.compile("adam", "sparse_categorical_crossentropy")
    times = in_rounds(lambda flow: model.fit(
        flow, verbose=0, shuffle=not hasattr(flow, "prefetch")
    ), flows, options.rounds)
    for name, pairs in times.items():
        clocks = [ratio(pairs[:, i], times[READ][:, i]) for i in (0, 1)]
        print(f"{name:16} an epoch, times {READ}: {clocks[0]}, "
              f"processor {clocks[1]}")
