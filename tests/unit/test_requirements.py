"""The three lists of requirements agree, and name all that is imported."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mnist_digit_recognizer import NOTEBOOKS, PROJECT

LOCK = (PROJECT / "requirements.txt").read_text()
TOML = tomllib.loads((PROJECT / "pyproject.toml").read_text())
DIRECT = [
    re.match(r"[A-Za-z0-9_.-]+", line)[0].lower()
    for line in TOML["project"]["dependencies"]
]
OWN = {"helpers", "tests", "mnist_digit_recognizer"}


def locked():
    """Versions by package name, as the lock has them."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", LOCK, re.MULTILINE))


def sources():
    """All the Python that the project holds, by where it stands."""
    for path in sorted(PROJECT.glob("*.py")):
        yield path.name, path.read_text()
    for folder in ("helpers", "tests"):
        for path in sorted((PROJECT / folder).glob("*.py")):
            yield f"{folder}/{path.name}", path.read_text()
    for path in NOTEBOOKS:
        for number, cell in enumerate(nbformat.read(path, 4).cells):
            if cell.cell_type == "code":
                yield f"{path.name} cell {number}", cell.source


def imported(source):
    """The top-level packages that a piece of Python imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_every_direct_dependency_is_locked_within_its_bounds():
    versions = locked()
    for line in TOML["project"]["dependencies"]:
        wanted = Requirement(line)
        assert versions[wanted.name] in wanted.specifier, line


def test_every_locked_package_has_a_hash_and_one_version():
    names = re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE)
    assert len(names) == len(set(names)) > 50
    blocks = re.split(r"^(?=[a-z0-9-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_lock_was_compiled_from_pyproject_and_names_no_other_source():
    assert "--universal" in LOCK[:400] and "pyproject.toml" in LOCK[:400]
    via = re.findall(r"# via (?:mnist-digit-recognizer|.*pyproject)", LOCK)
    via += re.findall(r"#   mnist-digit-recognizer", LOCK)
    assert len(via) == len(DIRECT), "run 'make lock'"
    assert not re.search(r"https?://|--(extra-)?index-url|file:", LOCK)


def test_environment_yml_installs_the_same_lock():
    text = (PROJECT / "environment.yml").read_text()
    assert re.findall(r"^ {6}- (.+)$", text, re.MULTILINE) == [
        "-r requirements.txt"
    ]
    version = re.search(r"- python=(\d+)\.(\d+)$", text, re.MULTILINE)
    assert (3, 11) <= tuple(map(int, version.groups())) <= (3, 13)


def test_environment_yml_is_all_that_binder_needs():
    # Binder installs environment.yml and reads no other list, so this one
    # has Python and pip, and the lock has what JupyterLab and lessons need.
    text = (PROJECT / "environment.yml").read_text()
    assert re.findall(r"^ {2}- (.+)$", text, re.MULTILINE) == [
        "conda-forge", "python=3.12", "pip", "pip:"
    ]
    assert {"jupyterlab", "ipykernel", "anywidget"} <= locked().keys()
    others = ["apt.txt", "postBuild", "start", "runtime.txt", "binder"]
    assert not [name for name in others if (PROJECT / name).exists()]


def test_colab_s_versions_are_exact_and_within_the_project_s_bounds():
    text = (PROJECT / "tests" / "colab.txt").read_text()
    fixed = dict(re.findall(r"^([a-z]+)==([\d.]+)$", text, re.MULTILINE))
    assert fixed == {
        "tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.1.3",
        "matplotlib": "3.10.0", "scipy": "1.16.3", "ipykernel": "6.17.1",
        "ipython": "7.34.0",
    }
    for line in TOML["project"]["dependencies"]:
        wanted = Requirement(line)
        if wanted.name in fixed and not wanted.name.startswith("ipy"):
            assert fixed[wanted.name] in wanted.specifier, line
    workflow = (PROJECT / ".github/workflows/ci.yml").read_text()
    assert "make test-colab" in workflow and "cron:" in workflow


def test_python_bounds_are_the_same_everywhere():
    assert TOML["project"]["requires-python"] == ">=3.11,<3.14"
    makefile = (PROJECT / "Makefile").read_text()
    assert "(3, 11) <= v <= (3, 13)" in makefile
    workflow = (PROJECT / ".github/workflows/ci.yml").read_text()
    assert '["3.11", "3.13"]' in workflow


def test_everything_imported_is_a_direct_dependency():
    homes = packages_distributions()
    missing = []
    for where, source in sources():
        for name in set(imported(source)) - OWN - sys.stdlib_module_names:
            known = {canonicalize_name(home) for home in homes.get(name, [])}
            if not known & set(DIRECT):
                missing.append(f"{where} imports {name}")
    assert not missing


@pytest.mark.parametrize("name", ["numpy", "scipy", "tensorflow", "keras"])
def test_installed_version_is_the_locked_one(name):
    from importlib.metadata import version

    assert version(name) == locked()[name]
