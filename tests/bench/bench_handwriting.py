"""Measure how well handwriting is read: ``python tests/bench/bench_handwriting.py``.

The recogniser is a Keras model, by default that of notebook 3 in `results`.
All pictures are composed with fixed seeds. Test digits only report; what was
chosen, such as the threshold for numbers, was chosen with --validation.
With --out, what was found about numbers is written as JSON;
``helpers/measured/reading_numbers.json`` is what notebook 3 shows.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
import keras

from helpers.data import load_mnist, split_validation
from helpers.handwriting import HandwritingError, read_number, to_mnist
from helpers.handwriting import digits as digits_module
from helpers.handwriting import ink as ink_module
from tests.fixtures.bad_pictures import bad_pictures
from tests.fixtures.lines import (
    add_box,
    add_rules,
    add_specks,
    draw_line,
    sample_readings,
    scan,
)
from tests.fixtures.scenes import FONTS, SCENES, blow_up, printed

MODEL = Path(__file__).parents[2] / "results" / "digit_recognizer.keras"
THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
EMPTY = np.zeros((28, 28), np.uint8)
LINES = {
    "untouched": ({}, lambda ink, rng: ink),
    "with specks": ({}, add_specks),
    "in a form's box": ({}, lambda ink, rng: add_box(ink)),
    "on rules": ({}, add_rules),
    "with a point": ({"mark": "."}, lambda ink, rng: ink),
    "with a comma": ({"mark": ","}, lambda ink, rng: ink),
    "touching": ({"touching": True}, lambda ink, rng: ink),
}


def load(path):
    """Return the model as a function from pictures to probabilities."""
    model = keras.models.load_model(path, compile=False)

    def predict(images):
        return np.concatenate([
            np.asarray(model(images[i:i + 500], training=False))
            for i in range(0, len(images), 500)
        ])
    return predict


def answers(model, pictures):
    return model(np.float32(pictures)[..., np.newaxis] / 255).argmax(axis=1)


def prepare(pictures):
    """Return what `to_mnist` makes of pictures, and which it refused."""
    made, refused = [], []
    for picture in pictures:
        try:
            made.append(to_mnist(picture))
        except HandwritingError:
            made.append(EMPTY)
        refused.append(made[-1] is EMPTY)
    return np.stack(made), np.array(refused)


def score(model, pictures, labels):
    """Return the shares of pictures read right, refused and read wrong."""
    made, refused = prepare(pictures)
    right = (answers(model, made) == labels) & ~refused
    return right.mean(), refused.mean(), (~right & ~refused).mean()


def say(name, shares):
    told = "".join(f"{100 * share:10.2f} %" for share in shares)
    print(f"{name:34}{told}", flush=True)


def measure_photos(model, images, labels, count):
    """MNIST's digits, photographed, against the originals."""
    images, labels = images[:count], labels[:count]
    rng = np.random.default_rng(1)
    print(f"\n{'Photos of ' + str(count) + ' digits':34}"
          f"{'right':>12}{'refused':>12}{'wrong':>12}")
    right = (answers(model, images) == labels).mean()
    say("originals, not photographed", (right, 0, 1 - right))
    say("originals through to_mnist", score(model, images, labels))
    photos = (SCENES["photo"](digit, rng) for digit in images)
    say("photo", score(model, photos, labels))
    few = slice(0, max(100, count // 10))
    right = (answers(model, images[few]) == labels[few]).mean()
    print(f"\n{'Scenes of ' + str(len(images[few])) + ' digits':34}"
          f"{'right':>12}{'refused':>12}{'wrong':>12}")
    say("originals, not photographed", (right, 0, 1 - right))
    for name, scene in SCENES.items():
        rng = np.random.default_rng(1)
        pictures = (scene(digit, rng) for digit in images[few])
        say(name, score(model, pictures, labels[few]))


def measure_scans(model):
    """Scikit-learn's digits of 8 by 8 pixels, with fewer steps or all."""
    scans = load_digits()
    pictures = [np.rint(image * 255 / 16).astype(np.uint8)
                for image in scans.images]
    plain = [np.asarray(Image.fromarray(picture).resize(
        (28, 28), Image.Resampling.BILINEAR)) for picture in pictures]
    boxed = [np.pad(np.asarray(Image.fromarray(picture).resize(
        (20, 20), Image.Resampling.BILINEAR)), 4) for picture in pictures]
    print(f"\n{'1,797 scans of 8 by 8 pixels':34}{'right':>12}"
          f"{'first 899':>12}{'others':>12}")

    def line(name, made):
        right = answers(model, np.stack(made)) == scans.target
        say(name, (right.mean(), right[:899].mean(), right[899:].mean()))

    line("resized to 28 by 28", plain)
    line("resized to 20 by 20, with a frame", boxed)
    usual, stroke = ink_module.enlarge, digits_module.set_stroke

    def smooth(contrast, factor):
        return usual(contrast, factor, rounds=1)

    for name, enlarge, set_stroke in (
        ("box and centre of mass", smooth, lambda mask, width: mask),
        ("... and the stroke's width", smooth, stroke),
        ("... or pixels that are ink in part", usual,
         lambda mask, width: mask),
        ("to_mnist: both", usual, stroke),
    ):
        ink_module.enlarge, digits_module.set_stroke = enlarge, set_stroke
        line(name, prepare(pictures)[0])


def measure_fonts(model):
    """Printed digits, which no network trained on MNIST has seen."""
    print(f"\n{'Fonts':34}{'right':>12}")
    for font in FONTS:
        pictures = [printed(digit, font) for digit in range(10)]
        right = answers(model, prepare(pictures)[0]) == np.arange(10)
        say(font, (right.mean(),))


def measure_lines(model, images, labels, count):
    """Amounts of 3 to 8 digits; return how many were right, and so on."""
    result = []
    for name, (options, change) in LINES.items():
        some = count if name == "untouched" else max(100, count // 5)
        rng = np.random.default_rng(5)
        found = []
        for _ in range(some):
            length = int(rng.integers(3, 9))
            ink, text = draw_line(rng, images, labels, length, **options)
            number = read_number(scan(change(ink, rng), rng), model, 0.0)
            found.append((number.text is not None, number.text == text,
                          number.probability))
        answered, right, probability = np.array(found).T
        print(f"\n{f'{some:,} numbers, {name}':34}"
              f"{'right':>12}{'refused':>12}{'wrong':>12}")
        rows = []
        for threshold in THRESHOLDS:
            taken = (probability >= threshold) & (answered == 1)
            counts = [int((taken & (right == 1)).sum()), int((~taken).sum()),
                      int((taken & (right == 0)).sum())]
            say(f"threshold {threshold}", np.array(counts) / some)
            rows.append({"threshold": threshold, **dict(
                zip(("right", "refused", "wrong"), counts))})
        result.append({"name": name, "numbers": some, "rows": rows})
    return result


def list_bad_inputs(images):
    """What bad inputs are told."""
    print("\nBad inputs")
    with tempfile.TemporaryDirectory() as folder:
        bad = bad_pictures(*images[1:3], Path(folder))
        for number, (name, image, _) in enumerate(bad, start=1):
            try:
                to_mnist(image)
            except HandwritingError as error:
                told = str(error).replace(folder, "…")
            else:
                told = "!!! no error"
            print(f"{number:3}  {name:32}{told}")


def measure_speed(images):
    """Milliseconds for one picture: the least of ten, least disturbed."""
    rng = np.random.default_rng(0)
    photo = SCENES["small on a page"](images[0], rng)
    pad = np.rint(255 * blow_up(images[0])).astype(np.uint8)
    print("\nMilliseconds")
    for name, picture in (
        ("drawing of 280 by 280", pad),
        ("photo of 1.1 megapixels", photo),
        ("photo of 12 megapixels", np.kron(photo, np.ones(
            (3, 4, 1), np.uint8))),
        ("28 by 28", images[0]),
    ):
        times = []
        for _ in range(10):
            start = time.perf_counter()
            to_mnist(picture)
            times.append(time.perf_counter() - start)
        print(f"{name:34}{1000 * min(times):10.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=2000,
                        help="photos to read")
    parser.add_argument("--lines", type=int, default=1000,
                        help="numbers to read")
    parser.add_argument("--validation", action="store_true",
                        help="compose them from validation digits")
    parser.add_argument("--only", choices=[
        "photos", "scans", "fonts", "lines", "bad", "speed"])
    parser.add_argument("--out", type=Path,
                        help="where to write what was found about numbers")
    options = parser.parse_args()
    recogniser = load(options.model)
    (x, y), test = load_mnist()
    if options.validation:
        _, (x, y) = split_validation(x, y, size=10_000)
    else:
        x, y = test
    parts = {
        "photos": lambda: measure_photos(recogniser, x, y, options.count),
        "scans": lambda: measure_scans(recogniser),
        "fonts": lambda: measure_fonts(recogniser),
        "lines": lambda: measure_lines(recogniser, x, y, options.lines),
        "bad": lambda: list_bad_inputs(x),
        "speed": lambda: measure_speed(x),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            found = part()
            if name == "lines" and options.out:
                options.out.write_text(json.dumps({
                    "composed of": "validation" if options.validation
                    else "test",
                    "parameters": keras.models.load_model(
                        options.model, compile=False).count_params(),
                    "readings": sample_readings(),
                    "kinds": found,
                }, indent=1) + "\n")
