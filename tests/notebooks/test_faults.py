"""Faults planted at random places, counted by kind: are they caught?

The outputs that a notebook stores stand for fresh ones, and the fault is
planted in a copy of what is stored, so that no kernel is needed.
"""

import copy
import random
import re
from itertools import islice

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import prose
from tests.notebooks.outputs import (
    DURATION,
    code_cells,
    compare_cell,
    compare_pictures,
    pictures,
    read,
)

PLANTED = 300  # faults of each kind
OPPOSITES = dict(pair for one, other in (
    ("True", "False"), ("yes", "no"), ("more", "fewer"), ("less", "more"),
    ("higher", "lower"), ("above", "below"), ("better", "worse"),
    ("before", "after"), ("larger", "smaller"), ("with", "without"),
) for pair in ((one, other), (other, one)))
CLAIM = re.compile(rf"\b({'|'.join(OPPOSITES)})\b")
CELLS = [(f"{path.name}, cell {number}", cell) for path in NOTEBOOKS
         for number, cell in enumerate(code_cells(read(path)), start=1)]
STRICT = [(name, cell) for name, cell in CELLS
          if "approximate" not in cell.metadata]


def in_texts(rng, cells, find, change):
    """Change a random part of what a random cell has printed."""
    places = [(name, cell, number, match) for name, cell in cells
              for number, output in enumerate(cell.outputs)
              for match in find(output.get("text", ""))]
    while True:
        name, cell, number, match = rng.choice(places)
        faulty, new = copy.deepcopy(cell), change(match[0])
        old = match.string
        faulty.outputs[number].text = (
            old[:match.start()] + new + old[match.end():])
        yield (compare_cell(faulty, cell.outputs),
               f"{name}: {match[0]!r} became {new!r}: it is within a range")


def digit_changed(rng):
    """Another digit in the output of a strict cell, but for durations."""
    def find(text):
        return re.finditer(r"\d", DURATION.sub(lambda m: "-" * len(m[0]), text))

    def change(digit):
        return rng.choice([other for other in "0123456789" if other != digit])
    return in_texts(rng, STRICT, find, change)


def claim_reversed(rng):
    """The opposite of a word that compares, in any cell's output."""
    return in_texts(rng, CELLS, CLAIM.finditer, OPPOSITES.get)


def picture_swapped(rng):
    """Two squares of a strict cell's picture change places."""
    found = [(name, image) for name, cell in STRICT
             for image in pictures(cell.outputs)]
    while True:
        name, image = rng.choice(found)
        side = rng.randint(20, 80)
        (a, b), (c, d) = [
            [rng.randrange(max(1, size - side)) for size in image.size]
            for _ in range(2)]
        one, two = (image.crop((x, y, x + side, y + side))
                    for x, y in ((a, b), (c, d)))
        if abs(a - c) < side and abs(b - d) < side or one == two:
            continue
        faulty = image.copy()
        faulty.paste(one, (c, d))
        faulty.paste(two, (a, b))
        yield (compare_pictures([image], [faulty]),
               f"{name}: {side} pixels at {a, b} and {c, d}: nearly the same")


def in_drawn(pattern, change):
    """Change a random part of the record of what a random cell has drawn."""
    def plant(rng):
        places = [(name, cell, number, line, match) for name, cell in CELLS
                  for number, output in enumerate(cell.outputs)
                  for line, text in enumerate(
                      output.get("metadata", {}).get("drawn", []))
                  for match in re.finditer(pattern, text)]
        while True:
            name, cell, number, line, match = rng.choice(places)
            new = change(rng, match[0])
            if new == match[0]:
                continue
            faulty, old = copy.deepcopy(cell), match.string
            faulty.outputs[number].metadata.drawn[line] = (
                old[:match.start()] + new + old[match.end():])
            yield (compare_cell(faulty, cell.outputs),
                   f"{name}: {match[0]!r} became {new!r}: within a range")
    return plant


def other_letter(rng, text):
    """Change a letter after the first word."""
    place = rng.randrange(text.index(" ") + 1, len(text))
    return text[:place] + rng.choice("aeiou") + text[place + 1:]


def swapped(rng, text):
    """Swap two neighbours of a list."""
    name, *items = re.split(r"(?<=ticks) |(?<=legend) | \| ", text)
    place = rng.randrange(len(items) - 1)
    items[place:place + 2] = reversed(items[place:place + 2])
    return f"{name} {' | '.join(items)}"


def number_in_prose(rng):
    """A number that a text quotes moves by one in its last place."""
    found = [(path, *number) for path in [*NOTEBOOKS, PROJECT / "README.md"]
             for number in prose.numbers(path) if prose.is_backed(*number[1:])]
    while True:
        path, section, figure, evidence = rng.choice(found)
        step = rng.choice([-1, 1]) * 10.0**-len(figure.text.partition(".")[2])
        moved = figure._replace(value=figure.value + step)
        yield (not prose.is_backed(moved, evidence),
               f"{path.name}, {section.name}: {figure.label[-30:]} "
               f"{figure.text} {figure.unit} by {step:g}: the section holds "
               "that number too")


KINDS = {  # the share that must be caught at least
    digit_changed: 0.98,
    claim_reversed: 0.98,
    picture_swapped: 0.98,
    number_in_prose: 0.95,
    "title or label changed": 0.98,
    "axis emptied": 0.98,
    "line dropped": 0.98,
    "legend dropped": 0.98,
    "labels swapped": 0.98,
    "image blanked": 0.98,
}
DRAWN = {
    "title or label changed": in_drawn(
        r"(title|x|y|legend) [^;|-][^;|]+", other_letter),
    "axis emptied": in_drawn(
        r"^(?!axes ).+", lambda rng, text: "1 times: "),
    "line dropped": in_drawn(
        r"points of lines [\d |]+",
        lambda rng, text: text.rpartition(" | ")[0]),
    "legend dropped": in_drawn(r"legend [^;]+; ", lambda rng, text: ""),
    "labels swapped": in_drawn(
        r"(ticks|legend) [^;|]+ \| [^;]+", swapped),
    "image blanked": in_drawn(
        r"blank \d+", lambda rng, text: f"blank {int(text[6:]) + 1}"),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: getattr(
    kind, "__name__", kind).replace("_", " "))
def test_random_faults_are_caught(kind, record_property, request):
    plant = DRAWN.get(kind, kind)
    results = list(islice(plant(random.Random(0)), PLANTED))
    misses = sorted({what for caught, what in results if not caught})
    caught = sum(bool(caught) for caught, _ in results)
    name = request.node.callspec.id
    record_property("note", "\n    ".join([
        f"planted faults caught, {name}: {caught} of {PLANTED}", *misses]))
    assert caught >= KINDS[kind] * PLANTED, "\n".join(misses)
