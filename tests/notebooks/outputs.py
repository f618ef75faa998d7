"""Compare the outputs that a notebook stores with fresh ones.

A cell is strict: its words, numbers and pictures stay as they are. Only how
long something took, such as "14s" or "36ms/step", is ignored. Where training
moves numbers, a cell is approximate: it has the metadata

    "approximate": {"why": "…", "ranges": [null, [99.1, 99.8], …]}

with a range, measured by `make spread`, for each of its numbers, in order.
What has none (null), every word, and what was drawn must be equal.
"""

import base64
import io
import re
import warnings
from collections import defaultdict, namedtuple
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from itertools import chain, repeat, zip_longest
from math import inf

import nbformat
from PIL import Image, ImageChops

from mnist_digit_recognizer import PROJECT

# A number on its own, not part of a word, a name or a version; and its unit.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"(?:e[-+]?\d+)?(?![\w]|\.\d)(?=(\s*%| ?[^\W\d_]+|))")
DURATION = re.compile(
    r"(?<![\w.])(\d+:\d\d(?= \d+m?s/step)"
    r"|\d+(\.\d+)? ?(s|ms|us|µs)(/(step|epoch))?(?![\w/]))")
# Only the locked Matplotlib draws the same pixels. Of another one's pictures,
# as of those of approximate cells, what was drawn is compared, as a text.
LOCK = (PROJECT / "requirements.txt").read_text("utf-8")
LOCKED = f"matplotlib=={version('matplotlib')} " in LOCK
if not LOCKED:
    warnings.warn("another Matplotlib: no pixels are compared", stacklevel=1)
BLOCK = 4  # pixels, the side of the squares in which pictures are compared
LIMIT = 4  # gray levels of 255 by which a square may differ on average
Figure = namedtuple("Figure", "text value decimals unit label end")
read = partial(nbformat.read, as_version=4)


def code_cells(notebook):
    """The code cells of a notebook, without the one that papermill adds."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"
            and "injected-parameters" not in cell.metadata.get("tags", [])]


def figures(text):
    """Find the numbers of a text, each with its unit and what it is."""
    found = []
    for match in NUMBER.finditer(text):
        line = text[:match.start()].rpartition("\n")[2]
        label = NUMBER.sub("…", line).strip(" :=,;|(")[-60:] or "a number"
        value = Decimal(match[0].replace(",", "").replace("−", "-"))
        decimals = max(0, -value.as_tuple().exponent)
        found.append(Figure(match[0], float(value), decimals,
                            match[1].strip(), label, match.end()))
    return found


def fold(text):
    """The text as it stands on the screen, once a progress bar is done."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    return re.sub(r"[^\n\r\x08]*[\r\x08]+(?=[^\n\r\x08])", "", text)


def texts(outputs):
    """What a cell's outputs say, by kind; "drawn" is what its figures hold."""
    found = defaultdict(str)
    for output in outputs:
        drawn = output.get("metadata", {}).get("drawn", [])
        said = {"drawn": "\n".join(drawn), **output.get("data", {})}
        if output.output_type == "error":
            said["error"] = f"{output.ename}: {output.evalue}"
        for kind, text in said.items():
            if text and not kind.startswith(("image/", "application/")):
                found[kind] += text + "\n"
        if output.output_type == "stream":
            found[output.name] += output.text
    return {kind: fold(text) for kind, text in found.items()}


def claims(outputs):
    """All that a cell says, without durations, as one text."""
    said = "\n".join(text for _, text in sorted(texts(outputs).items()))
    return DURATION.sub("…", said)


def pictures(outputs):
    found = [output.get("data", {}).get("image/png") for output in outputs]
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
            for png in found if png]


def compare_text(stored, fresh, ranges=()):
    """Say in sentences how two texts differ beyond the ranges."""
    words = (re.sub(r" +", " ", NUMBER.sub(" … ", text)) if ranges else text
             for text in (stored, fresh))
    for was, now in zip_longest(*map(str.splitlines, words)):
        if was != now:
            return [f"a line was stored as {was!r}, is now {now!r}"]
    problems, ranges = [], chain(ranges, repeat(None))
    for was, now, range_ in zip(figures(stored), figures(fresh), ranges):
        low, high = range_ or (inf, inf)
        if was.text != now.text and not low <= now.value <= high:
            limits = f"{low:.10g} to {high:.10g}" if range_ else "no other"
            problems.append(
                f"{was.label} was stored as {was.text} {was.unit}, is now "
                f"{now.text} {now.unit}; the seeds gave {limits}")
    return problems


def compare_pictures(stored, fresh):
    """Say in a sentence how pictures differ, beyond noise in drawing."""
    was, now = ([image.size for image in images] for images in (stored, fresh))
    if was != now:
        return [f"pictures of {was} pixels were stored, now they have {now}"]
    for image, other in zip(stored, fresh):
        apart = ImageChops.difference(image, other)
        if max(apart.reduce(BLOCK).tobytes()) > LIMIT:
            return [f"a picture of {image.size} pixels is another one between "
                    f"the corners (x, y, x, y) {apart.getbbox()}"]
    return []


def compare_cell(cell, outputs):
    """Say how fresh outputs differ from those that a cell stores."""
    ranges = cell.metadata.get("approximate", {}).get("ranges", [])
    problems = compare_text(claims(cell.outputs), claims(outputs), ranges)
    if not problems and LOCKED and "approximate" not in cell.metadata:
        return compare_pictures(pictures(cell.outputs), pictures(outputs))
    return problems
