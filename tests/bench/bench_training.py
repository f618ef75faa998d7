"""Measure error against training time: python -m tests.bench.bench_training.

Trains five networks, one after the other and for each seed anew: Keras's
own MNIST example, a "lightning" network for one epoch, a small one, the
network of notebook 3, whose cells are executed as they stand, and a larger
one of the same kind. All learn from the same 50,000 pictures. After each
epoch the clock stops and the error on the test pictures is taken down;
nothing is chosen by it. With ``--validation`` the error is that on the
validation pictures: use this to compare settings.

Then the larger networks are averaged, two of them, three, and so on, and
asked about shifted copies. The result is printed and, with ``--out``,
written as JSON; ``helpers/measured/training_times.json`` is what notebook 3 shows
and the README quotes. Five seeds take about an hour.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import time
from pathlib import Path

import nbformat
import numpy as np

from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf

    tf.config.list_physical_devices()
import keras
from keras import layers

from helpers.augment import ImageDataGenerator, digit_generator, fast_flow
from helpers.data import load_mnist, prepare_images, split_validation
from helpers.recogniser import predict_digits

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOK = PROJECT / "notebooks" / "3_model_prediction_and_evaluation.ipynb"
CELLS = ["ed10586d", "0b43bd21", "f9c04c60", "60989f03"]


def block(filters, size, *pooling):
    """Return one block of layers, as in notebook 3."""
    return [
        layers.Conv2D(filters, size, use_bias=False),
        *pooling,
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]


def blocks(first, second, third, fourth):
    """Return the four blocks of notebook 3 with other numbers of filters."""
    return [
        *block(first, 5, layers.MaxPooling2D()),
        *block(second, 3),
        *block(third, 3, layers.MaxPooling2D()),
        *block(fourth, 3),
        layers.Flatten(),
    ]


def compile_with_warmup(model, steps, rate, use_ema=False):
    """Compile for Adam with a rate that climbs, then falls to 0."""
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 16,
        warmup_target=rate,
        warmup_steps=steps // 5,
        decay_steps=steps - steps // 5,
    )
    model.compile(
        keras.optimizers.Adam(schedule, use_ema=use_ema, ema_momentum=0.999),
        "sparse_categorical_crossentropy",
    )


def keras_example(x, y, seed):
    """Return Keras's own example (keras.io, "Simple MNIST convnet").

    34,826 parameters, 15 epochs, batches of 128, no augmentation.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, {"x": x, "y": y, "batch_size": 128, "epochs": 15}


def lightning(x, y, seed):
    """Return a narrower network and one epoch of slight augmentation."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *blocks(16, 32, 32, 64),
            layers.Dense(128, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    generator = ImageDataGenerator(
        rotation_range=5,
        width_shift_range=1.0,
        height_shift_range=1.0,
        zoom_range=0.05,
        fill_mode="constant",
    )
    flow = fast_flow(generator, x, y, batch_size=128, seed=seed)
    compile_with_warmup(model, len(flow), 0.005)
    return model, {"x": flow, "epochs": 1}


def small(x, y, seed):
    """Return a network with fewer than 10,000 parameters, and 20 epochs."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *blocks(8, 16, 20, 24),
            layers.Dense(10, activation="softmax"),
        ]
    )
    flow = fast_flow(digit_generator(), x, y, batch_size=128, seed=seed)
    compile_with_warmup(model, 20 * len(flow), 0.005)
    return model, {"x": flow, "epochs": 20}


