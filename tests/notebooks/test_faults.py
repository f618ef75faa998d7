"""Faults planted at random places, counted by kind, must be caught.

The outputs that a notebook stores stand for fresh ones, and the fault is
planted in a copy of what is stored, so that no kernel is needed.
"""

import copy
import random
import re
from itertools import islice

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import outputs as o
from tests.notebooks import prose

PLANTED = 300  # faults of each kind
OPPOSITES = dict(pair for one, other in (
    ("True", "False"), ("yes", "no"), ("more", "fewer"), ("less", "more"),
    ("higher", "lower"), ("above", "below"), ("better", "worse"),
    ("before", "after"), ("larger", "smaller"), ("with", "without"),
) for pair in ((one, other), (other, one)))
CLAIM = re.compile(rf"\b({'|'.join(OPPOSITES)})\b")
CELLS = [(f"{path.name}, cell {number}", cell) for path in NOTEBOOKS
         for number, cell in enumerate(o.code_cells(o.read(path)), start=1)]


def change(rng, kind, text):
    """Plant a fault of a kind in a text; say what was changed."""
    find, new = KINDS[kind]
    claims = o.DURATION.sub(lambda m: "…" * len(m[0]), text)
    match = rng.choice(list(re.finditer(find, claims)))
    put = new(rng, match[0])
    return text[:match.start()] + put + text[match.end():], (
        f"{match[0]!r} became {put!r}")


def other_letter(rng, text):
    place = rng.randrange(text.index(" ") + 1, len(text))
    return text[:place] + rng.choice("aeiou") + text[place + 1:]


def swapped(rng, text):
    name, items = re.match(r"(.* ticks|legend) (.*)", text).groups()
    items = items.split(" | ")
    place = rng.randrange(len(items) - 1)
    items[place:place + 2] = reversed(items[place:place + 2])
    return f"{name} {' | '.join(items)}"


# What is found in the outputs, or in the record of what was drawn, and what
# is put in its place.
KINDS = {
    "digit of a strict output": (
        r"\d", lambda rng, text: str((int(text) + rng.randint(1, 9)) % 10)),
    "claim reversed": (CLAIM, lambda rng, text: OPPOSITES[text]),
    "title changed": (
        r"\b(title|x|y|legend) [^;|\n]+", other_letter),
    "axis emptied": (r"(?m)^(?!axes ).+", lambda rng, text: ""),
    "line dropped": (
        r"points [\d |]+", lambda rng, text: text.rpartition(" | ")[0]),
    "legend dropped": (r"legend [^;\n]+", lambda rng, text: ""),
    "labels swapped": (r"([xy] ticks|legend) [^;|\n]+ \| [^;\n]+", swapped),
    "image blanked": (
        r"blank \d+", lambda rng, text: f"blank {int(text[6:]) + 1}"),
}


def planted(rng, kind):
    """Yield faults without end: what it is, and what the comparison says."""
    strict, in_text = "strict" in kind, kind in list(KINDS)[:2]
    places = [
        (name, cell, number) for name, cell in CELLS
        for number, output in enumerate(cell.outputs)
        if re.search(KINDS[kind][0], output.get("text", "") if in_text else
                     "\n".join(output.get("metadata", {}).get("drawn", [])))
        and not (strict and "approximate" in cell.metadata)]
    while True:
        name, cell, number = rng.choice(places)
        faulty = copy.deepcopy(cell)
        output = faulty.outputs[number]
        if in_text:
            output.text, what = change(rng, kind, output.text)
        else:
            drawn = "\n".join(output.metadata.drawn)
            new, what = change(rng, kind, drawn)
            output.metadata.drawn = new.split("\n")
            if new == drawn:
                continue
        yield f"{name}: {what}, within a range", o.compare_cell(
            cell, faulty.outputs)


def pieces_of_pictures(rng):
    """Yield faults: two squares of a strict picture change places."""
    found = [(name, image) for name, cell in CELLS
             if "approximate" not in cell.metadata
             for image in o.pictures(cell.outputs)]
    while True:
        name, image = rng.choice(found)
        side = rng.randint(20, 80)
        (a, b), (c, d) = [
            [rng.randrange(max(1, size - side)) for size in image.size]
            for _ in range(2)]
        one = image.crop((a, b, a + side, b + side))
        two = image.crop((c, d, c + side, d + side))
        apart = abs(a - c) >= side or abs(b - d) >= side
        if apart and one.tobytes() != two.tobytes():
            faulty = image.copy()
            faulty.paste(one, (c, d))
            faulty.paste(two, (a, b))
            yield (f"{name}: {side} pixels at {a, b} and {c, d}, too alike",
                   o.compare_pictures([image], [faulty]))


def numbers_in_prose(rng):
    """Yield faults: a number in a text moves by one in its last place."""
    pages = [*NOTEBOOKS, *PROJECT.glob("README.md")]
    found = [result for path in pages for result in prose.moved(path)]
    while True:
        yield rng.choice(found)


@pytest.mark.parametrize("kind", [*KINDS, "pictures", "numbers in prose"])
def test_random_faults_are_caught(kind, record_property):
    rng = random.Random(0)
    faults = {"pictures": pieces_of_pictures,
              "numbers in prose": numbers_in_prose}.get(
        kind, lambda rng: planted(rng, kind))(rng)
    results = list(islice(faults, PLANTED))
    misses = sorted({what for what, caught in results if not caught})
    count = sum(bool(caught) for _, caught in results)
    record_property("note", "\n    missed: ".join(
        [f"planted faults caught, {kind}: {count} of {PLANTED}", *misses]))
    assert count >= (0.95 if "prose" in kind else 0.98) * PLANTED, misses
