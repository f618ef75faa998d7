"""Change one thing in notebook 3's training: python -m tests.bench.bench_changes.

Trains the lesson's network as it is, and with one thing changed at a time,
each from the same seeds, and counts the mistakes on the 10,000 validation
pictures. The test pictures have no part in it. With ``--out`` the result is
written as JSON; ``helpers/measured/training_changes.json`` is what notebook 3 shows.
Three seeds take about 35 minutes.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf

    tf.config.list_physical_devices()
import keras

from helpers.data import load_mnist, prepare_images, split_validation
from helpers.recogniser import predict_digits
from tests.bench.bench_training import lesson

LOSS = "sparse_categorical_crossentropy"
FILTERS = (
    "block(24, 5, layers.MaxPooling2D()), *block(48, 3),\n"
    "    *block(48, 3, layers.MaxPooling2D()), *block(64, 3)"
)
MORE_FILTERS = (
    FILTERS.replace("24", "32").replace("64", "85").replace("48", "64")
)


def average_weights(rate):
    """Answer with the running mean of the weights (EMA)."""
    adam = keras.optimizers.Adam(rate, use_ema=True, ema_momentum=0.999)
    return {"optimizer": adam, "loss": LOSS}


def smooth_labels(rate):
    """Ask for 0.955 for the label and 0.005 for each other digit."""

    def loss(labels, probabilities):
        labels = keras.ops.one_hot(keras.ops.reshape(labels, -1), 10)
        return keras.losses.categorical_crossentropy(
            labels, probabilities, label_smoothing=0.05
        )

    return {"optimizer": keras.optimizers.Adam(rate), "loss": loss}


def decay_weights(rate):
    """Draw all weights towards 0 in each step."""
    adam = keras.optimizers.AdamW(rate, weight_decay=0.02)
    return {"optimizer": adam, "loss": LOSS}


CHANGES = {
    "as it is": {},
    "mean of the last weights": {"compiled": average_weights},
    "smoothed labels": {"compiled": smooth_labels},
    "weights that decay": {"compiled": decay_weights},
    "slower normalisation": {"replace": ("momentum=0.9)", "momentum=0.99)")},
    "a third more filters": {"replace": (FILTERS, MORE_FILTERS)},
}


def main():
    """Train all, print each run, and write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    train, _ = load_mnist()
    (x, y), (x_val, y_val) = split_validation(*train, size=10_000, seed=0)
    x, x_val = prepare_images(x), prepare_images(x_val)

    changes = [{"name": name, "runs": []} for name in CHANGES]
    for seed in range(options.seeds):
        for change in changes:
            keras.utils.set_random_seed(seed)
            model, arguments = lesson(x, y, seed, **CHANGES[change["name"]])
            started = time.perf_counter()
            model.fit(**arguments, verbose=0)
            seconds = time.perf_counter() - started
            probabilities = predict_digits(model, x_val)
            given = probabilities[np.arange(len(y_val)), y_val]
            wrong = probabilities.argmax(axis=1) != y_val
            change["runs"].append({
                "seed": seed,
                "parameters": model.count_params(),
                "epochs": arguments["epochs"],
                "mistakes": int(wrong.sum()),
                "loss": round(float(-np.log(given.clip(1e-7)).mean()), 5),
                "seconds": round(seconds, 1),
            })
            print(change["name"], change["runs"][-1], flush=True)

    result = {"pictures": len(y_val), "changes": changes}
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
