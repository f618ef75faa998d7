"""What needs no kernel: form, numbers in prose, and the comparison itself."""

import re

import nbformat
import pytest
from nbformat import v4

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import form, prose
from tests.notebooks import outputs as o
from tests.tools.refresh import widen


def printed(text, name="stdout"):
    return {"outputs": [v4.new_output("stream", text=text, name=name)]}


@pytest.mark.parametrize("path", [*NOTEBOOKS, PROJECT / "README.md"],
                         ids=lambda path: path.stem)
def test_form_and_numbers_in_prose(path):
    check = form if path in NOTEBOOKS else prose
    found = "\n".join(check.problems(path))
    assert not found, found


@pytest.mark.parametrize("said, change", [
    ("", {}), ("number 2", {"execution_count": 2}),
    ("unknown", {"metadata": {"tags": ["nbval-skip"]}}),
    ("a folded cell", {"metadata": {"cellView": "form"}}),
    ("reason", {"metadata": {"approximate": {}}}),
    ("ranges", {"metadata": {"approximate": {"why": "x"}}, **printed("43")}),
    ("says nothing", {"metadata": {"approximate": {"ranges": [[0, 100]]}},
                      **printed("43 %")}),
    ("look away", {"source": "1  # NBVAL_SKIP"}),
    ("16 lines", {"source": "1\n" * 16}),
    ("one machine", {"source": "'/home/me'"}),
    ("red", printed("Warning", "stderr")), ("'nan'", printed("loss nan")),
    ("alt text", {"outputs": [v4.new_output(
        "display_data", {"image/png": "", "text/plain": "7"})]})])
def test_a_cell_without_form_is_refused(said, change):
    cell = v4.new_code_cell(**{"source": "1", "execution_count": 1, **change})
    problems = "\n".join(form.form_of(cell, 1, []))
    assert said in problems and bool(said) == bool(problems)


@pytest.mark.parametrize("text, evidence, refused", [
    ("the 5 has 28 rows, in 1998", "(28, 28)", []),
    ("a rate of `0.5`, see [50](http://x.org/4.5), $x = 12$", "", []),
    ("it reads 5 % and **42** of *10*", "", ["5", "42", "10"]),
    ("95–99 %, 15 to 20 %", "95 % 99 % 15 20 %", ["15"]),
    ("*8 minutes, 2 of 15*\n\n12 minutes, 13 s", "", ["13"]),
    ("a 5s, 60s, .25x, 28x28", "", ["60", "0.25", "28", "28"]),
    ("43 mistakes", "43 mistakes", []), ("43 mistakes", "43 digits", ["43"]),
    ("43 mistakes", "count: 43", []), ("43 %", "43 mistakes", ["43"]),
    ("99.6 %", "99.57 %", []), ("99.5 %", "99.57 %", ["99.5"]),
    ("60,000 images", "(60000, 28)", []), ("12", "12.3", ["12"]),
    ("−0.18", "0.18", ["−0.18"]), ("0.18", "−0.18", [])])
def test_numbers_that_were_not_printed_are_refused(text, evidence, refused):
    assert refused == [figure.text for figure in prose.measured(text)
                       if not prose.is_backed(figure, o.figures(evidence))]


def test_the_evidence_is_of_the_own_section_or_a_linked_one(tmp_path):
    path = tmp_path / "a.ipynb"
    nbformat.write(v4.new_notebook(cells=[
        v4.new_markdown_cell("# A B\n\n40, 50 and 51"),
        v4.new_code_cell("# 1\n1 + 49", **printed("40\n")),
        v4.new_markdown_cell("# C\n\n- 40\n- 40, [see](#A-B)\n\n"
                             "49 [too](a.ipynb#A-B)")]), path)
    said = "\n".join(prose.problems(path))
    assert re.findall(r"'(\S+)': .*? (\d+) ", said) == [
        ("A-B", "50"), ("A-B", "51"), ("C", "40")]


@pytest.mark.parametrize("stored, fresh, ranges, said", [
    ("loss 0.98", "loss 0.99", [[0.9, 1]], ""),
    ("loss: 98 %", "loss: 89 %", [[90, 99.5]],
     "loss was stored as 98 %, is now 89 %; the seeds gave 90 to 99.5"),
    ("loss 0.98", "lost 0.98", [[0.9, 1]], "is now 'lost … '"),
    ("loss 0.98", "loss nan", [[0.9, 1]], "'loss nan'"),
    ("43 of 50", "44 of 51", [[40, 46], None], "50 , is now 51"),
    ("43 of 50", "44 of 51", [[40, 46]], "no other"),
    ("[[9 0]\n [ 0 9]]", "[[10 0]\n [0 9]]", [[8, 11]] + [None] * 3, ""),
    ("0.98\n0.97", "0.98", [[0, 1]] * 2, "None"), ("one", "two", [], "'two'"),
    ("in 14s 3.5 s", "in 9s 2 s", [], ""), ("14 s", "14 m", [], "'14 m'"),
    ("\r1/9 2s\b\b\r\x1b[1m9/9\x1b[0m 12s 3ms/step", "\r9/9 9s 4us/step", [],
     "")])
def test_texts_within_and_beyond_their_ranges(stored, fresh, ranges, said):
    metadata = {"approximate": {"ranges": ranges}} if ranges else {}
    cell = v4.new_code_cell(metadata=metadata, **printed(stored))
    problems = "\n".join(o.compare_cell(cell, printed(fresh)["outputs"]))
    assert said in problems and bool(said) == bool(problems)


@pytest.mark.parametrize("texts, range_", [
    (["43", "43"], None), (["40", "41", "42", "43", "44", "45"], [29, 56]),
    (["0", "1"] * 4, [0, 4]), (["99.5 %", "99.9 %"] * 3, [98.1, 100]),
    (["1e-05", "2e-05"] * 2, [0, 0.0001]),
    (["−0.1", "+0.1"] * 4, [-0.6, 0.6])])
def test_a_range_is_a_prediction_interval(texts, range_):
    assert widen([o.figures(text)[0] for text in texts]) == range_


def test_nbval_executes_every_notebook(pytestconfig):
    assert pytestconfig.option.nbval_lax and not pytestconfig.option.nbval
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert "".join(path.name[0] for path in NOTEBOOKS) == "123"
