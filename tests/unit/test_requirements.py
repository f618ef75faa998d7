"""The lists of requirements agree, and name all that is imported."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read

TOML = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
WANTED = [Requirement(line) for line in TOML["project"]["dependencies"]]
LOCKS = {path: (PROJECT / path).read_text("utf-8")
         for path in ("requirements.txt", "tests/browser/requirements.txt")}
OWN = {"helpers", "tests", "mnist_digit_recognizer"}


def locked(path):
    """Versions by package name, as a lock has them."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", LOCKS[path], re.M))


def imported(source):
    """The top-level packages that a piece of Python imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", LOCKS)
def test_each_locked_package_has_one_version_with_hashes(path):
    blocks = re.split(r"^(?=[a-z0-9-]+==)", LOCKS[path], flags=re.M)
    assert len(locked(path)) == len(blocks) - 1
    assert all("--hash=sha256:" in block for block in blocks[1:])
    assert "--universal --generate-hashes" in blocks[0]
    assert not re.search(r"https?://|--(extra-)?index-url|file:", LOCKS[path])


def test_the_locks_hold_what_is_asked_for_and_agree():
    main, browser = map(locked, LOCKS)
    for wanted in WANTED:
        assert main[wanted.name] in wanted.specifier, wanted
    (line,) = (PROJECT / "tests/browser/requirements.in").read_text().split()
    wanted = Requirement(line)
    assert browser[wanted.name] in wanted.specifier
    assert all(browser[name] == main[name] for name in main.keys() & browser)
    for name in ("numpy", "scipy", "tensorflow", "keras"):
        assert version(name) == main[name], "run make setup"


def test_python_and_the_lock_are_the_same_everywhere():
    assert TOML["project"]["requires-python"] == ">=3.11,<3.14"
    for path, text in (
        ("Makefile", "(3, 11) <= v <= (3, 13)"),
        (".github/workflows/ci.yml", '["3.11", "3.13"]'),
        ("environment.yml", "- python=3.12\n"),
        ("environment.yml", "- -r requirements.txt\n"),
    ):
        assert text in (PROJECT / path).read_text("utf-8"), path


def test_everything_imported_is_a_direct_dependency():
    sources = {str(path): path.read_text("utf-8") for path in [
        *PROJECT.glob("*.py"), *PROJECT.glob("helpers/**/*.py"),
        *PROJECT.glob("tests/**/*.py")]}
    sources |= {f"{path.name}, {cell.id}": cell.source for path in NOTEBOOKS
                for cell in code_cells(read(path))}
    homes, names = packages_distributions(), {wanted.name for wanted in WANTED}
    missing = [
        f"{where} imports {name}" for where, source in sources.items()
        for name in set(imported(source)) - OWN - sys.stdlib_module_names
        if not names & set(map(canonicalize_name, homes.get(name, [])))]
    assert not missing
