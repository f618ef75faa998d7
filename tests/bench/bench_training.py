"""Measure what training costs, and what changes to it are worth.

    python -m tests.bench.bench_training --out helpers/measured

*Times*: five networks, trained anew from each seed, beside each other: Keras's
own MNIST example, a "lightning" network for one epoch, a small one, that of
notebook 3, whose cells are executed as they stand, and a larger one. After
each epoch the clock stops and the errors on the test images are counted;
nothing is chosen by them. At the end the larger ones are averaged, with moved
copies of the image. *Changes*: the network of notebook 3 with one thing
changed at a time; mistakes are counted on the validation images. All learn
from the same 50,000 images. It takes two hours.
"""

import argparse
import contextlib
import io
import json
import os
import time
from pathlib import Path

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
from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import code_cells, read

LOSS = "sparse_categorical_crossentropy"
# What the cells of notebook 3 hold that make its network ready to train.
CELLS = ("def block(", "model = keras.Sequential(", "schedule = ",
         "model.compile(")


def build(filters, dense, dropout=0.0):
    """Return a network such as that of notebook 3, of other sizes."""
    made = [keras.Input((28, 28, 1))]
    for count, size, pooled in zip(filters, (5, 3, 3, 3), (1, 0, 1, 0)):
        made += [layers.Conv2D(count, size, use_bias=False),
                 *[layers.MaxPooling2D()] * pooled,
                 layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    made.append(layers.Flatten())
    if dense:
        made += [layers.Dense(dense, use_bias=False),
                 layers.BatchNormalization(momentum=0.9), layers.ReLU(),
                 layers.Dropout(dropout)]
    return keras.Sequential([*made, layers.Dense(10, activation="softmax")])


def keras_example(x, y, seed):
    """Return Keras's own example (keras.io, "Simple MNIST convnet")."""
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(10, activation="softmax")])
    model.compile("adam", LOSS)
    return model, {"x": x, "y": y, "batch_size": 128, "epochs": 15}


def own(filters, dense, epochs, dropout=0.0, change=None, use_ema=False):
    """Return a function that makes a network as above, ready to train.

    Its rate climbs, then falls to 0. ``use_ema`` answers with the mean of the
    last weights.
    """
    def make(x, y, seed):
        flow = fast_flow(change or digit_generator(), x, y, 128, seed=seed)
        steps = epochs * len(flow)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0003, warmup_target=0.005, warmup_steps=steps // 5,
            decay_steps=steps - steps // 5)
        model = build(filters, dense, dropout)
        model.compile(keras.optimizers.Adam(
            schedule, use_ema=use_ema, ema_momentum=0.999), LOSS)
        in_use = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
        return model, {"x": flow, "epochs": epochs,
                       "callbacks": [in_use] if use_ema else []}
    return make


def lesson(x, y, seed, replace=(), compiled=None):
    """Return the network of notebook 3, from the notebook's own cells.

    ``replace`` exchanges pieces of their source, and ``compiled`` makes other
    arguments for ``compile`` of the schedule: to try what they change.
    """
    flow = fast_flow(digit_generator(), x, y, batch_size=128, seed=seed)
    names = {"keras": keras, "layers": layers, "np": np, "batches": flow}
    code = code_cells(read(NOTEBOOKS[2]))
    (parameters,) = [cell.source for cell in code
                     if "parameters" in cell.metadata.get("tags", [])]
    sources = [parameters, *[
        next(cell.source for cell in code if part in cell.source)
        for part in CELLS]]
    for old, new in replace:
        if not any(old in source for source in sources):
            raise ValueError(f"Notebook 3 has no {old!r} any more.")
        sources = [source.replace(old, new) for source in sources]
    with contextlib.redirect_stdout(io.StringIO()):
        for source in sources:
            exec(source, names)
    if compiled:
        names["model"].compile(**compiled(names["schedule"]))
    return names["model"], {"x": flow, "epochs": names["epochs"]}


ARMS = {
    "Keras's example": keras_example,
    "lightning": own((16, 32, 32, 64), 128, 1, change=ImageDataGenerator(
        rotation_range=5, width_shift_range=1.0, height_shift_range=1.0,
        zoom_range=0.05, fill_mode="constant")),
    "small": own((8, 16, 20, 24), 0, 20),
    "the lesson's network": lesson,
    "larger": own((32, 64, 64, 85), 128, 10, 0.3, use_ema=True),
}


def smooth(labels, probabilities):
    """Ask for 0.955 for the label and 0.005 for each other digit."""
    labels = keras.ops.one_hot(keras.ops.reshape(labels, -1), 10)
    return keras.losses.categorical_crossentropy(
        labels, probabilities, label_smoothing=0.05)


