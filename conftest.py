"""Hold every notebook cell that nbval executes to what it stores."""

import copy

import pytest

from tests.notebooks.outputs import compare_cell


def is_notebook_cell(item):
    """Whether nbval made this test."""
    return type(item).__name__ == "IPyNbCell"


def pytest_runtest_setup(item):
    """Keep what a cell stores: nbval joins its streams while it compares."""
    if is_notebook_cell(item):
        item.stored = copy.deepcopy(item.cell)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Compare, in the execution that nbval makes, what nbval cannot.

    nbval compares exact text. This adds the numbers that may move within
    their cell's tolerance, and the pictures, and it words every difference
    as a sentence. It leans on two attributes of nbval's items: `cell`, the
    stored cell, and `test_outputs`, the fresh outputs.
    """
    report = yield
    if call.when == "call" and is_notebook_cell(item):
        problems = compare_cell(item.stored, item.test_outputs or [])
        if problems and report.outcome != "skipped":
            where = f"{item.path.name}, cell {item.cell_num + 1}: "
            said = "\n".join(where + problem for problem in problems)
            report.outcome = "failed"
            report.longrepr = f"{said}\n\n{report.longrepr or ''}"
    return report


def pytest_terminal_summary(terminalreporter):
    """Say how many of the faults that the tests plant were caught."""
    results = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            planted = "test_mutations.py::test_fault" in report.nodeid
            if planted and "[none" not in report.nodeid:
                results[report.nodeid] = outcome
    if results:
        caught = list(results.values()).count("passed")
        terminalreporter.write_line(
            f"planted faults caught: {caught} of {len(results)}"
        )
