"""Compare the outputs that a notebook stores with fresh ones.

A cell is compared word for word, unless its metadata states a tolerance:

    "tolerance": {"%": 0.2, "decimal": 0.01, "mistakes": 12, "why": "…"}

Then the words must still be the same, and each number may differ from the
stored one by the tolerance of its kind: "%" for a number before a percent
sign, a word for an integer or decimal before that word, else "decimal" for a
number with a decimal point and "integer" for one without. A kind that is not
named must be equal.
"""

import base64
import io
import re
import struct
from collections import namedtuple
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

# A number on its own: not part of a word, a name or a version.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"(?:e[-+]?\d+)?(?![\w]|\.\d)"
)
NOT_A_NUMBER = re.compile(r"\b(nan|inf)\b", re.IGNORECASE)
# How far two drawings of one picture may differ: the mean over 24 by 24
# blocks, in gray levels of 255. With the locked Matplotlib they are equal;
# 3.10, which sets its letters otherwise, differs by up to 11.1 from 3.11 (ten
# other digits in the same places: 18.9). In an approximate cell the data move,
# and the limit is a share of what an empty picture would differ by.
LOCK = Path(__file__).parents[2] / "requirements.txt"
LOCKED = f"matplotlib=={version('matplotlib')} " in LOCK.read_text("utf-8")
PICTURE_TOLERANCE = 1.0 if LOCKED else 12.0
APPROXIMATE_PICTURE_TOLERANCE = 0.8

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
CELL_METADATA = {"tags", "tolerance"}

Figure = namedtuple("Figure", "text value unit label start end")


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


def allowed(figure, tolerance):
    """How far a number may move, given its cell's tolerance."""
    kind = "decimal" if re.search("[.e]", figure.text) else "integer"
    return tolerance.get(figure.unit, tolerance.get(kind, 0))


def skeleton(text, tolerance):
    """The text with every number that may move replaced by a mark."""
    parts, last = [], 0
    for figure in figures(text):
        if allowed(figure, tolerance):
            parts += [text[last:figure.start], "\0"]
            last = figure.end
    parts.append(text[last:])
    return re.sub(r" +", " ", "".join(parts))


def compare_text(stored, fresh, tolerance):
    """Say in sentences how two texts differ beyond the tolerance."""
    if tolerance and NOT_A_NUMBER.search(fresh):
        return [f"{NOT_A_NUMBER.search(fresh)[0]} was printed: {fresh!r:.300}"]
    old, new = skeleton(stored, tolerance), skeleton(fresh, tolerance)
    if not tolerance:
        old, new = stored, fresh
    if old != new:
        return [_first_difference(old, new)]
    problems = []
    for was, now in zip(figures(stored), figures(fresh)):
        limit = allowed(was, tolerance)
        if abs(was.value - now.value) > limit * (1 + 1e-9):
            unit = f" {was.unit}" if was.unit else ""
            points = " points" if was.unit == "%" else ""
            problems.append(
                f"{was.label} was stored as {was.text}{unit}, is now "
                f"{now.text}{unit}, tolerance {limit:g}{points}"
            )
    return problems


def _first_difference(stored, fresh):
    old, new = stored.splitlines(), fresh.splitlines()
    for number in range(max(len(old), len(new))):
        was = old[number] if number < len(old) else "(no such line)"
        now = new[number] if number < len(new) else "(no such line)"
        if was != now:
            break
    return f"line {number + 1} was stored as {was!r}, is now {now!r}"


def texts(outputs):
    """The texts of a cell's outputs by channel, streams joined."""
    found = {}
    for output in outputs:
        if output.output_type == "stream":
            name = output.name
            found[name] = found.get(name, "") + output.text
        elif output.output_type == "error":
            found["error"] = f"{output.ename}: {output.evalue}"
        else:
            for kind, data in output.data.items():
                if not kind.startswith("image/"):
                    found.setdefault(kind, "")
                    found[kind] += str(data) + "\n"
    return found


def pictures(outputs):
    """The PNG pictures of a cell's outputs in gray; None if damaged."""
    found = []
    for output in outputs:
        data = output.get("data", {}).get("image/png")
        if data:
            try:
                image = Image.open(io.BytesIO(base64.b64decode(data)))
                found.append(image.convert("L"))
            except (OSError, SyntaxError, ValueError, struct.error):
                found.append(None)
    return found


def compare_pictures(stored, fresh, tolerance):
    """Say how two lists of pictures differ beyond drawing noise."""
    if None in stored or None in fresh:
        return ["a damaged picture"]
    if len(stored) != len(fresh):
        return [f"{len(stored)} pictures were stored, now {len(fresh)}"]
    problems = []
    for was, now in zip(stored, fresh):
        blocks = [
            np.asarray(image.resize((24, 24), Image.Resampling.BOX), float)
            for image in (was, now)
        ]
        difference = np.abs(blocks[0] - blocks[1]).mean()
        limit = PICTURE_TOLERANCE
        if tolerance:
            ink = np.abs(blocks[0] - np.median(blocks[0])).mean()
            limit = APPROXIMATE_PICTURE_TOLERANCE * ink
        if max(abs(a - b) for a, b in zip(was.size, now.size)) > 12:
            problems.append(
                f"a picture was stored with {was.size} pixels, is now "
                f"{now.size}"
            )
        elif difference > limit:
            problems.append(
                f"a picture differs from the stored one by {difference:.1f} "
                f"gray levels on average, tolerance {limit:.1f}"
            )
    return problems


def compare_cell(cell, outputs):
    """Say how fresh outputs differ from those that a cell stores."""
    tolerance = dict(cell.metadata.get("tolerance", {}))
    tolerance.pop("why", None)
    stored, fresh = texts(cell.outputs), texts(outputs)
    problems = []
    if tolerance and not any(text.strip() for text in fresh.values()):
        problems.append("the cell printed nothing")
    for name in sorted(stored.keys() | fresh.keys()):
        if name not in fresh:
            problems.append(f"{name} was stored, and is now empty")
        elif name not in stored:
            problems.append(f"{name} is new: {fresh[name]!r:.300}")
        else:
            problems += compare_text(stored[name], fresh[name], tolerance)
    return problems + compare_pictures(
        pictures(cell.outputs), pictures(outputs), tolerance
    )


def read(path):
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """The code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