def lesson(x, y, seed, replace=("", ""), compiled=None):
    """Return the network of notebook 3, from the notebook's own cells.

    ``replace`` exchanges a piece of their source, and ``compiled`` makes
    other arguments for ``compile`` of the schedule: to try what they change.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    source = {cell.id: cell.source for cell in notebook.cells}
    (parameters,) = (
        cell.source
        for cell in notebook.cells
        if "parameters" in cell.metadata.get("tags", [])
    )
    if not any(replace[0] in source[cell] for cell in CELLS):
        raise ValueError(f"Notebook 3 has no {replace[0]!r} any more.")
    names = {"keras": keras, "layers": layers, "np": np}
    exec(parameters, names)
    flow = fast_flow(digit_generator(), x, y, batch_size=128, seed=seed)
    names["batches"] = flow
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in CELLS:
            exec(source[cell].replace(*replace), names)
    if compiled:
        names["model"].compile(**compiled(names["schedule"]))
    return names["model"], {"x": flow, "epochs": names["epochs"]}


def larger(x, y, seed):
    """Return the lesson's network with a third more filters.

    It answers with the running mean of its last weights. Both paid on the
    validation pictures: see tests/bench/bench_changes.py.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *blocks(32, 64, 64, 85),
            layers.Dense(128, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    flow = fast_flow(digit_generator(), x, y, batch_size=128, seed=seed)
    compile_with_warmup(model, 10 * len(flow), 0.005, use_ema=True)
    in_use = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    return model, {"x": flow, "epochs": 10, "callbacks": [in_use]}


ARMS = {
    "Keras's example": keras_example,
    "lightning": lightning,
    "small": small,
    "the lesson's network": lesson,
    "larger": larger,
}


class Clock(keras.callbacks.Callback):
    """Take the time that epochs need, and the error after each of them."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.wall = self.cpu = 0.0
        self.points = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        self.wall += time.perf_counter() - self.started[0]
        self.cpu += time.process_time() - self.started[1]
        self.probabilities = predict_digits(self.model, self.x)
        wrong = (self.probabilities.argmax(axis=1) != self.y).mean()
        self.points.append(
            {
                "seconds": round(self.wall, 2),
                "cpu_seconds": round(self.cpu, 2),
                "error": round(100 * float(wrong), 3),
            }
        )


def ask_shifted(model, x):
    """Return the mean over a picture and four copies, moved by a pixel."""
    moves = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    return np.mean(
        [
            predict_digits(model, np.roll(x, move, axis=(1, 2)))
            for move in moves
        ],
        axis=0,
    )


def profile_epoch(x, y, rounds=3):
    """Return where the seconds of one epoch of the lesson's network go.

    Each figure is the median of some rounds, taken in turn, and each round
    begins when the network has taken its first steps, which are slow.
    """
    model, arguments = ARMS["the lesson's network"](x, y, 0)
    flow = arguments["x"]
    model.fit(x[:1280], y[:1280], batch_size=128, verbose=0)
    predict_digits(model, x[:1000])
    parts = {
        "make the changed pictures": lambda: [None for _ in flow],
        "answer all pictures": lambda: predict_digits(model, x),
        "train on pictures as they are": lambda: model.fit(
            x, y, batch_size=128, verbose=0
        ),
        "train on changed pictures": lambda: model.fit(flow, verbose=0),
    }
    seconds = {name: [] for name in parts}
    for _ in range(rounds):
        for name, work in parts.items():
            started = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - started)
    return {
        name: round(statistics.median(values), 2)
        for name, values in seconds.items()
    }


def describe(values, digits=3):
    """Return mean and standard deviation over seeds, as a dictionary."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return {
        "mean": round(statistics.mean(values), digits),
        "deviation": round(spread, digits),
        "runs": len(values),
    }


def main():
    """Train all, print a table, and write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--only", choices=ARMS, action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    (x_train, y_train), test = load_mnist()
    (x, y), validation = split_validation(
        x_train, y_train, size=10_000, seed=0
    )
    x_judge, y_judge = validation if options.validation else test
    x, x_judge = prepare_images(x), prepare_images(x_judge)

    runs, plain, shifted = [], [], []
    for seed in range(options.seeds):
        for name in options.only or ARMS:
            keras.utils.set_random_seed(seed)
            model, arguments = ARMS[name](x, y, seed)
            clock = Clock(x_judge, y_judge)
            callbacks = [*arguments.pop("callbacks", []), clock]
            model.fit(**arguments, verbose=0, callbacks=callbacks)
            runs.append(
                {
                    "name": name,
                    "seed": seed,
                    "parameters": model.count_params(),
                    "epochs": arguments["epochs"],
                    "points": clock.points,
                }
            )
            end = clock.points[-1]
            print(
                f"{name:<21} seed {seed}: {100 - end['error']:.2f} % after "
                f"{end['seconds']:.1f} s ({end['cpu_seconds']:.1f} CPU s)",
                flush=True,
            )
            if name == "larger":
                plain.append(clock.probabilities)
                shifted.append(ask_shifted(model, x_judge))

    result = {
        "measured on": "validation" if options.validation else "test",
        "cores": len(os.sched_getaffinity(0)),
        "runs": runs,
        "ensemble": summarise_ensemble(plain, shifted, y_judge),
        "seconds of an epoch": profile_epoch(x, y),
    }
    print(json.dumps(result["ensemble"], indent=2))
    print(json.dumps(result["seconds of an epoch"], indent=2))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")


def summarise_ensemble(plain, shifted, labels):
    """Return the error of averages of one network, of two, and so on.

    For each size, ``circular`` groups of neighbouring seeds are averaged
    (0 and 1, 1 and 2, ..., 4 and 0), so that each network counts alike.
    """
    summary = []
    for size in range(1, len(plain) + 1):
        row = {"networks": size}
        for key, rows in (("plain", plain), ("shifted copies", shifted)):
            errors = []
            for start in range(len(rows) if size < len(rows) else 1):
                group = [rows[(start + i) % len(rows)] for i in range(size)]
                answers = np.mean(group, axis=0).argmax(axis=1)
                errors.append(100 * float((answers != labels).mean()))
            row[key] = describe(errors)
        summary.append(row)
    return summary


if __name__ == "__main__":
    main()
