"""Compare the outputs that a notebook stores with fresh ones.

A cell is strict: its words, numbers and pictures stay as they are. Only how
long something took, such as "14s" or "36ms/step", is ignored. Where training
moves numbers, a cell is approximate, and says so in its metadata:

    "tags": ["approximate"],
    "approximate": {"why": "…", "ranges": [null, [99.1, 99.8], …]}

Each range belongs to one number of the cell, in order; `make spread` measures
them. What has none (null), every word, and what was drawn must be equal.
"""

import base64
import io
import re
from collections import namedtuple
from contextlib import suppress
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

# A number on its own: not part of a word, a name or a version.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"(?:e[-+]?\d+)?(?![\w]|\.\d)")
DURATION = re.compile(
    r"(?<![\w.])(\d+:\d\d(?= \d+m?s/step)"
    r"|\d+(\.\d+)? ?(s|ms|us|µs)(/(step|epoch))?(?![\w/]))")
LOCK = Path(__file__).parents[2] / "requirements.txt"
LOCKED = f"matplotlib=={version('matplotlib')} " in LOCK.read_text("utf-8")
BLOCK = 4  # pixels, the side of the squares in which pictures are compared
LIMIT = 4  # gray levels of 255 by which a square may differ on average
# The only metadata that a notebook and a code cell keep.
CELL_METADATA = {"tags", "approximate"}
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)",
                   "language": "python", "name": "python3"},
    "language_info": {"name": "python"}}
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
        unit = re.match(r"\s*(%)| ?([^\W\d_]+)|", text[match.end():])
        line = text[:match.start()].rpartition("\n")[2]
        label = NUMBER.sub("…", line).strip(" :=,;|(")[-60:]
        value = float(match[0].replace(",", "").replace("−", "-"))
        found.append(Figure(match[0], value, unit[1] or unit[2] or "",
                            label or "a number", *match.span()))
    return found


def fold(text):
    """The text as it stands on the screen, once a progress bar is done."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    return re.sub(r"[^\n\r\x08]*[\r\x08]+(?=[^\n\r\x08])", "", text)


def texts(outputs):
    """What a cell's outputs say, by kind; "drawn" is what its figures hold."""
    found = {}
    for output in outputs:
        drawn = "\n".join(output.get("metadata", {}).get("drawn", []))
        said = {**output.get("data", {}), "drawn": drawn}
        if output.output_type == "error":
            said = {"error": f"{output.ename}: {output.evalue}"}
        said = {kind: text + "\n" for kind, text in said.items()
                if text and not kind.startswith(("image/", "application/"))}
        if output.output_type == "stream":
            said = {output.name: output.text}
        for kind, text in said.items():
            found[kind] = fold(found.get(kind, "") + text)
    return found


def claims(outputs):
    """All that a cell says, without durations, as one text."""
    said = "\n".join(text for _, text in sorted(texts(outputs).items()))
    return DURATION.sub("…", said)


def pictures(outputs):
    """The pictures of a cell's outputs; None if damaged, or of one colour."""
    found = []
    for output in outputs:
        if "image/png" in output.get("data", {}):
            found.append(None)
            with suppress(OSError, SyntaxError, ValueError):
                image = Image.open(io.BytesIO(
                    base64.b64decode(output.data["image/png"]))).convert("RGB")
                if any(low < high for low, high in image.getextrema()):
                    found[-1] = image
    return found


def skeleton(text):
    """The words of a text, with a mark in the place of each number."""
    return re.sub(r" +", " ", NUMBER.sub(" … ", text))


def compare_text(stored, fresh, ranges=()):
    """Say in sentences how two texts differ beyond the ranges."""
    words = skeleton if ranges else str
    lines = zip_longest(words(stored).splitlines(), words(fresh).splitlines())
    for number, (was, now) in enumerate(lines, start=1):
        if was != now:
            return [f"line {number} was stored as {was!r}, is now {now!r}"]
    problems = []
    for was, now, range_ in zip(figures(stored), figures(fresh), ranges):
        low, high = range_ or (was.value, was.value)
        if not (low <= now.value <= high if range_ else was.text == now.text):
            limits = f"{low:.10g} to {high:.10g}" if range_ else "no other"
            problems.append(
                f"{was.label} was stored as {was.text} {was.unit}, is now "
                f"{now.text} {now.unit}; the seeds gave {limits}")
    return problems


def compare_pictures(stored, fresh, strict=True):
    """Say how the pictures of two cells differ, beyond noise in drawing.

    Only the locked Matplotlib draws the same pixels. With another one, and
    in approximate cells, what was drawn is compared as a text.
    """
    stored, fresh = pictures(stored), pictures(fresh)
    if len(stored) != len(fresh) or None in stored + fresh:
        return [f"{len(stored)} pictures were stored, now there are "
                f"{len(fresh)}, or one is damaged, or all of one colour"]
    for was, now in zip(stored, fresh) if strict and LOCKED else ():
        apart = ImageChops.difference(was, now)
        worst = max(high for _, high in apart.reduce(BLOCK).getextrema())
        if was.size != now.size or worst > LIMIT:
            return [f"a picture of {was.size} pixels, now {now.size}, differs "
                    f"by up to {worst} gray levels of 255, between the corners"
                    f" (x, y, x, y) {apart.getbbox()}"]
    return []


def compare_cell(cell, outputs):
    """Say how fresh outputs differ from those that a cell stores."""
    own = cell.metadata.get("approximate")
    said, ranges = claims(cell.outputs), (own or {}).get("ranges", ())
    if ranges and len(ranges) != len(figures(said)):
        return ["its numbers have no ranges; run 'make spread'"]
    return compare_text(said, claims(outputs), ranges) + compare_pictures(
        cell.outputs, outputs, strict=own is None)
