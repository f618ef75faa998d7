"""Exercises: solutions are accepted, wrong answers refused with the reason.

An exercise is found twice, in the notebooks and in the modules, and the two
must agree. Each solution is put into its cell, and the notebook is executed.
"""

import ast
import re
import subprocess
import symtable
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from nbclient import NotebookClient
from scipy.ndimage import center_of_mass, correlate
from scipy.signal import convolve2d, correlate2d
from scipy.stats import binomtest, sem, t
from sklearn.metrics import precision_recall_fscore_support

from helpers import exercises
from helpers.data import prepare_images
from helpers.exercises import check, hint, solution
from helpers.exercises.notebook_3 import stand_in
from helpers.exercises.tools import EXERCISES
from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks.outputs import code_cells, compare_cell, read, texts

# The notebooks that have exercises. Only the first is quick enough to be
# executed as a whole; of another one, the cells that its exercises need.
TAUGHT = NOTEBOOKS


def name_checked(source):
    """The name of the exercise that a cell checks, or None."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and "check" == getattr(
            node.func, "id", None
        ):
            return node.args[0].value
    return None


def cells_of(notebook):
    """The exercise cells of a notebook by the exercise's name."""
    found = {}
    for cell in code_cells(notebook):
        name = name_checked(cell.source)
        assert name not in found, f"{name} is checked twice"
        if name is not None:
            found[name] = cell
    return found


def find_interval(values):
    """The ends of the 95 % interval, as in notebook 2."""
    reach = t.ppf(0.975, len(values) - 1) * sem(values)
    return np.mean(values) - reach, np.mean(values) + reach


def value_of(name, **names):
    """What the exercise's solution gives: its answers, in order."""
    space = {"np": np, "find_interval": find_interval,
             "binomtest": binomtest, "prepare_images": prepare_images,
             **names}
    before = set(space)
    exec(EXERCISES[name].code, space)
    return tuple(
        space[key] for key in space if key not in {*before, "__builtins__"}
    )


@pytest.fixture
def says(capsys):
    """What `check` prints, in one line."""
    def run(name, *answers):
        capsys.readouterr()
        check(name, *answers)
        return " ".join(capsys.readouterr().out.split())
    return run


# The form

def test_notebooks_and_modules_have_the_same_exercises():
    taught = [name for path in TAUGHT for name in cells_of(read(path))]
    assert sorted(taught) == sorted(EXERCISES)
    for path in NOTEBOOKS:
        assert path in TAUGHT or not cells_of(read(path)), path.name


@pytest.mark.parametrize("path", TAUGHT, ids=lambda path: path.stem)
class TestForm:
    """How exercises stand in a notebook."""

    def test_at_least_five(self, path):
        assert len(cells_of(read(path))) >= 5

    def test_each_has_a_heading_with_its_minutes(self, path):
        cells = read(path).cells
        for before, cell in pairwise(cells):
            if cell.cell_type == "code" and name_checked(cell.source):
                assert re.match(r"### Exercise: .+\n\n\*About \d+ minutes\.\*",
                                before.source), cell.source

    def test_each_ends_its_section(self, path):
        inside = False
        for cell in read(path).cells:
            if cell.cell_type == "code" and name_checked(cell.source):
                inside = True
            elif inside:
                assert re.match("## |### Exercise: ", cell.source), (
                    f"this stands behind an exercise: {cell.source[:60]!r}"
                )
                inside = False

    def test_each_cell_starts_empty_and_says_so(self, path):
        for name, cell in cells_of(read(path)).items():
            answer, _, rest = cell.source.partition("\n\n")
            assert re.fullmatch(r"(\w+ = \.\.\.\n?)+"
                                r"|def \w+\(.*\):\n    return \.\.\.", answer)
            call, *offers = rest.splitlines()
            assert call.startswith(f'check("{name}", ')
            assert offers == [f'# hint("{name}")', f'# solution("{name}")']
            assert texts(cell.outputs) == {
                "stdout": f"{name}: not attempted yet.\n"
            }

    def test_no_other_cell_uses_the_names_of_an_answer(self, path):
        notebook = read(path)
        for name, cell in cells_of(notebook).items():
            answers, _ = names_in(cell.source)
            for other in code_cells(notebook):
                if other is not cell:
                    taken = answers & set.union(*names_in(other.source))
                    assert not taken, f"{name}: {taken} in {other.source}"

    def test_the_title_counts_the_exercises_and_adds_their_minutes(self, path):
        words = "no one two three four five six seven eight nine ten".split()
        text = "\n".join(
            cell.source for cell in read(path).cells
            if cell.cell_type == "markdown"
        )
        count = words[len(cells_of(read(path)))]
        alone = re.findall(
            r"### Exercise: .+\n\n\*About (\d+) minutes", text)
        plan = re.search(
            r"about (\d+) minutes, (\d+) of them for the (\w+) exerc", text
        )
        assert plan, "about … minutes, … of them for the … exercises"
        total, spent, said = plan.groups()
        assert said == count and int(spent) == sum(map(int, alone))
        table = [int(n) for n in re.findall(r"\| (\d+) \|$", text, re.M)]
        sections = re.findall(r"^## .+\n\n\*About (\d+) min", text, re.M)
        assert table == [int(n) for n in sections]
        assert abs(sum(table) - int(total)) <= 5


@pytest.mark.parametrize("name", EXERCISES)
def test_hints_and_solution_are_written(name):
    exercise = EXERCISES[name]
    assert 1 <= len(exercise.hints) <= 2
    assert all(len(text) > 40 for text in (
        *exercise.hints, exercise.reasoning, exercise.why))
    lines = exercise.code.splitlines()
    assert len(lines) <= 11 and max(map(len, lines)) < 80
    assert exercise.examine.__doc__


# The solutions

def names_in(source):
    """The names that a cell binds, and those that it uses."""
    top = symtable.symtable(source, "cell", "exec")
    bound, used, tables = set(), set(), [top]
    for symbol in top.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            bound.add(symbol.get_name())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {
            symbol.get_name() for symbol in table.get_symbols()
            if symbol.is_referenced()
            and (table is top or symbol.is_global())
        }
    return bound, used


def needed(cells, wanted):
    """Of these cells, those for set-up and those that the wanted ones need."""
    kept, names = [], set()
    for cell in reversed(cells):
        bound, used = names_in(cell.source)
        if cell in wanted or cell in cells[:2] or bound & names:
            kept.insert(0, cell)
            names = names - bound | used
    return kept


def with_solutions(path):
    """Read a notebook with all solutions put in; and its exercise cells."""
    notebook = read(path)
    cells = cells_of(notebook)
    for name, cell in cells.items():
        _, call, rest = cell.source.partition("check(")
        cell.source = f"{EXERCISES[name].code}\n\n{call}{rest}"
    return notebook, cells


