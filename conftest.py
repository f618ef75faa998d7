"""Hold every notebook cell that nbval executes to what it stores."""

import pytest

from tests.notebooks.outputs import compare_cell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Compare a cell's outputs, as nbval (--nbval-lax) only executes it."""
    report = yield
    if call.when == "call" and type(item).__name__ == "IPyNbCell":
        where = f"{item.path.name}, cell {item.cell_num + 1}: "
        problems = compare_cell(item.cell, item.test_outputs or [])
        if problems and report.outcome != "skipped":
            said = "\n".join(where + problem for problem in problems)
            report.outcome = "failed"
            report.longrepr = f"{said}\n\n{report.longrepr or ''}"
    return report
