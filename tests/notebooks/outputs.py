"""Compare the outputs that a notebook stores with fresh ones.

A cell is strict: its words, numbers and pictures stay as they are. Only how
long something took, such as "14s" or "36ms/step", is ignored. Where training
moves numbers, a cell is approximate, and says so in its metadata:

    "tags": ["approximate"],
    "approximate": {"why": "…", "ranges": [null, [99.1, 99.8], …]}

The ranges belong to the numbers that the cell prints, in order; `make spread`
measures and writes them. A number without a range (null), every word, and
what was drawn must be equal there too.
"""

import base64
import io
import re
import struct
from collections import namedtuple
from importlib.metadata import version
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

# A number on its own: not part of a word, a name or a version.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"(?:e[-+]?\d+)?(?![\w]|\.\d)"
)
NOT_A_NUMBER = re.compile(r"\b(nan|inf)\b", re.IGNORECASE)
DURATION = re.compile(
    r"(?<![\w.])(\d+:\d\d(?= \d+m?s/step)"
    r"|\d+(\.\d+)? ?(s|ms|us|µs)(/(step|epoch))?(?![\w/]))"
)
LOCK = Path(__file__).parents[2] / "requirements.txt"
LOCKED = f"matplotlib=={version('matplotlib')} " in LOCK.read_text("utf-8")
BLOCK = 4  # pixels, the side of the squares in which pictures are compared
LIMIT = 4  # gray levels of 255 by which a square may differ on average

# The only metadata that a notebook and a code cell keep. Editors add theirs;
# `make notebooks` takes them away.
NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags", "approximate"}

Figure = namedtuple("Figure", "text value unit label start end")


def read(path):
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """The code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def figures(text):
    """Find the numbers of a text, each with its unit and what it is."""
    found = []
    for match in NUMBER.finditer(text):
        after = re.match(
            r"(?:\s|&nbsp;)*(%)| ?([^\W\d_]+)", text[match.end():]
        )
        line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        label = NUMBER.sub("…", line).strip(" :=,;|(").split("; ")[-1]
        found.append(Figure(
            match[0],
            float(match[0].replace(",", "").replace("−", "-")),
            (after[1] or after[2]) if after else "",
            label[-60:] or "a number",
            *match.span(),
        ))
    return found


def fold(text):
    """The text as it stands on the screen, once a progress bar is done."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    return re.sub(r"[^\n\r\x08]*[\r\x08]+(?=[^\n\r\x08])", "", text)


def texts(outputs):
    """The texts of a cell's outputs by kind, streams joined.

    What was drawn is one of them; pictures and the states of widgets are not.
    """
    found = {}
    for output in outputs:
        if output.output_type == "stream":
            found[output.name] = found.get(output.name, "") + output.text
        elif output.output_type == "error":
            found["error"] = f"{output.ename}: {output.evalue}"
        else:
            drawn = "\n".join(output.metadata.get("drawn", []))
            for kind, data in {**output.data, "drawn": drawn}.items():
                if data and (kind.startswith("text/") or kind == "drawn"):
                    found[kind] = found.get(kind, "") + str(data) + "\n"
    return {kind: fold(text) for kind, text in found.items()}


def claims(outputs):
    """All that a cell says, without durations, as one text."""
    found = texts(outputs)
    whole = "\n".join(found[kind] for kind in sorted(found))
    return DURATION.sub("…", whole)


def pictures(outputs):
    """The PNG pictures of a cell's outputs; None if damaged."""
    found = []
    for output in outputs:
        data = output.get("data", {}).get("image/png")
        if data:
            try:
                image = Image.open(io.BytesIO(base64.b64decode(data)))
                found.append(image.convert("RGB"))
            except (OSError, SyntaxError, ValueError, struct.error):
                found.append(None)
    return found


def compare_text(stored, fresh, ranges=()):
    """Say in sentences how two texts differ beyond the ranges."""
    if ranges and NOT_A_NUMBER.search(fresh):
        return [f"{NOT_A_NUMBER.search(fresh)[0]} was printed: {fresh!r:.300}"]
    old, new = figures(stored), figures(fresh)
    if not ranges or skeleton(stored) != skeleton(fresh):
        words = skeleton if ranges else str
        return first_difference(words(stored), words(fresh))
    if len(ranges) != len(old):
        return [f"{len(old)} numbers were stored, and {len(ranges)} ranges; "
                "run 'make spread'"]
    problems = []
    for was, now, range_ in zip(old, new, ranges):
        if range_ and not range_[0] <= now.value <= range_[1]:
            limits = f"{range_[0]:.10g} to {range_[1]:.10g} may be"
        elif range_ or was.text == now.text:
            continue
        else:
            limits = "no seed moved it"
        problems.append(f"{was.label} was stored as {was.text} {was.unit}, is "
                        f"now {now.text} {now.unit}; {limits}")
    return problems


def skeleton(text):
    """The words of a text, with a mark in the place of each number."""
    return re.sub(r" +", " ", NUMBER.sub(" … ", text))


def first_difference(stored, fresh):
    """Say in which line two texts differ first, if they do."""
    old, new = stored.splitlines(), fresh.splitlines()
    for number in range(max(len(old), len(new))):
        was = old[number] if number < len(old) else "(no such line)"
        now = new[number] if number < len(new) else "(no such line)"
        if was != now:
            return [f"line {number + 1} was stored as {was!r}, is now {now!r}"]
    return []


def compare_pictures(stored, fresh, strict=True):
    """Say how two lists of pictures differ, beyond noise in drawing.

    Only the locked Matplotlib draws the same pixels. With another one, and
    in approximate cells, what was drawn is compared as a text.
    """
    if None in stored or None in fresh:
        return ["a damaged picture"]
    if len(stored) != len(fresh):
        return [f"{len(stored)} pictures were stored, now {len(fresh)}"]
    problems = []
    for was, now in zip(stored, fresh):
        if all(low == high for low, high in now.getextrema()):
            problems.append("a picture is all of one colour now")
        elif strict and LOCKED and was.size != now.size:
            problems.append(f"a picture was stored with {was.size} pixels, "
                            f"is now {now.size}")
        elif strict and LOCKED:
            apart = ImageChops.difference(was, now)
            worst = max(high for _, high in apart.reduce(BLOCK).getextrema())
            if worst > LIMIT:
                problems.append(
                    "a picture differs from the stored one, within (left, "
                    f"top, right, bottom) {apart.getbbox()}, by up to "
                    f"{worst} gray levels")
    return problems


def compare_cell(cell, outputs):
    """Say how fresh outputs differ from those that a cell stores."""
    strict = "approximate" not in cell.metadata
    ranges = () if strict else cell.metadata.approximate.get("ranges", ())
    return compare_text(
        claims(cell.outputs), claims(outputs), ranges
    ) + compare_pictures(pictures(cell.outputs), pictures(outputs), strict)
