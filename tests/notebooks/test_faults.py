"""Faults planted at random places, counted by kind, must be caught.

The outputs that a notebook stores stand for fresh ones, and the fault is
planted in a copy of them, so that no kernel is needed.
"""

import base64
import copy
import io
import random
import re
from itertools import islice

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import outputs as o
from tests.notebooks import prose

PLANTED = 300  # faults of each kind
PAIRS = ("True/False yes/no more/fewer higher/lower above/below better/worse "
         "before/after larger/smaller with/without").split()
OPPOSITES = {one: other for pair in PAIRS
             for one, other in (pair.split("/"), pair.split("/")[::-1])}


def other_letter(text, rng):
    place = rng.randrange(text.index(" ") + 1, len(text))
    return text[:place] + rng.choice("aeiou") + text[place + 1:]


def swapped(text, rng):
    name, *items = re.split(r"(?<=ticks) |(?<=legend) | \| ", text)
    place = rng.randrange(len(items) - 1)
    items[place:place + 2] = reversed(items[place:place + 2])
    return f"{name} {' | '.join(items)}"


# What is changed in a printed text, or in the list of what was drawn, and how.
PRINTED = {
    "digit of a strict output": (
        r"\d", lambda text, rng: str((int(text) + rng.randint(1, 9)) % 10)),
    "claim reversed": (
        rf"\b({'|'.join(OPPOSITES)})\b", lambda text, _: OPPOSITES[text]),
}
DRAWN = {
    "title changed": (r"\b(title|x|y|legend) [^;|\n]+", other_letter),
    "axis emptied": (r"(?m)^(?!axes ).+", lambda *_: ""),
    "line dropped": (
        r"points [\d |]+", lambda text, _: text.rpartition(" | ")[0]),
    "legend dropped": (r"legend [^;\n]+", lambda *_: ""),
    "labels swapped": (r"([xy] ticks|legend) [^;|\n]+ \| [^;\n]+", swapped),
    "image blanked": (
        r"blank \d+", lambda text, _: f"blank {int(text[6:]) + 1}"),
}


def in_text(output, kind, rng):
    """Change what an output says or has drawn; say how, if it can be done."""
    find, change = {**PRINTED, **DRAWN}[kind]
    text = output.get("text", "") if kind in PRINTED else "\n".join(
        output.get("metadata", {}).get("drawn", []))
    lasting = o.DURATION.sub(lambda match: "…" * len(match[0]), text)
    places = list(re.finditer(find, lasting))
    if places:
        match = rng.choice(places)
        new = change(match[0], rng)
        text = text[:match.start()] + new + text[match.end():]
        if kind in PRINTED:
            output.text = text
        else:
            output.metadata.drawn = text.split("\n")
        return new != match[0] and f"{match[0]!r} became {new!r}"


def in_picture(output, kind, rng):
    """Swap two squares of a picture; say which, if they differ."""
    for image in o.pictures([output]):
        side, (width, height) = rng.randint(20, 80), image.size
        places = [(rng.randrange(max(1, width - side)),
                   rng.randrange(max(1, height - side))) for _ in range(2)]
        (a, b), (c, d) = places
        parts = [image.crop((x, y, x + side, y + side)) for x, y in places]
        apart = abs(a - c) >= side or abs(b - d) >= side
        if apart and parts[0].tobytes() != parts[1].tobytes():
            image.paste(parts[1], (a, b))
            image.paste(parts[0], (c, d))
            file = io.BytesIO()
            image.save(file, "PNG", compress_level=1)
            output.data["image/png"] = base64.b64encode(
                file.getvalue()).decode()
            return f"squares of {side} pixels at {places} changed places"


def faults(kind, rng):
    """Yield faults without end: what it is, and whether it is noticed."""
    if kind == "number in prose":
        pages = [*NOTEBOOKS, PROJECT / "README.md"]
        found = [result for path in pages for result in prose.moved(path)]
        while True:
            yield rng.choice(found)
    plant, places = in_picture if "picture" in kind else in_text, []
    for path in NOTEBOOKS:
        for count, cell in enumerate(o.code_cells(o.read(path)), start=1):
            for place, output in enumerate(cell.outputs):
                if plant is in_text:  # which is quicker without pictures
                    output.get("data", {}).pop("image/png", None)
                if not ("strict" in kind and "approximate" in cell.metadata):
                    if any(plant(copy.deepcopy(output), kind, rng)
                           for _ in range(5)):
                        places.append((f"{path.name}, {count}", cell, place))
    while True:
        name, cell, place = rng.choice(places)
        fresh = copy.deepcopy(cell.outputs)
        what = plant(fresh[place], kind, rng)
        if what:
            yield f"{name}: {what}", o.compare_cell(cell, fresh)


@pytest.mark.parametrize("kind", [
    *PRINTED, *DRAWN, "part of a strict picture", "number in prose"])
def test_random_faults_are_caught(kind, record_property):
    results = list(islice(faults(kind, random.Random(0)), PLANTED))
    missed = sorted({what for what, caught in results if not caught})
    count = sum(bool(caught) for _, caught in results)
    record_property("note", "\n    missed: ".join(
        [f"planted faults caught, {kind}: {count} of {PLANTED}", *missed]))
    assert count >= (0.95 if "prose" in kind else 0.98) * PLANTED, missed
