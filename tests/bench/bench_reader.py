"""Measure the reader of lines: ``python -m tests.bench.bench_reader``.

Composed lines are of MNIST's test digits. Real ones are a folder's, whose CSV
names a file, its digits and, if it likes, its source in each row.
"""

import argparse
import csv
import timeit
from collections import defaultdict
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.stats import binomtest

from helpers.data import load_mnist
from helpers.handwriting.composer import HANDS, compose, make_glyphs
from helpers.handwriting.reader import load_reader, read_number
from tests.fixtures.lines import add_box, add_rules, draw_line, scan

LETTERS = "ABCEFGHKLMNRTUVWXacdfhkmnrtuvwx?!%&@#$+*<>βγλμπφψω"  # unlike digits


def add_print(ink, rng):
    """Print small text and rings on the paper, as no training line has."""
    paper = Image.new("L", ink.shape[::-1])
    pen = ImageDraw.Draw(paper)
    shade = int(rng.uniform(40, 130))
    for row in range(0, paper.height, 14):
        pen.text((-rng.uniform(0, 40), row), "BANCO VALE " * 60, shade)
    place = rng.uniform(0, paper.width), rng.uniform(0, paper.height)
    for radius in range(10, paper.width, 16):
        pen.circle(place, radius, outline=shade)
    return np.maximum(ink, np.asarray(paper, np.float32) / 255)


def interval(right, count):
    """Say the 95 % interval of a share."""
    low, high = binomtest(right, count).proportion_ci(method="wilson")
    return f"  {100 * low:5.1f} to {100 * high:5.1f} %"


def say(name, rows):
    """Tell how many lines are right, accepted, and accepted but wrong.

    ``rows`` holds for each line whether its digits are right, and accepted.
    """
    right, taken = np.array(rows).T
    print(f"{name:34}{len(rows):6}{right.sum():7}"
          f"{interval(right.sum(), len(rows))}{taken.sum():9}"
          f"{(taken & ~right).sum():6}", flush=True)


def read(picture, text):
    """Read a line, for :func:`say`; marks do not count."""
    number = read_number(picture)
    found = "".join(str(digit) for digit, *_ in number.digits)
    return (found == "".join(filter(str.isdecimal, text)),
            number.text is not None)


def kinds():
    """Functions that make a picture of a line, and its text, by their kind."""
    digits = load_mnist()[1]
    glyphs = make_glyphs(*digits, "other fonts", 5)

    def drawn(change=lambda ink, rng: ink, **options):
        def make(rng):
            count = int(rng.integers(3, 9))
            ink, text = draw_line(rng, *digits, count, **options)
            return scan(change(ink, rng), rng), text
        return make

    def composed(**options):
        def make(rng):
            text = "".join(rng.choice(list("0123456789"), rng.integers(3, 9)))
            line, _ = compose(glyphs, rng, text, **options)
            return np.clip(0.75 - line / 2, 0, 1), text
        return make

    return {
        "apart": drawn(), "touching": drawn(touching=True),
        "in a box": drawn(add_box), "on rules": drawn(add_rules),
        "with a point": drawn(point=True),
        "on paper never trained on": drawn(add_print),
        "composed as for training": composed(),
        "each digit in its printed box": composed(boxed=True)}


def measure_composed(count):
    """Lines of test digits, of many kinds."""
    for name, make in kinds().items():
        rng = np.random.default_rng(5)
        say(name, [read(*make(rng)) for _ in range(count)])


def measure_letters():
    """Letters and signs in fonts that training has not seen."""
    folder, refused = Path(matplotlib.get_data_path(), "fonts/ttf"), []
    for name in HANDS["other fonts"]:
        font = ImageFont.truetype(folder / f"{name}.ttf", 80)
        for letter in LETTERS:
            picture = Image.new("L", (140, 140), 245)
            ImageDraw.Draw(picture).text((70, 100), letter, 30, font, "ms")
            refused.append(read_number(picture).text is None)
    print(f"{'letters and signs, refused':34}{len(refused):6}"
          f"{sum(refused):7}{interval(sum(refused), len(refused))}")


def measure_folder(table):
    """Real lines, in all and of each source."""
    groups = defaultdict(list)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = read(table.parent / row["file"],
                         row.get("digits") or row["digit"])
            groups["all of " + table.name].append(found)
            groups[row.get("source", "")[:30]].append(found)
    for name, rows in groups.items():
        say(name, rows)


def measure_time(count=50):
    """Milliseconds for a line, and for the worst pictures."""
    rng = np.random.default_rng(7)
    stroke = np.full((62, 3000), 255, np.uint8)
    stroke[29:33, 60:-60] = 0
    for name, picture in {
        "six digits": scan(draw_line(rng, *load_mnist()[1], 6)[0], rng),
        "noise of 3,000 by 3,000": rng.integers(0, 256, (3000, 3000), "u1"),
        "a stroke of 3,000 by 62": stroke,
    }.items():
        times = 1000 * np.array(timeit.repeat(
            lambda picture=picture: read_number(picture), number=1,
            repeat=count))
        print(f"{name:34}median {np.median(times):6.1f} ms, "
              f"most {max(times[1:]):6.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", type=Path,
                        help="CSVs of real lines, beside their pictures")
    parser.add_argument("--count", type=int, default=300,
                        help="composed lines of each kind")
    options = parser.parse_args()
    load_reader()
    print(f"{'':34}{'lines':>6}{'right':>7}{'with 95 %':>19}"
          f"{'accepted':>10}{'wrong':>6}")
    for table in options.tables:
        measure_folder(table)
    if options.count:
        measure_composed(options.count)
        measure_letters()
        measure_time()