def solved(path, whole):
    """Execute a notebook with all solutions put in, in memory."""
    notebook, todo = with_solutions(path)
    if not whole:
        notebook.cells = needed(code_cells(notebook), [*todo.values()])
    NotebookClient(
        notebook, timeout=900, kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


def refusals(notebook):
    """What the exercise cells of an executed notebook say, if not right."""
    for name, cell in cells_of(notebook).items():
        said = " ".join(texts(cell.outputs).get("stdout", "").split())
        if said != f"{name}: correct. {EXERCISES[name].why}":
            yield said or f"{name}: nothing was said"


@pytest.fixture
def kernel(monkeypatch):
    """Let notebooks run in this Python, and only for one test."""
    monkeypatch.setenv("JUPYTER_PATH", "")
    use_this_python()


@pytest.mark.parametrize("path", TAUGHT, ids=lambda path: path.stem)
def test_every_solution_is_accepted(path, kernel):
    notebook = solved(path, whole=path == NOTEBOOKS[0])
    assert not list(refusals(notebook))
    if path == NOTEBOOKS[0]:
        assert not list(disturbed(path, notebook))


@pytest.mark.slow
@pytest.mark.parametrize("path", TAUGHT[1:], ids=lambda path: path.stem)
def test_every_solution_is_accepted_in_the_whole_notebook(path, kernel):
    notebook = solved(path, whole=True)
    assert not list(refusals(notebook)) + list(disturbed(path, notebook))


def disturbed(path, notebook):
    """How the other cells' outputs change when the exercises are solved."""
    for cell, fresh in zip(
        code_cells(read(path)), code_cells(notebook), strict=True
    ):
        if not name_checked(cell.source):
            yield from compare_cell(cell, fresh.outputs)


def test_the_cells_that_an_exercise_needs_are_found():
    notebook, exercises = with_solutions(NOTEBOOKS[0])
    cells, bright = code_cells(notebook), exercises["bright"]
    sources = [cell.source for cell in needed(cells, [bright])]
    assert sources[0] == cells[0].source and sources[-1] == bright.source
    assert any("image = x_train[0]" in source for source in sources)
    assert any("load_mnist()" in source for source in sources)
    assert any("import check" in source for source in sources)
    assert len(sources) <= 7


# The wrong answers

def image():
    return EXERCISES["bright"].examine.__globals__["first_digit"]()


def paint(image, width):
    image[:width] = image[-width:] = 255
    image[:, :width] = image[:, -width:] = 255
    return image


def middle(image, width):
    framed = np.full_like(image, 255)
    framed[width:-width, width:-width] = image[width:-width, width:-width]
    return framed


def shorter(image, width):
    framed = image.copy()
    framed[:width] = framed[6 - width:] = 255
    framed[:, :width] = framed[:, 8 - width:] = 255
    return framed


def square(image, width):
    framed = np.full_like(image, 255)
    end = len(image) - width
    framed[width:end, width:end] = image[width:end, width:end]
    return framed


def rescale(image, low, high):
    return ((image - float(low)) / (high - low) * 255).round().astype("uint8")


def unsafe(image):
    return rescale(image, image.min(), image.max())


def guarded(image, flat):
    if image.min() == image.max():
        return flat
    return rescale(image, image.min(), image.max())


def invert_in_place(images):
    marked = images.mean(axis=(1, 2)) > 127
    images[marked] = 255 - images[marked]
    return images


def decide_for_all(images):
    return 255 - images if images.mean() > 127 else images


def by_corner(images, sign=1):
    marked = sign * images[:, 0, 0].astype(int) > sign * 127
    return np.where(marked[:, None, None], 255 - images, images)


def prints(*_):
    print("a result")


right_frame, = value_of("add_frame")
right_polarity, = value_of("make_paper_black")
right_blend, = value_of("blend")
right_pixels, = value_of("to_pixels")


def standardise_by(images, source, **axes):
    return (images - source.mean(**axes)) / source.std(**axes)


def mirror_where(images, marked):
    return np.where(marked[:, None, None], images[:, :, ::-1], images)


def mirror_in_place(images, labels):
    marked = np.isin(labels, [0, 8])
    images[marked] = images[marked][:, :, ::-1]
    return images


def move(by):
    return np.array([[1, 0, by], [0, 1, by], [0, 0, 1]])


def scale(step):
    return np.diag([step, step, 1])


def enlarge_about(factor, middle):
    return move(middle) @ scale(1 / factor) @ move(-middle)


def count_by(first, second, which):
    return np.stack([np.bincount(which[first], minlength=10),
                     np.bincount(which[second], minlength=10)], axis=1)


def find_changes(before, after, truth):
    fixed = (before != truth) & (after == truth)
    return fixed, (before == truth) & (after != truth)


def centres_where(images, middle):
    """The centres of ink; for a black picture what `middle` says."""
    return np.array([
        center_of_mass(image) if image.any() else middle for image in images
    ])


def centres_of(weights):
    return centres_where(weights, (2.5, 4))


right_stack, = value_of("pictures_first")
right_mirror, = value_of("mirror_safely")
right_zoom, = value_of("enlarge")
right_changes, = value_of("changes_by_digit")
right_centres, = value_of("find_centres")
OLD, NEW = np.array([5.6, 4.8, 6.1, 5.1]), np.array([5.2, 4.5, 5.8, 4.7])


def gains_within(factor):
    """The mean difference, and a number of spreads to each side."""
    gains = NEW - OLD
    reach = factor * gains.std(ddof=1)
    return gains.mean() - reach, gains.mean() + reach, False


right_response, = value_of("respond")
right_stop, = value_of("stop_early")
right_risk, = value_of("coverage_and_risk")
right_shares, = value_of("recall_and_precision")
right_read, = value_of("read_one")
SURE = np.log([0.9, 0.9, 0.9, 0.0001])


def pad_and_respond(image, weights):
    return correlate(image, weights, mode="constant")


def respond_by(gather):
    """A function that treats filter and picture in another way."""
    def function(image, weights):
        parts = np.lib.stride_tricks.sliding_window_view(image, weights.shape)
        return gather(parts, weights)
    return function


def stop_by(keep, late=0):
    """A stopping rule with a waiting counter, and a condition of its own."""
    def function(losses, patience):
        best, waited = 1, 0
        for epoch, loss in enumerate(losses, start=1):
            waited += 1
            if epoch == 1 or keep(loss, losses[best - 1], losses[epoch - 2]):
                best, waited = epoch, 0
            if waited == patience + late:
                break
        return epoch, best
    return function


def stop_after_all(losses, patience):
    """Count every epoch without a new best, in a row or not."""
    best, waited = 1, -1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        else:
            waited += 1
        if waited == patience:
            break
    return epoch, best


def stop_at_all_costs(losses, patience):
    return len(losses), 1 + int(np.argmin(losses))


def wilson(right, count, **settings):
    interval = binomtest(right, count).proportion_ci(**settings)
    return 100 * interval.low, 100 * interval.high


def risk_by(accept, gather=lambda wrong, accepted: wrong[accepted].mean()):
    """A function that accepts, or finds the risk, in another way."""
    def function(rows, labels, threshold):
        accepted = accept(rows, labels, threshold)
        wrong = rows.argmax(axis=1) != labels
        if not accepted.any():
            return 0, 0
        return accepted.mean(), gather(wrong, accepted)
    return function


def surely(rows, labels, threshold):
    return rows.max(axis=1) >= threshold


def careless_risk(nothing):
    """A function with an answer of its own if nothing is accepted."""
    def function(rows, labels, threshold):
        accepted = surely(rows, labels, threshold)
        if not accepted.any():
            return nothing
        return right_risk(rows, labels, threshold)
    return function


def divide(matrix, axis, nothing=0):
    sums = matrix.sum(axis=axis)
    return np.where(sums > 0, np.diag(matrix) / np.maximum(sums, 1), nothing)


def shares(matrix, *axes, nothing=0):
    return np.stack([divide(matrix, axis, nothing) for axis in axes], axis=1)


def careless_shares(matrix):
    right = np.diag(matrix)
    return np.stack([right / matrix.sum(axis=1), right / matrix.sum(axis=0)],
                    axis=1)


def ask(prepare):
    """A function that prepares the picture for the network in its own way."""
    def function(network, image):
        row = np.asarray(network(prepare(image)))[0]
        return row.argmax(), row.max()
    return function


def rows_of(network, image):
    return network(prepare_images(image[np.newaxis]))


def ask_predict_digits(network, image):
    from helpers.recogniser import predict_digits
    row = predict_digits(network, image)[0]
    return row.argmax(), row.max()


# For each exercise, wrong answers, and what the message must speak of.
WRONG = {
    "bright": [
        (lambda: (image() > 252).sum(), "divided by the number"),
        (lambda: 100 * (image() > 252).mean(), "percent"),
        (lambda: (image() >= 252).mean(), "252 as well"),
        (lambda: (image() <= 252).mean(), "inverted"),
        (lambda: (image() == 0).mean(), "pixels that are 0"),
        (lambda: image() > 252, "array of shape (28, 28)"),
        (lambda: "0.07", "quotation marks"),
        (lambda: 0.0725, "too large"),
        (lambda: 0.0665, "too small"),
        (lambda: float("nan"), "nan"),
        (lambda: True, "one number"),
        (lambda: None, "None"),
        (lambda: np.array([]), "one number"),
    ],
    "yellow": [
        (lambda: (225.9, 170), "swapped"),
        (lambda: (510, 226), "sum of the channels"),
        (lambda: (255, 226), "mean of two channels"),
        (lambda: (np.uint8(254) / 3, 226), "wraps around"),
        (lambda: (170, 0.886), "sum of two weights"),
        (lambda: (170, 76.2), "red alone"),
        (lambda: (170, 150), "green alone"),
        (lambda: (170, 75.3), "divided by 3"),
        (lambda: (170, 225), "rounded down"),
        (lambda: (170, 170), "`by_luma` is the mean"),
        (lambda: (168, 226), "`by_mean` is 168, and that is too small"),
        (lambda: (170, 228), "`by_luma` is 228, and that is too large"),
        (lambda: ((255, 255, 0), 226), "one number"),
        (lambda: (170, "226"), "quotation marks"),
    ],
    "add_frame": [
        (lambda: lambda i, w: i.copy(), "without a frame"),
        (lambda: lambda i, w: right_frame(i, w + 1), "too wide"),
        (lambda: lambda i, w: right_frame(i, max(w - 1, 0)), "frame"),
        (lambda: lambda i, w: 255 - right_frame(255 - i, w), "black"),
        (lambda: lambda i, w: np.pad(i, w, constant_values=255), "grows"),
        (lambda: lambda i, w: i[w:-w, w:-w], "only the middle"),
        (lambda: lambda i, w: right_frame(i, w).astype(float), "float64"),
        (lambda: lambda i, w: right_frame(i, w).tolist(), "of type list"),
        (lambda: paint, "changes the array that it is given"),
        (lambda: lambda i, w: paint(i.copy(), w), "`image[-0:]`"),
        (lambda: middle, "`image[0:-0]`"),
        (lambda: shorter, "in 4 of 54 places"),
        (lambda: square, "places"),
        (lambda: prints, "prints its result and returns None"),
        (lambda: lambda i, w: None, "a `return` missing"),
        (lambda: lambda i: i, "TypeError"),
        (lambda: lambda i, w: i[w, 99], "IndexError"),
        (lambda: right_frame(image(), 2), "without parentheses"),
    ],
    "blend": [
        (lambda: lambda a, b: (a + b) // 2, "wraps around"),
        (lambda: lambda a, b: a // 2 + b // 2, "Add first"),
        (lambda: lambda a, b: a + b, "does not divide"),
        (lambda: lambda a, b: a.astype(int) + b, "sum"),
        (lambda: lambda a, b: np.clip(a.astype(int) + b, 0, 255), "clips"),
        (lambda: lambda a, b: (a.astype(int) + b) / 2, "float64"),
        (lambda: lambda a, b: (a.astype(int) + b) // 2, "int64"),
        (lambda: lambda a, b: np.mean([a, b]), "one number"),
        (lambda: lambda a, b: np.mean([a, b], axis=(1, 2)), "shape (2,)"),
        (lambda: lambda a, b: a, "first picture alone"),
        (lambda: lambda a, b: right_blend(a, b).T, "shape (7, 5)"),
        (lambda: lambda a, b: [right_blend(a, b)], "of type list"),
    ],
    "stretch": [
        (lambda: lambda i: i, "unchanged"),
        (lambda: lambda i: (i - i.min()) * 255 // (i.max() - i.min()),
         "wraps around"),
        (lambda: lambda i: (i * (255 / i.max())).astype("uint8"),
         "starts above 0"),
        (lambda: lambda i: rescale(i, i.min(), i.min() + int(i.max())),
         "does not reach 255"),
        (lambda: lambda i: i - i.min(), "first half"),
        (lambda: lambda i: 255 - unsafe(i), "inverted"),
        (lambda: lambda i: (i - float(i.min())) / (i.max() - i.min()),
         "from 0 to 1"),
        (lambda: lambda i: (i - float(i.min())) / np.ptp(i) * 255,
         "float64"),
        (lambda: lambda i: i if i.min() == 0 else unsafe(i), "from 0 to 200"),
        (lambda: lambda i: i if i.max() == 255 else unsafe(i),
         "from 100 to 255"),
        (lambda: unsafe, "divided by 0"),
        (lambda: lambda i: guarded(i, i.copy()), "flat picture, all 60,"),
        (lambda: lambda i: guarded(i, np.full_like(i, 255)), "white"),
        (lambda: lambda i: guarded(i, 0), "shape ()"),
        (lambda: lambda i: guarded(i, None), "returns None"),
    ],
    "to_pixels": [
        (lambda: lambda r: right_pixels(r)[..., None], "channel axis"),
        (lambda: lambda r: np.squeeze(right_pixels(r)), "first axis"),
        (lambda: lambda r: right_pixels(r)[0], "first axis"),
        (lambda: lambda r: r[..., 0], "Multiply by 255"),
        (lambda: lambda r: r[..., 0].astype("uint8"), "0 nearly everywhere"),
        (lambda: lambda r: r[..., 0].astype("uint8") * 255,
         "before you multiplied"),
        (lambda: lambda r: np.clip(r[..., 0] * 255, 0, 255).astype("uint8"),
         "rounds down"),
        (lambda: lambda r: ((r[..., 0] * 255).round() % 256).astype("uint8"),
         "clipped"),
        (lambda: lambda r: 255 - right_pixels(r), "inverted"),
        (lambda: lambda r: right_pixels(r).astype(int), "int64"),
    ],
    "make_paper_black": [
        (lambda: lambda x: x, "unchanged"),
        (lambda: lambda x: 255 - x, "every picture"),
        (lambda: lambda x: by_corner(x, -1), "wrong way round"),
        (lambda: decide_for_all, "Decide for each"),
        (lambda: invert_in_place, "changes the array"),
        (lambda: lambda x: right_polarity(x)[x[:, 0, 0] > 127], "only"),
        (lambda: lambda x: np.where(by_corner(x) == x, x, 1 - x), "`1 - im"),
        (lambda: lambda x: right_polarity(x) / 255, "from 0 to 1"),
        (lambda: lambda x: x[:, ::-1], "upside down"),
        (lambda: lambda x: right_polarity(x).astype(int), "int64"),
        (lambda: lambda x: list(right_polarity(x)), "of type list"),
        (lambda: lambda x: right_polarity(x)[0], "shape (28, 28)"),
    ],
    "pictures_first": [
        (lambda: lambda s: s.reshape(s.shape[2], *s.shape[:2], 1),
         "cuts the numbers"),
        (lambda: lambda s: s.reshape(s.shape[2], *s.shape[:2]),
         "cuts the numbers"),
        (lambda: lambda s: s.T[..., None], "rows and columns as well"),
        (lambda: lambda s: s.T, "rows and columns as well"),
        (lambda: lambda s: np.swapaxes(s, 0, 2)[..., None], "diagonal"),
        (lambda: lambda s: np.moveaxis(s, -1, 0), "lacks the channel axis"),
        (lambda: lambda s: right_stack(s)[..., 0][:, None],
         "belongs at the end"),
        (lambda: lambda s: right_stack(s)[..., 0][None], "in front"),
        (lambda: lambda s: s[..., None], "last but one"),
        (lambda: lambda s: s, "as it was"),
        (lambda: lambda s: right_stack(s)[0], "no axis that counts"),
        (lambda: lambda s: right_stack(s) / 255, "float64"),
        (lambda: lambda s: right_stack(s).tolist(), "of type list"),
        (lambda: lambda s: s.reshape(8, 28, 28), "raises ValueError"),
        (lambda: lambda s: np.rot90(right_stack(s), axes=(1, 2)),
         "shape (3, 7, 5, 1)"),
        (lambda: lambda s: right_stack(s)[::-1], "places"),
        (lambda: lambda s: right_stack(s).reshape(3, 5, 7, 1),
         "of shape (6, 6, 4) raises ValueError"),
        (lambda: lambda s: right_stack(s).squeeze()[..., None],
         "of shape (5, 7, 1) has no axis that counts"),
    ],
    "standardise": [
        (lambda: lambda x, fit: standardise_by(x, x), "of `images`"),
        (lambda: lambda x, fit: standardise_by(
            x, x, axis=(1, 2, 3), keepdims=True), "on its own"),
        (lambda: lambda x, fit: standardise_by(
            x, np.concatenate([x, fit])), "together"),
        (lambda: lambda x, fit: standardise_by(x, fit, axis=0), "each pixel"),
        (lambda: lambda x, fit: (x - x.mean()) / fit.std(), "Only the dev"),
        (lambda: lambda x, fit: (x - fit.mean()) / x.std(), "Only the mean"),
        (lambda: lambda x, fit: x - fit.mean(), "still to be divided"),
        (lambda: lambda x, fit: x / fit.std(), "does not subtract"),
        (lambda: lambda x, fit: x - fit.mean() / fit.std(), "parentheses"),
        (lambda: lambda x, fit: (x - fit.mean()) / fit.var(), "variance"),
        (lambda: lambda x, fit: (x - fit.mean()) * fit.std(), "multiplies"),
        (lambda: lambda x, fit: standardise_by(fit, fit), "Asked for is `im"),
        (lambda: lambda x, fit: x, "unchanged"),
        (lambda: lambda x, fit: standardise_by(x, fit).mean(), "shape ()"),
        (lambda: lambda x, fit: standardise_by(x, fit)[..., 0],
         "shape (3, 6, 9)"),
        (lambda: lambda x, fit: (standardise_by(fit, fit),
                                 standardise_by(x, fit)), "of type tuple"),
        (lambda: lambda x, fit: standardise_by(x, fit).round(), "places"),
        (lambda: lambda x: standardise_by(x, x), "TypeError"),
    ],
    "farthest": [
        (lambda: (10, 4), "what the names"),
        (lambda: (0.1, 0.25), "fractions"),
        (lambda: (0.25, 0.1), "fractions"),
        (lambda: (8, 20), "half of that"),
        (lambda: (2.8, 7), "28 by 28"),
        (lambda: (7, 2.8), "28 by 28"),
        (lambda: (-4, 10), "without a sign"),
        (lambda: (4, 9), "`most_columns` is 9, and that is too small"),
        (lambda: (5, 10), "`most_rows` is 5, and that is too large"),
        (lambda: ("4", 10), "quotation marks"),
        (lambda: ([-4, 4], 10), "one number"),
        (lambda: 4, "2 answers"),
    ],
    "mirror_safely": [
        (lambda: lambda x, y: x, "unchanged"),
        (lambda: lambda x, y: x[:, :, ::-1], "every picture"),
        (lambda: lambda x, y: mirror_where(x, (y != 0) & (y != 8)),
         "inverted"),
        (lambda: lambda x, y: mirror_where(x, y == 0 | 8), "the 8s alone"),
        (lambda: lambda x, y: mirror_where(x, y == 0), "the 0s alone"),
        (lambda: lambda x, y: mirror_where(x, (y == 0) & (y == 8)),
         "unchanged"),
        (lambda: lambda x, y: mirror_where(x, y == 0 or y == 8),
         "ValueError"),
        (lambda: lambda x, y: mirror_where(x, np.isin(y, [0, 1, 8])),
         "places"),
        (lambda: lambda x, y: right_mirror(
            x.swapaxes(1, 2), y).swapaxes(1, 2), "upside down"),
        (lambda: lambda x, y: right_mirror(x, y)[:, ::-1], "places"),
        (lambda: lambda x, y: np.stack([
            np.rot90(i, 2) if d in (0, 8) else i for i, d in zip(x, y)]),
         "half turn"),
        (lambda: lambda x, y: x[::-1], "exchanges whole pictures"),
        (lambda: lambda x, y: right_mirror(x, y)[np.isin(y, [0, 8])],
         "belong to the result"),
        (lambda: lambda x, y: x[np.isin(y, [0, 8])], "does not mirror"),
        (lambda: mirror_in_place, "changes the array"),
        (lambda: lambda x, y: right_mirror(x, y) / 255, "float64"),
        (lambda: lambda x, y: list(right_mirror(x, y)), "of type list"),
    ],
    "enlarge": [
        (lambda: lambda f, n: right_zoom(1 / f, n), "wrong direction"),
        (lambda: lambda f, n: scale(f), "And the corner"),
        (lambda: lambda f, n: scale(1 / f), "keeps the corner"),
        (lambda: lambda f, n: scale(1 / f)[:2, :2], "keeps the corner"),
        (lambda: lambda f, n: enlarge_about(f, n / 2), "`size / 2`"),
        (lambda: lambda f, n: enlarge_about(f, 13.5), "takes 13.5"),
        (lambda: lambda f, n: enlarge_about(f, (1 - n) / 2),
         "the wrong way round"),
        (lambda: lambda f, n: enlarge_about(f, n // 2 - 1), "places"),
        (lambda: lambda f, n: scale(1 / f) @ move((1 - n) / 2), "way back"),
        (lambda: lambda f, n: move((n - 1) / 2) @ scale(1 / f),
         "come first"),
        (lambda: lambda f, n: np.eye(3), "changes nothing"),
        (lambda: lambda f, n: np.eye(3) / f, "third number"),
        (lambda: lambda f, n: right_zoom(f, n).T, "last column"),
        (lambda: lambda f, n: right_zoom(f, n)[:2], "upper two rows"),
        (lambda: lambda f, n: right_zoom(f, n) * f, "9 places"),
        (lambda: lambda f, n: 1 / f, "shape ()"),
        (lambda: right_zoom(1.5, 28), "without parentheses"),
    ],
    "pairs": [
        (lambda: (*np.negative(gains_within(1.5912)[1::-1]), False),
         "wrong sign"),
        (lambda: (*gains_within(-1.5912)[:2], False), "swapped"),
        (lambda: gains_within(0.98), "too narrow"),
        (lambda: gains_within(1), "too narrow"),
        (lambda: gains_within(0.5), "once its standard error"),
        (lambda: gains_within(3.182), "one further run"),
        (lambda: gains_within(1.378), "ddof=1"),
        (lambda: gains_within(1.1767), "2.5 %"),
        (lambda: (-1.65, 0.95, True), "luck of the seeds"),
        (lambda: (-1.35, 0.65, True), "luck of the seeds"),
        (lambda: (*find_interval(OLD), False), "old errors"),
        (lambda: (*find_interval(NEW), False), "new errors"),
        (lambda: (-0.4, -0.3, False), "smallest and the largest"),
        (lambda: (*gains_within(1.5912)[:2], True), "does not follow"),
        (lambda: (*gains_within(1.5912)[:2], "no"), "True or False"),
        (lambda: (-0.44, -0.3, False), "`upper_end` is -0.3"),
        (lambda: (-0.5, -0.26, False), "`lower_end` is -0.5"),
        (lambda: (gains_within(1.5912)[:2], -0.26, False), "one number"),
    ],
    "changes_by_digit": [
        (lambda: lambda b, a, y: right_changes(b, a, y)[:, ::-1], "swapped"),
        (lambda: lambda b, a, y: right_changes(b, a, y).T, "Transpose"),
        (lambda: lambda b, a, y: count_by(*find_changes(b, a, y), b),
         "by the answers"),
        (lambda: lambda b, a, y: count_by(*find_changes(b, a, y), a),
         "by the answers"),
        (lambda: lambda b, a, y: count_by(
            (b != y) & (a != b), find_changes(b, a, y)[1], y),
         "neither fixed nor broken"),
        (lambda: lambda b, a, y: count_by(a == y, a != y, y), "otherwise"),
        (lambda: lambda b, a, y: count_by(a == y, b == y, y),
         "that have changed"),
        (lambda: lambda b, a, y: np.sum(find_changes(b, a, y), axis=1),
         "totals"),
        (lambda: lambda b, a, y: np.subtract(*right_changes(b, a, y).T),
         "fixed less broken"),
        (lambda: lambda b, a, y: right_changes(b, a, y) / len(y), "shares"),
        (lambda: lambda b, a, y: np.divide(
            right_changes(b, a, y), np.bincount(y, minlength=10)[:, None]),
         "shares"),
        (lambda: lambda b, a, y: right_changes(b, a, y)[:y.max() + 1],
         "`minlength`"),
        (lambda: lambda b, a, y: right_changes(b, a, y)[1:], "shape (9, 2)"),
        (lambda: lambda b, a, y: right_changes(a, b, y), "swapped"),
        (lambda: lambda b, a, y: None, "a `return` missing"),
        (lambda: lambda b, a: right_changes(b, a, b), "TypeError"),
    ],
    "find_centres": [
        (lambda: lambda x: np.stack([
            center_of_mass(np.maximum(i, 1e-9 * i.max())) for i in x]),
         "divided by 0"),
        (lambda: lambda x: centres_where(x, (0, 0)), "a corner"),
        (lambda: lambda x: centres_where(x, (3, 4.5)), "with 6 rows"),
        (lambda: lambda x: centres_where(x, (13.5, 13.5)), "28 pixels"),
        (lambda: lambda x: centres_where(x, (4, 2.5)), "places"),
        (lambda: lambda x: centres_where(x, (np.nan, np.nan)), "nan"),
        (lambda: lambda x: right_centres(x[x.any(axis=(1, 2))]),
         "leaves out"),
        (lambda: lambda x: right_centres(x)[:, ::-1], "swapped"),
        (lambda: lambda x: right_centres(x).T, "one row for each picture"),
        (lambda: lambda x: centres_of(x > 0), "counts each pixel with ink"),
        (lambda: lambda x: np.stack([np.unravel_index(
            i.argmax(), i.shape) for i in x]), "brightest pixel"),
        (lambda: lambda x: right_centres(x) + 1, "from 1"),
        (lambda: lambda x: centres_of(x.sum(axis=0)[None])[0], "whole stack"),
        (lambda: lambda x: right_centres(x).mean(axis=0), "whole stack"),
        (lambda: lambda x: right_centres(x)
         * x.mean(axis=(1, 2))[:, None], "number of pixels"),
        (lambda: lambda x: np.full((len(x), 2), [2.5, 4]), "for each"),
        (lambda: lambda x: right_centres(x).round(), "places"),
        (lambda: lambda x: centres_where(x, None), "raises ValueError"),
        (lambda: lambda x: right_centres(x)[0], "shape (2,)"),
    ],
    "respond": [
        (lambda: lambda i, w: convolve2d(i, w, "valid"), "turns the filter"),
        (lambda: pad_and_respond, "as large as the picture"),
        (lambda: lambda i, w: correlate2d(i, w, "same"), "as large as"),
        (lambda: lambda i, w: right_response(i, w)[:-1, :-1], "3 fits into 5"),
        (lambda: respond_by(lambda p, w: (p * w).mean(axis=(2, 3))), "mean"),
        (lambda: respond_by(lambda p, w: (p * w).max(axis=(2, 3))),
         "largest product"),
        (lambda: respond_by(lambda p, w: p.sum(axis=(2, 3))),
         "with its weight first"),
        (lambda: lambda i, w: right_response(i, w).astype(int),
         "cuts off the decimals"),
        (lambda: lambda i, w: (i[:w.shape[0], :w.shape[1]] * w).sum(),
         "first place"),
        (lambda: lambda i, w: right_response(i, w).T, "exchanged"),
        (lambda: lambda i, w: np.maximum(right_response(i, w), 0), "`ReLU`"),
        (lambda: respond_by(lambda p, w: p * w), "shape (4, 7, 3, 3)"),
        (lambda: lambda i, w: right_response(i, w)[1:-1], "shape (2, 7)"),
        (lambda: lambda i, w: right_response(i, w[:3, :3]), "5 × 8 picture"),
        (lambda: lambda i, w: right_response(i, w) if len(i) > 4 else 0.5,
         "4 × 4 filter has the shape ()"),
        (lambda: lambda i, w: i * w, "raises ValueError"),
        (lambda: lambda i, w: print(right_response(i, w)), "`return` in"),
    ],
    "parameters": [
        (lambda: (345600, 4608), "swapped"),
        (lambda: (288, 345600), "all 16 responses"),
        (lambda: (864, 345600), "three colours"),
        (lambda: (144, 345600), "There are 32"),
        (lambda: (4640, 345600), "a bias for each filter"),
        (lambda: (1200, 345600), "first convolution"),
        (lambda: (12800, 345600), "5 × 5"),
        (lambda: (4608 * 475, 345600), "the same at all places"),
        (lambda: (15200, 345600), "number of responses"),
        (lambda: (4608, 6080000), "before any pooling"),
        (lambda: (4608, 1520000), "after one pooling"),
        (lambda: (4608, 76800), "after three"),
        (lambda: (4608, 416000), "rounds up"),
        (lambda: (4608, 380000), "without a remainder"),
        (lambda: (4608, 10800), "the 32 channels"),
        (lambda: (4608, 3200), "forgets the places"),
        (lambda: (4608, 3456), "number of its inputs"),
        (lambda: (4608, 345700), "a bias for each unit"),
        (lambda: (4608, 172800), "16 channels of the first block"),
        (lambda: (4609, 345600), "`second_convolution` is 4609, and that is"),
        (lambda: (4608, 345599), "`dense_layer` is 345599, and that is too s"),
        (lambda: ((3, 3, 16, 32), 345600), "one number"),
        (lambda: ("3 * 3 * 16 * 32", 345600), "quotation marks"),
    ],
    "batch_loss": [
        (lambda: -SURE.sum(), "sum of the four"),
        (lambda: -np.log(np.exp(SURE).mean()), "logarithms first"),
        (lambda: SURE.mean(), "sign is missing"),
        (lambda: -SURE.mean() / np.log(10), "base 10"),
        (lambda: -SURE.mean() / np.log(2), "base 2"),
        (lambda: np.exp(SURE).mean(), "mean probability"),
        (lambda: 1 - np.exp(SURE).mean(), "lack to 1"),
        (lambda: -np.median(SURE), "one of the first three"),
        (lambda: -SURE.min(), "last picture alone"),
        (lambda: 2.3026, "only guesses"),
        (lambda: 0.25, "share of wrong answers"),
        (lambda: -SURE, "an array of shape (4,)"),
        (lambda: 2.4, "too large"),
        (lambda: 2.37, "too small"),
        (lambda: True, "one number"),
        (lambda: "above", "quotation marks"),
    ],
    "stop_early": [
        (lambda: lambda x, n: np.subtract(right_stop(x, n), 1), "from 0"),
        (lambda: lambda x, n: right_stop(x, n)[::-1], "swapped"),
        (lambda: lambda x, n: (right_stop(x, n)[0], 1 + np.argmin(x)),
         "knows the future"),
        (lambda: stop_by(lambda loss, best, last: loss < last),
         "with the one before it"),
        (lambda: stop_by(lambda loss, best, last: loss <= best),
         "an equal loss"),
        (lambda: stop_after_all, "in a row"),
        (lambda: stop_by(lambda loss, best, last: loss < best, late=1),
         "one epoch too late"),
        (lambda: stop_at_all_costs, "never stops"),
        (lambda: lambda x, n: (len(x), right_stop(x, n)[1]), "never stops"),
        (lambda: lambda x, n: right_stop(x, n)[1:] * 2, "only after"),
        (lambda: lambda x, n: (n, right_stop(x, n)[1]), "in vain"),
        (lambda: lambda x, n: (right_stop(x, n)[0], min(x[:8])),
         "Asked for is its epoch"),
        (lambda: lambda x, n: right_stop(x, n)[0], "comes second"),
        (lambda: lambda x, n: right_stop(x, n)[1], "comes first"),
        (lambda: lambda x, n: (6, 5), "wrong in 1 of 2 places"),
        (lambda: lambda x, n: right_stop(x, 3), ", 2)` stops one"),
        (lambda: lambda x, n: (right_stop(x, n) if len(x) > n else
                               (n, 1)), "`stop_early([0.3, 0.5], 4)`"),
        (lambda: lambda x, n: (x.argmin(), 1), "AttributeError"),
        (lambda: lambda x, n: (x.sort(), right_stop(x, n))[1],
         "changes the array"),
        (lambda: lambda x, n: None, "a `return` missing"),
    ],
    "few_pictures": [
        (lambda: wilson(198, 200, method="wilson")[::-1], "swapped"),
        (lambda: (0.96428, 0.99725), "shares"),
        (lambda: (192.856, 199.451), "numbers of pictures"),
        (lambda: (97.621, 100.379), "above 100"),
        (lambda: wilson(198, 200), "the exact interval"),
        (lambda: wilson(198, 200, method="wilsoncc"), "correction"),
        (lambda: wilson(198, 200, confidence_level=0.9, method="wilson"),
         "another level"),
        (lambda: wilson(198, 200, confidence_level=0.99, method="wilson"),
         "another level"),
        (lambda: wilson(2, 200, method="wilson"), "wrong pictures"),
        (lambda: wilson(9900, 10000, method="wilson"), "9,900 of 10,000"),
        (lambda: (99, 99), "two ends"),
        (lambda: (96.43, 99.8), "`upper_percent` is 99.8, and that is too l"),
        (lambda: (96.3, 99.73), "`lower_percent` is 96.3, and that is too s"),
        (lambda: (wilson(198, 200, method="wilson"), 99.73), "one number"),
        (lambda: ("96.43 %", 99.73), "quotation marks"),
    ],
    "coverage_and_risk": [
        (lambda: risk_by(surely, lambda w, a: (w & a).mean()),
         "number of all pictures"),
        (lambda: risk_by(surely, lambda w, a: w.mean()), "refused pictures"),
        (lambda: risk_by(surely, lambda w, a: w[~a].mean()),
         "risk of the refused"),
        (lambda: risk_by(surely, lambda w, a: 1 - w[a].mean()),
         "right answers in place"),
        (lambda: lambda p, y, t: (1 - right_risk(p, y, t)[0],
                                  right_risk(p, y, t)[1]), "that is ref"),
        (lambda: risk_by(lambda p, y, t: p.max(axis=1) > t), "`>=`"),
        (lambda: risk_by(lambda p, y, t: p[np.arange(len(y)), y] >= t),
         "probability of the label"),
        (lambda: lambda p, y, t: (
            (surely(p, y, t) & (p.argmax(axis=1) == y)).mean(),
            right_risk(p, y, t)[1]), "only right answers"),
        (lambda: lambda p, y, t: right_risk(p, y, t)[::-1], "swapped"),
        (lambda: lambda p, y, t: 100 * np.array(right_risk(p, y, t)),
         "percent"),
        (lambda: risk_by(surely, lambda w, a: 1000 * w[a].mean()),
         "in 1,000"),
        (lambda: lambda p, y, t: (surely(p, y, t).sum(), (
            surely(p, y, t) & (p.argmax(axis=1) != y)).sum()),
         "numbers of pictures"),
        (lambda: lambda p, y, t: right_risk(p, y, t)[0], "the risk second"),
        (lambda: lambda p, y, t: right_risk(p, y, t)[1], "the coverage f"),
        (lambda: lambda p, y, t: right_risk(p, y, 0.75),
         "threshold of 0.875"),
        (lambda: lambda p, y, t: (surely(p, y, t).mean(), (
            p.argmax(axis=1) != y)[surely(p, y, t)].mean()), "warn"),
        (lambda: careless_risk((0, 1)), "accepts nothing"),
        (lambda: careless_risk((0, np.nan)), "nan"),
        (lambda: careless_risk(None), "returns None"),
        (lambda: careless_risk(0), "Return two numbers"),
        (lambda: lambda p, y: (p, y), "TypeError"),
    ],
    "recall_and_precision": [
        (lambda: lambda m: shares(m, 0, 1), "swapped"),
        (lambda: lambda m: right_shares(m.T), "swapped"),
        (lambda: lambda m: right_shares(m).T, "Transpose"),
        (lambda: lambda m: shares(m, 0, 1).T, "precision first"),
        (lambda: lambda m: shares(m, 1, 1), "the recall twice"),
        (lambda: lambda m: shares(m, 0, 0), "the precision twice"),
        (lambda: lambda m: divide(m, 1), "the recall alone"),
        (lambda: lambda m: divide(m, 0), "the precision alone"),
        (lambda: lambda m: 100 * right_shares(m), "percent"),
        (lambda: lambda m: np.stack([np.diag(m) / m.sum()] * 2, axis=1),
         "number of all pictures"),
        (lambda: lambda m: np.trace(m) / m.sum(), "accuracy"),
        (lambda: lambda m: right_shares(m).mean(axis=0), "Keep them apart"),
        (lambda: lambda m: 1 - right_shares(m), "shares of mistakes"),
        (lambda: lambda m: m / m.sum(axis=1, keepdims=True),
         "the whole matrix"),
        (lambda: lambda m: np.stack([m.sum(axis=1), m.sum(axis=0)], axis=1),
         "the sums"),
        (lambda: careless_shares, "in which no picture is answered as 7 makes"
         " NumPy warn"),
        (lambda: lambda m: shares(m, 1, 0, nothing=1), "a 1 where"),
        (lambda: lambda m: shares(m, 1, 0, nothing=np.nan), "nan"),
        (lambda: lambda m: right_shares(m)[right_shares(m).all(axis=1)],
         "leaves a digit out"),
        (lambda: lambda m: right_shares(m)[:9], "shape (9, 2)"),
        (lambda: lambda m: right_shares(m).round(1), "places"),
        (lambda: lambda m: right_shares(m) if m[4].any() else m[:, :2],
         "in which no picture is a 4"),
    ],
    "read_one": [
        (lambda: ask(lambda i: i[None, ..., None]), "from 0 to 255"),
        (lambda: ask(lambda i: i[None, ..., None] // 255), "zeros and ones"),
        (lambda: ask(lambda i: prepare_images(i[None]) / 255), "twice"),
        (lambda: ask(lambda i: 1 - prepare_images(i[None])), "dark ink"),
        (lambda: ask(lambda i: 255 - i[None, ..., None]), "dark ink on white "
         "paper, and pixels from 0 to 255"),
        (lambda: ask(lambda i: prepare_images(i.T[None])), "exchanged"),
        (lambda: ask(lambda i: prepare_images(i[None, ::-1])), "other pixels"),
        (lambda: ask(lambda i: i / 255), "was given (28, 28)"),
        (lambda: ask(lambda i: i[None] / 255), "was given (1, 28, 28)"),
        (lambda: ask(lambda i: i[..., None] / 255), "given (28, 28, 1)"),
        (lambda: ask(lambda i: i.reshape(1, 784) / 255), "given (1, 784)"),
        (lambda: lambda n, i: right_read(n, i)[::-1], "swapped"),
        (lambda: lambda n, i: np.multiply(right_read(n, i), [1, 100]),
         "percent"),
        (lambda: lambda n, i: right_read(n, i)[0], "digit alone"),
        (lambda: lambda n, i: right_read(n, i)[1], "confidence alone"),
        (lambda: lambda n, i: rows_of(n, i)[0], "all ten"),
        (lambda: rows_of, "all ten"),
        (lambda: lambda n, i: (rows_of(n, i).argmax(axis=1),
                               rows_of(n, i).max(axis=1)), "still has"),
        (lambda: lambda n, i: (rows_of(n, i).argmin(), rows_of(n, i).min()),
         "least probable"),
        (lambda: lambda n, i: np.add(right_read(n, i), [1, 0]), "from 1"),
        (lambda: lambda n, i: np.round(right_read(n, i)), "rounds"),
        (lambda: lambda n, i: (7, 0.99), "never asks"),
        (lambda: ask_predict_digits, "`predict_digits` takes all steps"),
        (lambda: lambda n, i: (rows_of(n, i)[0].argmax(), 0.5),
         "wrong in 1 of 2 places"),
        (lambda: lambda n, i: (i.fill(0), right_read(n, i))[1],
         "changes the array"),
        (lambda: lambda i: i, "TypeError"),
    ],
}


def test_each_exercise_has_wrong_answers_of_three_kinds():
    assert WRONG.keys() == EXERCISES.keys()
    for name, cases in WRONG.items():
        assert len({words for _, words in cases}) >= 3, name


@pytest.mark.parametrize("name, make, words", [
    pytest.param(name, make, words, id=f"{name}: {words}")
    for name, cases in WRONG.items() for make, words in cases
])
def test_a_wrong_answer_is_refused_with_the_reason(says, name, make, words):
    answers = make()
    said = says(name, *(answers if type(answers) is tuple else (answers,)))
    assert f"{name}: not yet. " in said and words in said


# Answers that are written differently and are right.
RIGHT = {
    "bright": [
        55 / 784, np.float32(0.0702), np.array([0.07015]), 0.07, np.array(0.07)
    ],
    "yellow": [(170, 226), (170.0, 225.93), (np.int64(170), np.float32(226))],
    "add_frame": [
        lambda i, w: np.pad(i[w:6 - w, w:9 - w], w, constant_values=255),
        lambda i, w: i.copy() if w == 0 else middle(i, w),
        lambda i, w: paint(i.copy(), w) if w else i,
    ],
    "blend": [
        lambda a, b: np.mean([a, b], axis=0).astype(np.uint8),
        lambda a, b: (a / 2 + b / 2).round().astype(np.uint8),
        lambda a, b: np.ceil(a / 2 + b / 2).astype(np.uint8),
        lambda a, b: (a & b) + ((a ^ b) >> 1),
    ],
    "stretch": [
        lambda i: guarded(i, np.zeros_like(i)),
        lambda i: ((i - float(i.min())) / max(1, np.ptp(i)) * 255).astype(
            np.uint8),
        lambda i: np.interp(i, [i.min(), i.max() + 1e-9], [0, 255]).astype(
            np.uint8),
    ],
    "to_pixels": [
        lambda r: np.rint(np.clip(r, 0, 1) * 255).astype("uint8")[..., 0],
        lambda r: (r.clip(0, 1) * 255 + 0.5).astype("uint8").squeeze(axis=3),
    ],
    "make_paper_black": [
        by_corner,
        lambda x: np.stack([255 - i if i.mean() > 127 else i for i in x]),
        lambda x: np.where(
            np.median(x, axis=(1, 2), keepdims=True) > 127, 255 - x, x
        ),
    ],
    "pictures_first": [
        lambda s: s.transpose(2, 0, 1)[..., None],
        lambda s: np.expand_dims(np.rollaxis(s, 2), -1),
        lambda s: np.stack([s[:, :, [i]] for i in range(s.shape[2])]),
        lambda s: s.T.swapaxes(1, 2).reshape(s.shape[2], *s.shape[:2], 1),
    ],
    "standardise": [
        lambda x, fit: (x - np.mean(fit)) / fit.std(ddof=1),
        lambda x, fit: (x.astype(float) - fit.mean()) / fit.var() ** 0.5,
        lambda x, fit: x / fit.std() - fit.mean() / fit.std(),
    ],
    "farthest": [(4, 10), (4.0, np.float32(10)), (0.1 * 40, np.array([10]))],
    "mirror_safely": [
        lambda x, y: mirror_where(x, np.isin(y, [0, 8])),
        lambda x, y: np.stack([
            np.fliplr(i) if d in (0, 8) else i for i, d in zip(x, y)]),
        lambda x, y: mirror_in_place(x.copy(), y),
    ],
    "enlarge": [
        lambda f, n: enlarge_about(f, (n - 1) / 2),
        lambda f, n: np.linalg.inv(enlarge_about(1 / f, (n - 1) / 2)),
        lambda f, n: right_zoom(f, n).tolist(),
    ],
    "pairs": [
        (-0.44, -0.26, False),
        (*find_interval(NEW - OLD), np.False_),
        (np.float32(-0.4419), np.array([-0.258]), False),
    ],
    "changes_by_digit": [
        lambda b, a, y: np.array([
            [((y == d) & marked).sum() for marked in find_changes(b, a, y)]
            for d in range(10)]),
        lambda b, a, y: [
            [sum(marked[y == d]) for marked in find_changes(b, a, y)]
            for d in range(10)],
        lambda b, a, y: count_by(*find_changes(b, a, y), y).astype(float),
    ],
    "find_centres": [
        centres_of,
        lambda x: centres_of(x / 255),
        lambda x: [*map(tuple, centres_of(x))],
        lambda x: centres_of(x.astype(np.float32)).astype(np.float32),
    ],
    "respond": [
        lambda i, w: correlate2d(i, w, mode="valid"),
        lambda i, w: convolve2d(i, w[::-1, ::-1], "valid").tolist(),
        lambda i, w: right_response(i.astype(np.float32), w),
        respond_by(lambda p, w: np.einsum("abcd,cd", p, w)),
    ],
    "parameters": [
        (4608, 345600), (4608.0, np.int64(345600)), (np.array([4608]), 3456e2),
    ],
    "batch_loss": [2.38, np.float32(2.3816), -SURE.sum() / 4],
    "stop_early": [
        stop_by(lambda loss, best, last: loss < best),
        lambda x, n: list(right_stop(x, n)),
        lambda x, n: np.array(right_stop(np.array(x), n), float),
    ],
    "few_pictures": [
        (96.43, 99.73), (np.float32(96.4278), np.array([99.7253])),
        wilson(198, 200, confidence_level=0.95, method="wilson"),
    ],
    "coverage_and_risk": [
        risk_by(surely), careless_risk((0.0, 0.0)), careless_risk([0, 0]),
        lambda p, y, t: np.array(right_risk(p, y, t), np.float32),
        lambda p, y, t: (
            sum(row.max() >= t for row in p) / len(y),
            sum(row.max() >= t and row.argmax() != digit
                for row, digit in zip(p, y))
            / max(1, sum(row.max() >= t for row in p))),
    ],
    "recall_and_precision": [
        lambda m: shares(m, 1, 0),
        lambda m: shares(m, 1, 0).tolist(),
        lambda m: np.transpose(precision_recall_fscore_support(
            np.repeat(np.arange(100) // 10, m.ravel()),
            np.repeat(np.arange(100) % 10, m.ravel()),
            labels=range(10), zero_division=0)[1::-1]),
    ],
    "read_one": [
        ask(lambda i: (i / 255).reshape(1, 28, 28, 1)),
        ask(lambda i: np.float32(i)[None, ..., None] / 255),
        lambda n, i: (int(rows_of(n, i).numpy().argmax()),
                      float(rows_of(n, i).numpy().max())),
        lambda n, i: [f(n.predict(prepare_images(i[None]), verbose=0)[0])
                      for f in (np.argmax, np.max)],
        lambda n, i: (right_read(n, i)[0], round(right_read(n, i)[1], 3)),
    ],
}


@pytest.mark.parametrize("name, answer", [
    (name, answer) for name, cases in RIGHT.items() for answer in cases
])
def test_another_right_answer_is_accepted(says, name, answer):
    answers = answer if type(answer) is tuple else (answer,)
    assert f"{name}: correct. " in says(name, *answers)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_attempt_is_no_mistake(says, name):
    count = EXERCISES[name].answers
    expected = f"{name}: not attempted yet."
    assert says(name, *[...] * count) == expected
    assert says(name, *[1] * (count - 1), ...) == expected
    if callable(value_of(name, image=image())[0]):
        assert says(name, lambda *arguments: ...) == expected


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_a_single_wrong_element_is_refused(says, name, place):
    answers = value_of(name, image=image())
    assert "correct" in says(name, *answers)
    if not callable(answers[0]):
        for index, answer in enumerate(answers):
            changed = [*answers]
            changed[index] = answer * 1.02
            assert "not yet" in says(name, *changed)
        return

    def nearly(*arguments):
        result = np.array(answers[0](*arguments))
        index = int(place * result.size) if place != -1 else result.size - 1
        value = result.flat[index]
        result.flat[index] = value - 3 if value > 127 else value + 3
        return result

    assert re.search(r"wrong in 1 of \d+ places", says(name, nearly))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keras_shifts_as_far_as_the_exercise_says():
    from tensorflow.keras.preprocessing.image import ImageDataGenerator
    generator = ImageDataGenerator(
        height_shift_range=0.25, width_shift_range=0.1)
    dot = np.zeros((40, 40, 1))
    dot[20, 20] = 1
    np.random.seed(0)
    moves = np.array([
        center_of_mass(generator.random_transform(dot)[..., 0])
        for _ in range(300)
    ]) - 20
    most = np.array([float(n) for n in value_of("farthest")])
    assert (np.abs(moves).max(axis=0) <= most + 1e-6).all()
    assert (np.abs(moves).max(axis=0) > 0.9 * most).all()


def test_keras_counts_the_parameters_that_the_exercise_says():
    import keras
    from keras import layers
    sizes = [(16, 5), (32, 3)]
    blocks = [layer for filters, size in sizes for layer in [
        layers.Conv2D(filters, size, padding="same", use_bias=False),
        layers.MaxPooling2D(), layers.BatchNormalization(), layers.ReLU(),
    ]]
    dense = layers.Dense(100, use_bias=False)
    keras.Sequential([keras.Input((50, 38, 3)), *blocks, layers.Flatten(),
                      dense])
    counts = blocks[4].count_params(), dense.count_params()
    assert value_of("parameters") == counts


@pytest.mark.parametrize("patience", [1, 2, 3, 5])
def test_keras_stops_where_the_exercise_does(patience):
    import keras
    losses = np.random.default_rng(0).random((20, 12)).round(1) + 0.1
    for row in losses:
        stopper = keras.callbacks.EarlyStopping(patience=patience)
        stopper.set_model(keras.Sequential())
        stopper.model.stop_training = False
        stopper.on_train_begin()
        for epoch, loss in enumerate(row):
            stopper.on_epoch_end(epoch, {"val_loss": loss})
            if stopper.model.stop_training:
                break
        assert right_stop([*row], patience) == (
            epoch + 1, stopper.best_epoch + 1)


def test_the_shares_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    truth, answers = random.integers(0, 9, 300), random.integers(1, 10, 300)
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (truth, answers), 1)
    precision, recall, *_ = precision_recall_fscore_support(
        truth, answers, labels=range(10), zero_division=0)
    np.testing.assert_allclose(right_shares(matrix).T, [recall, precision])


def test_the_network_that_stands_in_answers_like_a_network():
    network, given = stand_in()
    images = np.random.default_rng(0).random((3, 28, 28, 1))
    for rows in network(images, training=False), network.predict(images):
        assert rows.shape == (3, 10)
        np.testing.assert_allclose(rows.numpy().sum(axis=1), 1)
    assert len(given) == 2
    for wrong in (images[0], images[..., 0], images[:, :27]):
        with pytest.raises(ValueError, match="takes the shape"):
            network(wrong)


# Junk

class Hostile:
    """An object that fails at whatever it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    __eq__ = __bool__ = __len__ = __float__ = __array__ = __repr__
    __hash__ = None


def fails(*_):
    raise ValueError("\ud800 no")


def leaves(*_):
    raise SystemExit


JUNK = [
    None, True, "", "5", "\ud800", b"x", 10**5000, -1, 1j, float("inf"),
    float("nan"), [], [[1], [1, 2]], (), {}, set(), object(), Hostile(), int,
    print, len, NotImplemented, ValueError, np, np.array([]), np.zeros(3),
    np.array([None, "a"], object), np.full((28, 28), np.nan), np.array("a"),
    np.float64("nan"), np.zeros((6, 9), complex), np.zeros(2, "datetime64[s]"),
    fails, leaves, lambda: 1, lambda *_: 1 / 0, (n for n in "a"),
]


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_refused_and_nothing_is_raised(says, name, junk):
    count = EXERCISES[name].answers
    assert "not yet. " in says(name, *[junk] * count)
    assert "not yet. " in says(name, *[lambda *_: junk] * count)
    assert "not yet. " in says(name, *[junk] * (count + 1))
    assert "not yet. " in says(name)
    assert "There is no exercise" in says(junk, junk)


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(EXERCISES)), junk=st.one_of(
    arrays.arrays(
        arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0)
    ),
    st.recursive(st.none() | st.text() | st.integers() | st.floats(),
                 lambda inner: st.lists(inner) | st.tuples(inner, inner)),
))
def test_any_junk_is_refused(name, junk):
    count = EXERCISES[name].answers
    for answer in (junk, lambda *_: junk):
        said = exercises._verdict(name, [answer] * count)
        assert said.startswith(f"{name}: not yet. ")


# The three functions

def test_an_unknown_name_is_met_with_the_names_that_are_meant(says, capsys):
    assert says("brigth", 1).endswith('in quotation marks: "bright".')
    assert '"bright", "yellow"' in says("xyz", 1)
    assert "There is no exercise" in says(np.zeros(3), 1)
    for function in (hint, solution):
        function([])
        assert "There is no exercise" in capsys.readouterr().out


@pytest.mark.parametrize("name", EXERCISES)
def test_hints_come_one_by_one_and_then_the_solution(
    capsys, monkeypatch, name
):
    monkeypatch.setattr(exercises, "_hints_given", exercises.Counter())
    hints = EXERCISES[name].hints
    for number, text in enumerate(hints, start=1):
        hint(name)
        assert " ".join(capsys.readouterr().out.split()) == (
            f"Hint {number} of {len(hints)}: {text}"
        )
    hint(name)
    assert f'There is also solution("{name}")' in capsys.readouterr().out
    solution(name)
    code, reasoning = capsys.readouterr().out.rsplit("\n\n", 1)
    assert code == EXERCISES[name].code
    assert " ".join(reasoning.split()) == EXERCISES[name].reasoning


def test_what_a_function_prints_is_shown(says):
    def loud(image, width):
        print("the width is", width)
        return image

    assert says("add_frame", loud).startswith("the width is 1")


def test_the_import_is_light():
    code = (
        "import sys; before = set(sys.modules); import helpers.exercises; "
        "print({'tensorflow', 'keras', 'sklearn', 'matplotlib', 'scipy'}"
        " & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, text=True,
        capture_output=True, check=True,
    )
    assert done.stdout == "set()\n"
