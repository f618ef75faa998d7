"""Measure the reader of lines: ``python -m tests.bench.bench_reader``.

Composed lines are of MNIST's test digits. Real ones are a folder's, whose CSV
names a file, its digits and, if it likes, its source in each row.
"""

import argparse
import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers.data import load_mnist
from helpers.handwriting.composer import HANDS, compose, make_glyphs
from helpers.handwriting.reader import THRESHOLD, load_reader, read_number
from tests.fixtures.lines import add_box, add_rules, draw_line, scan

LINES = {
    "apart": ({}, lambda ink, rng: ink),
    "touching": ({"touching": True}, lambda ink, rng: ink),
    "in a box": ({}, lambda ink, rng: add_box(ink)),
    "on rules": ({}, add_rules),
    "with a point": ({"mark": "."}, lambda ink, rng: ink),
    "on paper never trained on": ({}, lambda ink, rng: add_print(ink, rng)),
}
KNOWN = "0123456789"
LETTERS = "ABCEFGHKLMNRTUVWXacdfhkmnrtuvwx?!%&@#$+*<>βγλμπφψω"  # unlike digits


def add_print(ink, rng):
    """Print small text and rings on the paper, as no training line has."""
    paper = Image.new("L", ink.shape[::-1])
    pen = ImageDraw.Draw(paper)
    shade = int(rng.uniform(40, 130))
    for row in range(0, paper.height, 14):
        pen.text((-rng.uniform(0, 40), row), "BANCO VALE " * 60, shade)
    x, y = rng.uniform(0, paper.width), rng.uniform(0, paper.height)
    for radius in range(10, paper.width, 16):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius),
                    outline=shade)
    return np.maximum(ink, np.asarray(paper, np.float32) / 255)


def say(name, rows):
    """Tell how many lines are right, accepted, and accepted but wrong.

    ``rows`` holds for each line the digits, those read, and the Number at a
    threshold of 0.0.
    """
    counts = []
    right = [found == digits for digits, found, _ in rows]
    for threshold in (0.0, THRESHOLD):
        taken = [number.text is not None and number.probability >= threshold
                 for *_, number in rows]
        counts += [sum(taken), sum(t and not r for t, r in zip(taken, right))]
    low, high = binomtest(sum(right), len(rows)).proportion_ci(
        method="wilson")
    print(f"{name:34}{len(rows):6}{sum(right):7}  {100 * low:5.1f} to "
          f"{100 * high:5.1f} %{counts[2]:9}{counts[3]:6}", flush=True)


def read(picture, digits):
    """Read a line, for :func:`say`."""
    number = read_number(picture, threshold=0.0)
    found = "".join(str(digit) for digit, *_ in number.digits)
    return digits, found, number


def measure_composed(count):
    """Lines of test digits, of many kinds."""
    x, y = load_mnist()[1]
    for name, (options, change) in LINES.items():
        rng, rows = np.random.default_rng(5), []
        for _ in range(count):
            ink, text = draw_line(
                rng, x, y, int(rng.integers(3, 9)), **options)
            rows.append(read(scan(change(ink, rng), rng), "".join(
                symbol for symbol in text if symbol in KNOWN)))
        say(name, rows)
    glyphs, rng = make_glyphs(x, y, "other fonts", 5), np.random.default_rng(6)
    for name, options in (
        ("composed as for training", {}),
        ("each digit in its printed box", {"boxed": True}),
    ):
        rows = []
        for _ in range(count):
            text = "".join(rng.choice(list(KNOWN), rng.integers(3, 9)))
            line, _ = compose(glyphs, rng, text, **options)
            rows.append(read(np.clip(0.75 - line / 2, 0, 1), text))
        say(name, rows)


def measure_letters():
    """Letters and signs in fonts that training has not seen."""
    folder = Path(matplotlib.get_data_path(), "fonts/ttf")
    refused = asked = 0
    for name in HANDS["other fonts"]:
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 80)
        for letter in LETTERS:
            picture = Image.new("L", (140, 140), 245)
            ImageDraw.Draw(picture).text((70, 100), letter, 30, font, "ms")
            asked += 1
            refused += read_number(picture).text is None
    low, high = binomtest(refused, asked).proportion_ci(method="wilson")
    print(f"{'letters and signs, refused':34}{asked:6}{refused:7}  "
          f"{100 * low:5.1f} to {100 * high:5.1f} %")


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
    x, y = load_mnist()[1]
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (3000, 3000), np.uint8)
    stroke = np.full((62, 3000), 255, np.uint8)
    stroke[29:33, 60:-60] = 0
    line = scan(draw_line(rng, x, y, 6)[0], rng)
    for name, picture in (
        ("six digits", line), ("noise of 3,000 by 3,000", noise),
        ("a stroke of 3,000 by 62", stroke),
    ):
        times = []
        for _ in range(count):
            begin = time.perf_counter()
            read_number(picture)
            times.append(1000 * (time.perf_counter() - begin))
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
