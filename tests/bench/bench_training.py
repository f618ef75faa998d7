"""Measure what training costs, and what changes to it are worth.

    python -m tests.bench.bench_training [times] [changes]

Writes what the page of results shows, into ``helpers/measured``. *Times*: five
networks, trained from each seed side by side: Keras's own MNIST example, a
"lightning" one for one epoch, a small one, that of notebook 3, whose cells are
executed as they stand, and a larger one. After each epoch the clock stops, and
the errors on the test images are counted; nothing is chosen by them. At the
end the larger ones are averaged, with moved copies of the image. *Changes*:
the network of notebook 3 with one thing changed at a time, judged on the
validation images. All learn from the same 50,000 images, for two hours.
"""

import contextlib
import io
import json
import sys
import time

import keras
import numpy as np
from keras import layers

from helpers.augment import ImageDataGenerator, digit_generator, fast_flow
from helpers.data import load_mnist, prepare_images, split_validation
from helpers.recogniser import predict_digits
from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read

FOLDER = PROJECT / "helpers" / "measured"
LOSS = '"sparse_categorical_crossentropy"'
# What the cells of notebook 3 hold that make its network ready to train.
CELLS = ("def block(", "model = keras.Sequential(", "schedule = ",
         "model.compile(")
DENSE = """    layers.Dense(128, use_bias=False),
    layers.BatchNormalization(momentum=0.9),
    layers.ReLU(),
    layers.Dropout(0.3),
"""


def keras_example(x, y, seed):
    """Return Keras's own example (keras.io, "Simple MNIST convnet")."""
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(10, activation="softmax")])
    model.compile("adam", LOSS.strip('"'))
    return model, {"x": x, "y": y, "batch_size": 128, "epochs": 15}


def lesson(*replace, change=None):
    """Return a function that makes the network of notebook 3, or another.

    It executes the notebook's own cells, once pieces of their source are
    exchanged (pairs of old and new); ``change`` makes the training images.
    """
    def make(x, y, seed):
        flow = fast_flow(change or digit_generator(), x, y, 128, seed=seed)
        names = {"keras": keras, "layers": layers, "np": np, "batches": flow,
                 "smooth": smooth}
        code = code_cells(read(NOTEBOOKS[2]))
        (source,) = [cell.source for cell in code
                     if "parameters" in cell.metadata.get("tags", [])]
        for part in CELLS:
            source += "\n" + next(
                cell.source for cell in code if part in cell.source)
        for old, new in replace:
            if old not in source:
                raise ValueError(f"Notebook 3 has no {old!r} any more.")
            source = source.replace(old, new)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, names)
        return names["model"], {"x": flow, "epochs": names["epochs"]}
    return make


def smooth(labels, probabilities):
    """Ask for 0.955 for the label and 0.005 for each other digit."""
    labels = keras.ops.one_hot(keras.ops.reshape(labels, -1), 10)
    return keras.losses.categorical_crossentropy(
        labels, probabilities, label_smoothing=0.05)


def filters(first, second, third, fourth):
    """Other numbers of filters for the four blocks."""
    return [("block(24, 5", f"block({first}, 5"),
            ("block(64, 3)", f"block({fourth}, 3)"),
            ("block(48, 3)", f"block({second}, 3)"),
            ("block(48, 3,", f"block({third}, 3,")]


# Answers with the mean of the last weights.
MEAN = ("Adam(schedule)", "Adam(schedule, use_ema=True, ema_momentum=0.999)")
NETWORKS = {
    "Keras's example": keras_example,
    "lightning": lesson(
        *filters(16, 32, 32, 64), ("epochs = 10", "epochs = 1"),
        ("Dropout(0.3)", "Dropout(0.0)"), change=ImageDataGenerator(
            rotation_range=5, width_shift_range=1.0, height_shift_range=1.0,
            zoom_range=0.05, fill_mode="constant")),
    "small": lesson(
        *filters(8, 16, 20, 24), ("epochs = 10", "epochs = 20"), (DENSE, "")),
    "the lesson's network": lesson(),
    "larger": lesson(*filters(32, 64, 64, 85), MEAN)}
CHANGES = {
    "as it is": lesson(),
    "mean of the last weights": lesson(MEAN),
    "smoothed labels": lesson((LOSS, "smooth")),
    "weights that decay": lesson(
        ("Adam(schedule)", "AdamW(schedule, weight_decay=0.02)")),
    "slower normalisation": lesson(("momentum=0.9)", "momentum=0.99)")),
    "a third more filters": lesson(*filters(32, 64, 64, 85))}


def error(probabilities, labels):
    """Return the errors in percent of the images."""
    wrong = (probabilities.argmax(axis=1) != labels).mean()
    return round(100 * float(wrong), 3)


class Clock(keras.callbacks.Callback):
    """Take the time that epochs need, and the error after each of them."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.points, self.seconds = x, y, [], 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds += time.perf_counter() - self.started
        self.points.append({
            "seconds": round(self.seconds, 2),
            "error": error(predict_digits(self.model, self.x), self.y)})


def measure(kinds, fitted, judge, seeds):
    """Train each kind of network from each seed.

    Returns what is to be written, and the networks of the last kind.
    """
    runs, last = [], []
    for seed in range(seeds):
        for name, make in kinds.items():
            keras.utils.set_random_seed(seed)
            model, options = make(*fitted, seed)
            clock, means = Clock(*judge), model.optimizer.use_ema * [
                keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]
            model.fit(**options, verbose=0, callbacks=[*means, clock])
            runs.append({"name": name, "seed": seed,
                         "parameters": model.count_params(),
                         "epochs": options["epochs"], "points": clock.points})
            print(name, "seed", seed, clock.points[-1], flush=True)
        last.append(model)
    return {"runs": runs}, last


def measure_company(models, x, labels):
    """Yield the mean errors of so many networks that answer together.

    Neighbours do, on a circle, so that each network counts alike.
    """
    answers = [[predict_digits(model, np.roll(x, move, axis=(1, 2)))
                for move in [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]]
               for model in models]
    for size in range(1, len(models) + 1):
        yield {"networks": size} | {
            name: {"mean": round(float(np.mean([
                error(np.roll(rows, start, axis=0)[:size].mean(axis=0), labels)
                for start in range(len(models))])), 3)}
            for name, rows in [
                ("plain", [moved[0] for moved in answers]),
                ("shifted copies", np.mean(answers, axis=1))]}


if __name__ == "__main__":
    mnist, test = load_mnist()
    (x_fit, y_fit), validation = split_validation(*mnist, size=10_000)
    fitted = prepare_images(x_fit), y_fit
    for part, kinds, (x, y), seeds in [
        ("times", NETWORKS, test, 5), ("changes", CHANGES, validation, 3)]:
        if part in (sys.argv[1:] or [part]):
            judge = prepare_images(x), y
            result, last = measure(kinds, fitted, judge, seeds)
            if part == "times":
                result["ensemble"] = list(measure_company(last, *judge))
            file = FOLDER / f"training_{part}.json"
            file.write_text(json.dumps(result) + "\n", encoding="utf-8")
