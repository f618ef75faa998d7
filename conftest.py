"""Hold every notebook cell that nbval executes to what it stores.

nbval executes (`--nbval-lax`: it compares nothing); `compare_cell` judges. It
leans on two attributes of nbval's items: `cell`, the stored cell, and
`test_outputs`, the fresh outputs.
"""

import pytest

from tests.notebooks.outputs import LOCKED, compare_cell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Say in sentences how a cell's fresh outputs differ from the stored."""
    report = yield
    if call.when == "call" and type(item).__name__ == "IPyNbCell":
        problems = compare_cell(item.cell, item.test_outputs or [])
        if problems and report.outcome != "skipped":
            where = f"{item.path.name}, cell {item.cell_num + 1}: "
            said = "\n".join(where + problem for problem in problems)
            report.outcome = "failed"
            report.longrepr = f"{said}\n\n{report.longrepr or ''}"
        if not LOCKED:
            report.user_properties.append((
                "note", "Matplotlib is not the locked one: pictures were "
                "compared by what was drawn, not by their pixels."))
    return report


def pytest_terminal_summary(terminalreporter):
    """Print the notes of the tests: faults caught of planted, and such."""
    notes = {
        text: None for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, text in report.user_properties if name == "note"
    }
    for text in notes:
        terminalreporter.write_line(text)
