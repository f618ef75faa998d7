"""How fast fast_flow is: run `python tests/bench/bench_augment.py` and wait.

Four ways to feed a small network with pictures, side by side: the pictures
that each gives in a second, and what one epoch of training costs with each.
A round measures all of them, one after the other, so that what else the
machine does falls on all; ratios are taken within a round, and the table
shows their median and range. Processor time counts all threads.
"""

import argparse
import gc
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
import keras

from helpers.augment import ImageDataGenerator, fast_flow
from helpers.data import load_mnist, prepare_images

BATCH = 256
READ, SLOW, LAYERS, FAST = (
    "reading alone", "generator.flow", "Keras layers", "fast_flow"
)


def ways(x, y):
    """Return the four ways to feed a model, by name."""
    generator = ImageDataGenerator(
        rotation_range=10, width_shift_range=0.1, height_shift_range=0.1,
        zoom_range=0.1,
    )
    layers = keras.Sequential([
        keras.layers.RandomRotation(10 / 360, fill_mode="nearest"),
        keras.layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
        keras.layers.RandomZoom(0.1, 0.1, fill_mode="nearest"),
    ])
    read = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x))
    read = read.batch(BATCH)

    def change(images, labels):
        return layers(images, training=True), labels

    return {
        READ: read.prefetch(2),
        SLOW: generator.flow(x, y, BATCH),
        LAYERS: read.map(change).prefetch(2),
        FAST: fast_flow(generator, x, y, BATCH, seed=0),
    }


def build_model():
    """Return a small network of the kind that the lessons train."""
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((28, 28, 1)),
        layers.Conv2D(24, 5, use_bias=False),
        layers.MaxPooling2D(),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(48, 3, use_bias=False),
        layers.MaxPooling2D(),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(256, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def clock(action):
    """Return the seconds and the processor seconds that an action takes."""
    gc.collect()
    start, worked = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - start, time.process_time() - worked


def go_through(flow):
    """Take one epoch's batches."""
    for index, _ in enumerate(flow):
        if index + 1 == len(flow):  # generator.flow would not end
            break


def in_rounds(actions, rounds):
    """Time each action once a round; return arrays (rounds, 2) by name."""
    for action in actions.values():
        action()  # compiles
    times = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            times[name].append(clock(action))
    return {name: np.array(pairs) for name, pairs in times.items()}


def ratio(above, below):
    """Say the median and the range of a ratio, round by round."""
    ratios = np.sort(above / below)
    return f"{np.median(ratios):6.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def measure_feeding(x, y, rounds):
    """Print how many pictures each way gives in a second."""
    flows = ways(x, y)
    # The slow one gets fewer pictures, as it has no speed to gain.
    counts = dict.fromkeys(flows, len(x)) | {SLOW: 8 * BATCH}
    flows[SLOW] = ways(x[:counts[SLOW]], y[:counts[SLOW]])[SLOW]
    times = in_rounds(
        {name: lambda f=flow: go_through(f) for name, flow in flows.items()},
        rounds,
    )
    speeds = {name: counts[name] / times[name][:, 0] for name in flows}
    print(f"\n{'Pictures a second':20}{'median':>10}   times generator.flow")
    for name, speed in speeds.items():
        print(f"{name:20}{np.median(speed):10,.0f}  "
              + ratio(speed, speeds[SLOW]))


def measure_training(x, y, rounds):
    """Print what one epoch of training costs with each way."""
    model, flows = build_model(), ways(x, y)

    def train(flow):
        # Keras 3.15 warns that it will not shuffle a Dataset.
        model.fit(flow, verbose=0, shuffle=not hasattr(flow, "prefetch"))

    times = in_rounds(
        {name: lambda f=flow: train(f) for name, flow in flows.items()}, rounds
    )
    print(f"\n{'One epoch':20}{'seconds':>10}   times reading alone"
          "    processor time, times reading alone")
    for name, pairs in times.items():
        clocks = [ratio(pairs[:, i], times[READ][:, i]) for i in (0, 1)]
        print(f"{name:20}{np.median(pairs[:, 0]):10.2f}  {clocks[0]:22}"
              f"  {clocks[1]}")


def megabytes():
    """Return the memory that this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def measure_memory(count, epochs):
    """Print the memory before and after epochs over many pictures."""
    x = np.zeros((count, 28, 28, 1), np.float32)
    x += 0.5  # or the system would give no memory for it yet
    before = megabytes()
    generator = ImageDataGenerator(rotation_range=10, zoom_range=0.1)
    flow = fast_flow(generator, x, np.zeros(count, np.uint8), BATCH, seed=0)
    held = []
    for _ in range(epochs):
        go_through(flow)
        held.append(megabytes() - before)
    told = ", ".join(f"{more:.0f}" for more in held)
    print(f"{count:>10,} pictures of {x.nbytes / 1e6:,.0f} MB: more MB held "
          f"after each epoch: {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=12_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--memory", action="store_true",
        help="also go through 60,000 and 600,000 pictures (needs 3 GB)",
    )
    options = parser.parse_args()
    keras.utils.set_random_seed(0)
    (images, labels), _ = load_mnist()
    images = prepare_images(images[:options.pictures])
    labels = labels[:options.pictures]
    print(f"{len(images):,} pictures in batches of {BATCH}, "
          f"{options.rounds} rounds")
    measure_feeding(images, labels, options.rounds)
    measure_training(images, labels, options.rounds)
    if options.memory:
        print()
        measure_memory(60_000, 5)
        measure_memory(600_000, 3)
