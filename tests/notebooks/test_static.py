"""What needs no kernel: form, numbers in prose, and the comparison itself."""

import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import form, prose
from tests.notebooks import outputs as o
from tests.tools.refresh import widen
from tests.unit.test_requirements import imported


@pytest.mark.parametrize("path", [*NOTEBOOKS, PROJECT / "README.md"],
                         ids=lambda path: path.stem)
def test_form_and_numbers_in_prose(path):
    check = form if path in NOTEBOOKS else prose
    found = [f"{path.name}, {problem}" for problem in check.problems(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("said, change", [
    (None, {}), ("in order", {"execution_count": 2}),
    ("unknown", {"metadata": {"tags": ["nbval-skip"]}}),
    ("has the tag", {"metadata": {"tags": ["approximate"]}}),
    ("reason", {"metadata": {"approximate": {"why": "so", "ranges": []}}}),
    ("ranges", {"metadata": {"approximate": {}}, "stdout": "43"}),
    ("says nothing", {"metadata": {"approximate": {"ranges": [[0, 100]]}},
                      "stdout": "43 %"}),
    ("look away", {"source": "1  # NBVAL_SKIP"}),
    ("16 lines", {"source": "1\n" * 16}), ("79", {"source": "1" * 80}),
    ("one machine", {"source": "'/home/me'"}), ("red", {"stderr": "Warning"}),
    ("'nan'", {"stdout": "loss nan"}), ("one colour", {"image/png": "AAAA"}),
    ("alt text", {"image/png": "AAAA"}), ("no PNG", {"image/jpeg": "AAAA"}),
    ("does not use", {"source": "def f(): pass"}),
])
def test_a_cell_without_form_is_refused(said, change):
    cell = v4.new_code_cell("1", execution_count=1)
    for key, value in change.items():
        if key.startswith("std"):
            cell.outputs = [v4.new_output("stream", name=key, text=value)]
        elif key.startswith("image"):
            cell.outputs = [v4.new_output("display_data", data={key: value})]
        else:
            cell[key] = nbformat.from_dict(value)
    _, _, *shape = form.shape_of([cell])  # no title, no closing sections
    problems = [*form.form_of(cell, 1), *form.ranges_of(cell), *shape,
                *form.pictures_of(cell, set())]
    assert said in "\n".join(problems) if said else not problems, problems


@pytest.mark.parametrize("text, printed, refused", [
    ("the 5 has 28 rows, in 1998", "(28, 28)", []),
    ("a rate of `0.5`, see [50](http://x.org/4.5), $x = 12$", "", []),
    ("it reads 5 % and **42** of *10*", "", ["5", "42", "10"]),
    ("95–99 %, 15 to 20 %", "95 % 99 % 15 20 %", ["15"]),
    ("*8 minutes, 2 of 15*\n\n12 minutes, 13 s", "", ["13"]),
    ("a 5s, 60s and 2.5x", "5 60 2.5", ["60s", "2.5x"]),
    ("43 mistakes", "43 mistakes", []), ("43 mistakes", "43 digits", ["43"]),
    ("43 mistakes", "count: 43", []), ("43 %", "43 mistakes", ["43"]),
    ("99.6 %", "99.57 %", []), ("99.5 %", "99.57 %", ["99.5"]),
    ("60,000 images", "(60000, 28)", []), ("12", "12.3", ["12"]),
    ("−0.18", "0.18", ["−0.18"]), ("0.18", "−0.18", []),
])
def test_numbers_that_were_not_printed_are_refused(text, printed, refused):
    assert refused == [figure.text for figure in prose.measured(text)
                       if not prose.is_backed(figure, o.figures(printed))]


def test_the_evidence_is_of_the_own_section_or_a_linked_one(tmp_path):
    output, path = v4.new_output("stream", text="40\n"), tmp_path / "a.ipynb"
    nbformat.write(v4.new_notebook(cells=[
        v4.new_markdown_cell("# A B\n\n40, 50 and 51"),
        v4.new_code_cell("1 + 49", outputs=[output]),
        v4.new_markdown_cell("# C\n\n- 40\n- 40, [see](#A-B)\n\n"
                             "49 [too](a.ipynb#A-B)")]), path)
    said = "\n".join(prose.problems(path))
    assert said.count("section") == 6 and said.count("'C'") == 1
    assert " 50 " in said and " 51 " in said and " 49 " not in said


@pytest.mark.parametrize("stored, fresh, ranges, said", [
    ("loss 0.98", "loss 0.99", [[0.9, 1]], None),
    ("loss: 98 %", "loss: 89 %", [[90, 99.5]],
     "loss was stored as 98 %, is now 89 %; the seeds gave 90 to 99.5"),
    ("loss 0.98", "loss 0.99", [None], "no other"),
    ("loss 0.98", "lost 0.98", [[0.9, 1]], "is now 'lost … '"),
    ("loss 0.98", "loss nan", [[0.9, 1]], "'loss nan'"),
    ("43 of 50", "44 of 50", [[40, 46], None], None),
    ("43 of 50", "43 of 51", [[40, 46], None], "50 , is now 51"),
    ("[[9 0]\n [ 0 9]]", "[[10 0]\n [0 9]]", [[8, 11]] + [None] * 3, None),
    ("0.98\n0.97", "0.98", [[0, 1]] * 2, "line 2"),
    ("0.98", "0.98", [[0, 1]] * 2, "no ranges"), ("one", "two", [], "'two'"),
    ("in 14s 3.5 s", "in 9s 2 s", [], None), ("14 s", "14 m", [], "'14 m'"),
    ("\r1/9 2s\b\b\r\x1b[1m9/9\x1b[0m 12s 3ms/step", "\r9/9 9s 4us/step", [],
     None),
])
def test_texts_within_and_beyond_their_ranges(stored, fresh, ranges, said):
    stored, fresh = (
        [v4.new_output("stream", text=text)] for text in (stored, fresh))
    metadata = {"approximate": {"ranges": ranges}} if ranges else {}
    cell = v4.new_code_cell(outputs=stored, metadata=metadata)
    problems = "\n".join(o.compare_cell(cell, fresh))
    assert said in problems if said else not problems
    assert o.compare_cell(cell, [])


@pytest.mark.parametrize("texts, range_", [
    (["43", "43"], None), (["40", "41", "42", "43", "44", "45"], [29, 56]),
    (["0", "1"] * 4, [0, 4]), (["99.5 %", "99.9 %"] * 3, [98.1, 100]),
    (["0.9"] * 9 + ["1.1"], [0.6, 1.2]), (["−0.1", "+0.1"] * 4, [-0.6, 0.6]),
    (["1e-05", "2e-05"] * 2, [0, 1e-04]), (["999", "1,000"] * 9, [997, 1002]),
])
def test_a_range_is_a_prediction_interval(texts, range_):
    assert widen([o.figures(text)[0] for text in texts]) == range_


def test_notebook_1_never_imports_tensorflow():
    code = "\n".join(c.source for c in o.code_cells(o.read(NOTEBOOKS[0])))
    modules = sorted({*imported(code), "helpers.figures", "helpers.data"})
    check = ("import sys; sys.modules['tensorflow'] = None; "
             f"sys.modules['keras'] = None; import {', '.join(modules)}")
    subprocess.run([sys.executable, "-c", check], cwd=PROJECT, check=True)


def test_nbval_executes_every_notebook(pytestconfig):
    assert pytestconfig.option.nbval_lax and not pytestconfig.option.nbval
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert sorted((PROJECT / "notebooks").glob("*.ipynb")) == NOTEBOOKS
    assert "".join(path.name[0] for path in NOTEBOOKS) == "123"
