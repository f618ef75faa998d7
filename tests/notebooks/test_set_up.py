"""The set-up cells find the project anywhere; in Colab they fetch it.

Colab is simulated: a module `google.colab`, another `pip` that writes down
what it is asked for, and a repository in a folder in the place of GitHub.
"""

import os
import shutil
import subprocess
import sys

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read
from tests.tools.publish import SETTING

AFTER = "import helpers; print(helpers.__file__)"
COLAB = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
sys.prefix = "/nowhere/.venv"
"""
GPU = """
import types
found = [types.SimpleNamespace(name="/physical_device:GPU:0")]
config = types.SimpleNamespace(
    list_physical_devices=lambda kind=None: found,
    experimental=types.SimpleNamespace(get_device_details=lambda gpu: DETAILS),
)
tf = types.SimpleNamespace(config=config)
"""


def cells(path=NOTEBOOKS[0]):
    """The source of a notebook's two set-up cells."""
    return [cell.source for cell in code_cells(read(path))[:2]]


def published(repository, tag):
    """The set-up cells as `make publish` writes them."""
    first, second = cells()
    line = f'repository, tag = "{repository}", "{tag}"'
    return SETTING.sub(line, first) + "\n" + second


def set_up(folder, before="", source=None, **environment):
    """Run the set-up cells in a folder; return what came of it."""
    source = source or published("", "")
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-c", f"{before}\n{source}\n{AFTER}"], cwd=folder,
        env={**env, **environment}, text=True, capture_output=True,
    )


def test_set_up_cells_are_the_same_everywhere():
    assert cells(NOTEBOOKS[0]) == cells(NOTEBOOKS[1]) == cells(NOTEBOOKS[2])


@pytest.mark.parametrize("place", [".", "notebooks", "helpers", "tests"])
def test_helpers_are_found_from_inside_the_project(place):
    done = set_up(PROJECT / place)
    assert done.stdout.strip() == str(PROJECT / "helpers" / "__init__.py")
    assert not done.stderr


def test_helpers_are_found_from_elsewhere(tmp_path):
    known = set_up(tmp_path, PYTHONPATH=str(PROJECT))
    assert str(PROJECT) in known.stdout
    prefix = f"import sys; sys.prefix = {str(PROJECT / '.venv')!r}"
    assert str(PROJECT) in set_up(tmp_path, prefix).stdout


def test_a_second_run_changes_nothing():
    done = set_up(PROJECT, source="\n".join([published("", "")] * 2))
    assert str(PROJECT) in done.stdout and not done.stderr


def test_it_says_what_to_do_when_nothing_is_found(tmp_path):
    done = set_up(tmp_path, "import sys; sys.prefix = '/nowhere/.venv'")
    assert "Start Jupyter in the project's folder" in done.stderr


# A package with the same name

@pytest.fixture
def stranger(tmp_path):
    """A folder with another package that is called `helpers`."""
    folder = tmp_path / "stranger"
    (folder / "helpers").mkdir(parents=True)
    (folder / "helpers" / "__init__.py").write_text("")
    return folder


def test_the_project_comes_before_a_stranger_that_is_installed(stranger):
    done = set_up(PROJECT / "notebooks", PYTHONPATH=str(stranger))
    assert str(PROJECT) in done.stdout


@pytest.mark.parametrize("kind", ["package", "module", "namespace"])
def test_a_stranger_that_was_imported_is_noticed(stranger, kind):
    if kind != "package":
        (stranger / "helpers" / "__init__.py").unlink()
    if kind == "module":
        (stranger / "helpers").rmdir()
        (stranger / "helpers.py").write_text("")
    done = set_up(stranger, "import sys, helpers, os; "
                  f"os.chdir({str(PROJECT / 'notebooks')!r})")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: Another package is in the way")
    assert "Restart the kernel" in last and "pip uninstall helpers" in last
    assert str(stranger) in last or kind == "namespace"


def test_a_stranger_is_not_taken_for_the_project(stranger):
    done = set_up(stranger, "import sys; sys.prefix = '/nowhere/.venv'")
    assert "Not: pip install helpers" in done.stderr and done.returncode


# Colab

