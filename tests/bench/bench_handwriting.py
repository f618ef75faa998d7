"""Measure how well single digits are read, and how fast.

    python tests/bench/bench_handwriting.py [--real folder/digits.csv]

The recogniser is a Keras model, by default that of notebook 3 in `results`.
Scenes are composed of MNIST's test digits with fixed seeds. The CSV of real
pictures has the columns `file`, a path from the CSV's folder, `digit`, and
perhaps `source`: pictures of one source are not independent.
"""

import argparse
import csv
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers.data import load_mnist
from helpers.handwriting import HandwritingError, to_mnist
from helpers.recogniser import load_recogniser, predict_digits
from tests.fixtures.bad_pictures import bad_pictures
from tests.fixtures.scenes import FONTS, SCENES, blow_up, printed

MODEL = Path(__file__).parents[2] / "results" / "digit_recognizer.keras"


def read(model, pictures):
    """Yield for each picture the digit, or None if it was refused."""
    for picture in pictures:
        try:
            yield int(predict_digits(model, to_mnist(picture)).argmax())
        except HandwritingError:
            yield None


def say(name, answers, labels):
    """Print how many are right, with a 95 % interval, refused and wrong."""
    right = sum(a == label for a, label in zip(answers, labels))
    refused = sum(a is None for a in answers)
    low, high = binomtest(right, len(labels)).proportion_ci()
    print(f"{name:28}{right:6} right ({100 * right / len(labels):5.1f} %, "
          f"{100 * low:5.1f} to {100 * high:5.1f}){refused:5} refused"
          f"{len(labels) - right - refused:5} wrong", flush=True)


def measure_real(model, file):
    rows = list(csv.DictReader(file.open(encoding="utf-8")))
    answers = list(read(model, (file.parent / row["file"] for row in rows)))
    labels = [int(row["digit"]) for row in rows]
    say(file.name, answers, labels)
    sources = [row.get("source", "") for row in rows]
    for source, count in sorted(Counter(sources).items()):
        own = [i for i, other in enumerate(sources) if other == source]
        if count > 1:
            say(f"  {source[-26:]}", [answers[i] for i in own],
                [labels[i] for i in own])
    for row, answer in zip(rows, answers):
        if answer not in (None, int(row["digit"])):
            print(f"    wrong: {row['file']} read as {answer}")


def measure_scenes(model, digits, count):
    images, labels = digits
    total = []
    for name, scene in SCENES.items():
        rng = np.random.default_rng(1)
        pictures = [scene(digit, rng) for digit in images[:count]]
        answers = list(read(model, pictures))
        total += answers
        say(name, answers, labels[:count])
    say("all scenes", total, np.tile(labels[:count], len(SCENES)))


def measure_scans(model, count):
    scans = load_digits()
    step = max(1, len(scans.images) // (20 * count))
    pictures = np.rint(scans.images[::step] * 255 / 16).astype(np.uint8)
    say("scans of 8 by 8 pixels", list(read(model, pictures)),
        scans.target[::step])


def measure_fonts(model):
    pictures = [printed(digit, font) for font in FONTS for digit in range(10)]
    say("printed digits", list(read(model, pictures)),
        list(range(10)) * len(FONTS))


def list_bad_inputs(digits):
    with tempfile.TemporaryDirectory() as folder:
        for name, image, _ in bad_pictures(*digits[0][1:3], Path(folder)):
            try:
                to_mnist(image)
                told = "!!! no error"
            except HandwritingError as error:
                told = str(error).replace(folder, "…")
            print(f"{name:30}{told}")


def measure_speed(digits):
    photo = SCENES["small on a page"](digits[0][0], np.random.default_rng(0))
    for name, picture in {
        "28 by 28 pixels": digits[0][0],
        "drawing of 280 by 280": np.uint8(255 * blow_up(digits[0][0])),
        "photo of 1.1 megapixels": photo,
        "photo of 13 megapixels": np.kron(photo, np.ones((3, 4, 1), "u1")),
    }.items():
        times = []
        for _ in range(10):
            start = time.perf_counter()
            to_mnist(picture)
            times.append(time.perf_counter() - start)
        print(f"{name:28}{1000 * min(times):8.1f} ms, the least of ten")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--real", type=Path, metavar="CSV",
                        help="pictures of real digits, with the truth")
    parser.add_argument("--count", type=int, default=24,
                        help="digits for each scene")
    options = parser.parse_args()
    recogniser, test = load_recogniser(options.model), load_mnist()[1]
    if options.real:
        measure_real(recogniser, options.real)
    measure_scenes(recogniser, test, options.count)
    measure_scans(recogniser, options.count)
    measure_fonts(recogniser)
    list_bad_inputs(test)
    measure_speed(test)
