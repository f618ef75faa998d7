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
import struct
from collections import namedtuple
from importlib.metadata import version
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

# The only metadata that a notebook and a code cell keep; `make notebooks`
# takes away what editors add.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)",
                   "language": "python", "name": "python3"},
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
        after = re.match(r"\s*(%)| ?([^\W\d_]+)|", text[match.end():])
        line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        label = NUMBER.sub("…", line).strip(" :=,;|(").split("; ")[-1]
        value = float(match[0].replace(",", "").replace("−", "-"))
        found.append(Figure(match[0], value, after[1] or after[2] or "",
                            label[-60:] or "a number", *match.span()))
    return found


def fold(text):
    """The text as it stands on the screen, once a progress bar is done."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    return re.sub(r"[^\n\r\x08]*[\r\x08]+(?=[^\n\r\x08])", "", text)


def texts(outputs):
    """What a cell's outputs say, by kind; "drawn" is what its figures hold."""
    found = {}
    for output in outputs:
        said = dict(output.get("data", {}))
        if output.output_type == "stream":
            said = {output.name: output.text}
        elif output.output_type == "error":
            said = {"error": f"{output.ename}: {output.evalue}\n"}
        drawn = output.get("metadata", {}).get("drawn", [])
        for kind, text in {**said, "drawn": "\n".join(drawn)}.items():
            if text and not kind.startswith(("image/", "application/")):
                end = "\n" * (output.output_type != "stream")
                found[kind] = found.get(kind, "") + text + end
    return {kind: fold(text) for kind, text in found.items()}


def claims(outputs):
    """All that a cell says, without durations, as one text."""
    found = texts(outputs)
    whole = "\n".join(found[kind] for kind in sorted(found))
    return DURATION.sub("…", whole)


def pictures(outputs):
    """The PNG pictures of a cell's outputs; None if damaged."""
    found = []
    for data in filter(None, (
        output.get("data", {}).get("image/png") for output in outputs
    )):
        try:
            image = Image.open(io.BytesIO(base64.b64decode(data)))
            found.append(image.convert("RGB"))
        except (OSError, SyntaxError, ValueError, struct.error):
            found.append(None)
    return found


def is_flat(image):
    """Whether a picture is all of one colour."""
    return all(low == high for low, high in image.getextrema())


def skeleton(text):
    """The words of a text, with a mark in the place of each number."""
    return re.sub(r" +", " ", NUMBER.sub(" … ", text))


def compare_text(stored, fresh, ranges=()):
    """Say in sentences how two texts differ beyond the ranges."""
    said = skeleton if ranges else str
    if said(stored) != said(fresh):
        was, now = said(stored).splitlines(), said(fresh).splitlines()
        size = max(len(was), len(now))
        pairs = zip(*(text + ["(no such line)"] * (size - len(text))
                      for text in (was, now)))
        return [f"line {number} was stored as {a!r}, is now {b!r}"
                for number, (a, b) in enumerate(pairs, start=1) if a != b][:1]
    problems = []
    for was, now, range_ in zip(
        figures(stored), figures(fresh), ranges, strict=True
    ) if ranges else ():
        low, high = range_ or (was.value, was.value)
        same = low <= now.value <= high if range_ else was.text == now.text
        if not same:
            limits = f"{low:.10g} to {high:.10g}" if range_ else "no other"
            problems.append(
                f"{was.label} was stored as {was.text} {was.unit}, is now "
                f"{now.text} {now.unit}; the seeds gave {limits}")
    return problems


def compare_pictures(stored, fresh, strict=True):
    """Say how two lists of pictures differ, beyond noise in drawing.

    Only the locked Matplotlib draws the same pixels. With another one, and
    in approximate cells, what was drawn is compared as a text.
    """
    if len(stored) != len(fresh):
        return [f"{len(stored)} pictures were stored, now {len(fresh)}"]
    problems = []
    for was, now in zip(stored, fresh):
        if not was or not now or is_flat(now):
            problems.append("a picture is damaged, or all of one colour")
        elif strict and LOCKED:
            apart = ImageChops.difference(was, now)
            worst = max(high for _, high in apart.reduce(BLOCK).getextrema())
            if was.size != now.size or worst > LIMIT:
                problems.append(
                    f"a picture of {was.size} pixels, now {now.size}, differs "
                    f"by up to {worst} gray levels within (left, top, right, "
                    f"bottom) {apart.getbbox()}")
    return problems


def compare_cell(cell, outputs):
    """Say how fresh outputs differ from those that a cell stores."""
    own = cell.metadata.get("approximate")
    said, now = claims(cell.outputs), claims(outputs)
    ranges = (own or {}).get("ranges", ())
    if ranges and len(ranges) != len(figures(said)):
        return ["its numbers have no ranges; run 'make spread'"]
    return compare_text(said, now, ranges) + compare_pictures(
        pictures(cell.outputs), pictures(outputs), strict=own is None)
