"""Hold every notebook cell that nbval executes to what it stores."""

import pytest

from tests.notebooks.outputs import LOCKED, compare_cell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Say how a cell's fresh outputs differ from those that it stores.

    nbval executes, and compares nothing (`--nbval-lax`). Of its items, `cell`
    is the stored cell, and `test_outputs` are the fresh outputs.
    """
    report = yield
    if call.when == "call" and type(item).__name__ == "IPyNbCell":
        where = f"{item.path.name}, cell {item.cell_num + 1}: "
        problems = compare_cell(item.cell, item.test_outputs or [])
        if problems and report.outcome != "skipped":
            said = "\n".join(where + problem for problem in problems)
            report.outcome = "failed"
            report.longrepr = f"{said}\n\n{report.longrepr or ''}"
        report.user_properties += [] if LOCKED else [(
            "note", "Matplotlib is not the locked one: of pictures, what was "
            "drawn is compared, and not the pixels.")]
    return report


def pytest_terminal_summary(terminalreporter):
    """Print the notes of the tests: faults caught of planted, and such."""
    stats = terminalreporter.stats
    notes = [text for report in stats.get("passed", []) + stats.get(
        "failed", []) for name, text in report.user_properties
        if name == "note"]
    for note in dict.fromkeys(notes):
        terminalreporter.write_line(note)