@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A bare repository that holds a published version of the project."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    work = tmp_path_factory.mktemp("work")
    bare = tmp_path_factory.mktemp("origin") / "digits.git"
    (work / "helpers").mkdir()
    for name in ("__init__.py", "mnist.md"):
        shutil.copy(PROJECT / "helpers" / name, work / "helpers")
    (work / "helpers" / "mnist" / "mnist.npz").write_text("what is large")

    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", "-c",
             "commit.gpgsign=false", *map(str, words)],
            cwd=work, check=True, capture_output=True,
        )

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    git("commit", "-q", "--allow-empty", "-m", "published")
    git("tag", "v1.2.3")
    git("rm", "-q", "helpers/mnist/mnist.npz")
    git("commit", "-q", "-m", "a later version that does not work")
    git("clone", "-q", "--bare", ".", bare)
    return bare


@pytest.fixture
def colab(tmp_path, origin):
    """Run the published set-up cells as Colab would."""
    desk, fake = tmp_path / "desk", tmp_path / "fake"
    desk.mkdir()
    fake.mkdir()
    (fake / "pip.py").write_text(
        "import sys\nopen('asked', 'a').write(' '.join(sys.argv[1:]))\n"
    )

    def run(tag="v1.2.3", repository="somebody/digits", before=""):
        return set_up(
            desk, COLAB + before, published(repository, tag),
            PYTHONPATH=str(fake), GIT_CONFIG_GLOBAL=os.devnull,
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0=f"url.{origin.as_uri()}.insteadOf",
            GIT_CONFIG_VALUE_0="https://github.com/somebody/digits",
        )

    run.desk = desk
    return run


def test_in_colab_the_published_version_is_fetched_and_comes_first(colab):
    done = colab()
    clone = colab.desk / "mnist-digit-recognizer"
    assert done.stdout.strip() == str(clone / "helpers" / "__init__.py")
    assert done.stderr == ""
    log = subprocess.run(
        ["git", "log", "--format=%s"], cwd=clone, text=True,
        capture_output=True,
    )
    assert log.stdout == "published\n"  # the tag, and no history


def test_in_colab_only_what_it_lacks_is_installed(colab):
    colab()
    asked = (colab.desk / "asked").read_text()
    assert asked == "install -qq anywidget<1"


def test_in_colab_a_second_run_fetches_nothing(colab):
    colab()
    (colab.desk / "asked").unlink()
    again = colab(tag="no-such-tag")
    assert str(colab.desk) in again.stdout and not again.stderr
    assert not (colab.desk / "asked").exists()


def test_in_colab_a_version_that_was_not_pushed_is_named(colab):
    done = colab(tag="v9.9.9")
    assert done.returncode and "v9.9.9" in done.stderr


def test_in_colab_a_stranger_is_noticed(colab, stranger):
    done = colab(before=f"sys.path.append({str(stranger)!r}); import helpers")
    assert "Another package is in the way" in done.stderr


def test_in_colab_an_unpublished_copy_says_in_one_line_what_is_missing(colab):
    done = colab("", "")
    (line,) = done.stdout.splitlines()
    assert "make publish" in line and "address" in line
    assert "was not found" in done.stderr
    assert not (colab.desk / "asked").exists()


def test_elsewhere_nothing_is_fetched_even_if_it_was_published(tmp_path):
    done = set_up(tmp_path, "import sys; sys.prefix = '/nowhere/.venv'",
                  published("somebody/digits", "v1.2.3"))
    assert "was not found" in done.stderr and not list(tmp_path.iterdir())


# A graphics card

@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)
@pytest.mark.parametrize("details, name", [
    ({"device_name": "Tesla T4"}, "Tesla T4"),
    ({}, "/physical_device:GPU:0"),
])
def test_a_graphics_card_is_told_in_one_line(path, details, name, capsys):
    (cell,) = [cell for cell in code_cells(read(path))
               if "import tensorflow as tf" in cell.source]
    start = cell.source.index("for gpu in")
    exec(f"DETAILS = {details}\n{GPU}\n{cell.source[start:]}", {})
    assert capsys.readouterr().out == f"TensorFlow found a GPU: {name}\n"
    exec(f"{GPU}\nfound.clear()\n{cell.source[start:]}", {"DETAILS": {}})
    assert capsys.readouterr().out == ""