CHANGES = {
    "as it is": {},
    "mean of the last weights": {"compiled": lambda rate: {
        "optimizer": keras.optimizers.Adam(
            rate, use_ema=True, ema_momentum=0.999), "loss": LOSS}},
    "smoothed labels": {"compiled": lambda rate: {
        "optimizer": keras.optimizers.Adam(rate), "loss": smooth}},
    "weights that decay": {"compiled": lambda rate: {
        "optimizer": keras.optimizers.AdamW(rate, weight_decay=0.02),
        "loss": LOSS}},
    "slower normalisation": {"replace": [("momentum=0.9)", "momentum=0.99)")]},
    "a third more filters": {"replace": [
        ("block(64", "block(85"), ("block(48", "block(64"),
        ("block(24", "block(32")]},
}


def error(probabilities, labels):
    """Return the errors in percent of the images."""
    wrong = (probabilities.argmax(axis=1) != labels).mean()
    return round(100 * float(wrong), 3)


class Clock(keras.callbacks.Callback):
    """Take the time that epochs need, and the error after each of them."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.points = x, y, []
        self.wall = self.cpu = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        self.wall += time.perf_counter() - self.started[0]
        self.cpu += time.process_time() - self.started[1]
        self.points.append({
            "seconds": round(self.wall, 2), "cpu_seconds": round(self.cpu, 2),
            "error": error(predict_digits(self.model, self.x), self.y)})


def measure_times(train, judge, seeds):
    """Train the five networks from each seed, and average the larger ones."""
    runs, plain, shifted, (x, y) = [], [], [], judge
    for seed in range(seeds):
        for name, make in ARMS.items():
            keras.utils.set_random_seed(seed)
            model, options = make(*train, seed)
            clock = Clock(x, y)
            callbacks = [*options.pop("callbacks", []), clock]
            model.fit(**options, verbose=0, callbacks=callbacks)
            runs.append({"name": name, "seed": seed,
                         "parameters": model.count_params(),
                         "epochs": options["epochs"], "points": clock.points})
            print(name, "seed", seed, clock.points[-1], flush=True)
        moved = [predict_digits(model, np.roll(x, move, axis=(1, 2)))
                 for move in [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]]
        plain.append(moved[0])
        shifted.append(np.mean(moved, axis=0))
    return {"measured on": "test", "cores": len(os.sched_getaffinity(0)),
            "runs": runs, "ensemble": [
                {"networks": size, "plain": average(plain, size, y),
                 "shifted copies": average(shifted, size, y)}
                for size in range(1, seeds + 1)]}


def average(given, size, labels):
    """Return the mean error of so many networks' means.

    Neighbouring seeds go in a circle, so that each network counts alike.
    """
    errors = [error(np.mean(np.roll(given, -start, axis=0)[:size], axis=0),
                    labels) for start in range(len(given))]
    return {"mean": round(float(np.mean(errors)), 3)}


def measure_changes(train, judge, seeds):
    """Train the lesson's network from each seed with each change."""
    changes = [{"name": name, "runs": []} for name in CHANGES]
    x, y = judge
    for seed in range(seeds):
        for change in changes:
            keras.utils.set_random_seed(seed)
            model, options = lesson(*train, seed, **CHANGES[change["name"]])
            started = time.perf_counter()
            model.fit(**options, verbose=0)
            seconds = time.perf_counter() - started
            answers = predict_digits(model, x)
            given = answers[np.arange(len(y)), y].clip(1e-7)
            change["runs"].append({
                "seed": seed, "parameters": model.count_params(),
                "epochs": options["epochs"],
                "mistakes": int((answers.argmax(axis=1) != y).sum()),
                "loss": round(float(-np.log(given).mean()), 5),
                "seconds": round(seconds, 1),
            })
            print(change["name"], change["runs"][-1], flush=True)
    return {"pictures": len(y), "changes": changes}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=("times", "changes"))
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--out", type=Path, help="folder for the JSON files")
    asked = parser.parse_args()
    mnist, (x_test, y_test) = load_mnist()
    (x_fit, y_fit), (x_val, y_val) = split_validation(*mnist, size=10_000)
    fitted = prepare_images(x_fit[:asked.images]), y_fit[:asked.images]
    for part, measure, of, usual in [
        ("times", measure_times, (prepare_images(x_test), y_test), 5),
        ("changes", measure_changes, (prepare_images(x_val), y_val), 3),
    ]:
        if asked.part in (None, part):
            result = measure(fitted, of, asked.seeds or usual)
            if asked.out:
                file = asked.out / f"training_{part}.json"
                file.write_text(json.dumps(result) + "\n", encoding="utf-8")
