"""The set-up cell finds the project anywhere; in Colab it fetches it.

Colab is simulated: a module `google.colab` that takes ZIP files from a list,
and a repository in a folder in the place of GitHub.
"""

import os
import shutil
import subprocess
import sys

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read
from tests.tools.publish import swap

AFTER = "print(quiet.__file__)"
ALONE = "import sys; sys.prefix = '/nowhere/.venv'"  # no .venv shows the way
COLAB = ALONE + """
import types
def upload():
    return {ZIPS.pop(0): b"..."} if ZIPS else {}
colab = types.ModuleType("google.colab")
colab.files = types.SimpleNamespace(upload=upload)
sys.modules["google.colab"] = colab
"""


def cell(path=NOTEBOOKS[0], repository="", tag=""):
    """The source of a notebook's set-up cell, with this address."""
    line = f'repository, tag = "{repository}", "{tag}"'
    return swap(code_cells(read(path))[0].source,
                'repository, tag = ".*?", ".*?"', line, path)


def set_up(folder, before="", source=None, **environment):
    """Run the set-up cell in a folder; return what came of it."""
    code = "\n".join([before, source or cell(), AFTER])
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, text=True,
        env={**os.environ, **environment}, capture_output=True)


def found(done):
    """The project that the cell found, or why it did not."""
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    path = os.path.realpath(done.stdout.splitlines()[-1])
    return os.path.dirname(os.path.dirname(path))


def make_project(folder):
    """A folder with as much of the project as the cell looks at."""
    (folder / "helpers" / "mnist").mkdir(parents=True)
    for name in ("__init__.py", "quiet.py"):
        (folder / "helpers" / name).write_text("")
    (folder / "helpers" / "mnist" / "mnist.npz").write_text("what is large")
    return folder


def test_set_up_cell_is_short_and_the_same_everywhere():
    assert cell(NOTEBOOKS[0]) == cell(NOTEBOOKS[1]) == cell(NOTEBOOKS[2])
    assert len([line for line in cell().splitlines() if line]) <= 15


@pytest.mark.parametrize("place", [".", "notebooks", "tests/unit"])
def test_it_finds_the_project_from_inside_and_twice(place):
    assert found(set_up(PROJECT / place, f"{ALONE}\n{cell()}")) == str(PROJECT)


def test_it_finds_the_project_that_holds_the_python(tmp_path):
    project = make_project(tmp_path / "a")
    (project / ".venv").mkdir()
    before = f"import sys; sys.prefix = {str(project / '.venv')!r}"
    assert found(set_up(tmp_path, before)) == str(project)


@pytest.mark.parametrize("place, cwd", [
    ("digits-main", "."), ("drive/MyDrive/digits", "."),
    ("input/my-digits", "working"), ("input/my-digits/digits-1", "working"),
    ("input/datasets/me/my-digits/digits-1", "working")])
def test_it_finds_an_unpacked_copy_a_drive_and_kaggle_s_input(
    tmp_path, place, cwd
):
    project = make_project(tmp_path / place)
    (tmp_path / cwd).mkdir(exist_ok=True)
    assert found(set_up(tmp_path / cwd, ALONE)) == str(project)


def test_it_says_what_to_do_when_nothing_is_found(tmp_path):
    done = set_up(tmp_path, ALONE, cell(NOTEBOOKS[0], "some/one", "v1"))
    assert "not found: start Jupyter in its folder." in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_package_of_the_same_name_comes_later_or_is_reported(tmp_path):
    stranger = tmp_path / "helpers.py"
    stranger.write_text("")
    known = {"PYTHONPATH": str(tmp_path)}
    assert found(set_up(PROJECT / "notebooks", **known)) == str(PROJECT)
    done = set_up(PROJECT / "notebooks", "import helpers", **known)
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: cannot import name 'quiet' from 'helpers' ({stranger})")
    assert "pip uninstall helpers" in cell()


@pytest.fixture
def colab(tmp_path):
    """Run the set-up cell as Colab would, with these files to upload."""
    desk = tmp_path / "content"
    desk.mkdir()

    def run(*zips, repository="", tag="", **environment):
        return set_up(desk, f"{COLAB}\nZIPS = {list(zips)}",
                      cell(NOTEBOOKS[0], repository, tag), **environment)

    run.desk = desk
    return run


def test_in_colab_the_published_version_is_cloned(colab, tmp_path):
    work = make_project(tmp_path / "digits")

    for words in ("init", "add .", "commit -m published", "tag v1.2.3",
                  "rm helpers/mnist/mnist.npz", "commit -m broken"):
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", "-c",
             "commit.gpgsign=false", *words.split()],
            cwd=work, check=True, capture_output=True)
    github = {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tmp_path.as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/somebody/"}
    done = colab(repository="somebody/digits", tag="v9.9.9", **github)
    assert "v9.9.9" in done.stderr.splitlines()[-1]  # it was not pushed
    for tag in ("v1.2.3", "none, for it is there already"):
        done = colab(repository="somebody/digits", tag=tag, **github)
        assert found(done) == str(colab.desk / "digits")
        assert len(done.stdout.splitlines()) == 1


def test_in_colab_an_unpublished_copy_asks_for_its_zip_and_goes_on(
    colab, tmp_path
):
    make_project(tmp_path / "github" / "digits-main")
    (tmp_path / "other" / "holiday").mkdir(parents=True)
    for name in ("github", "other"):
        shutil.make_archive(colab.desk / f"{name} (1)", "zip", tmp_path / name)
    assert "no file" in colab().stderr.splitlines()[-1]
    done = colab("other (1).zip", "github (1).zip")
    assert found(done) == str(colab.desk / "digits-main")
    asked = done.stdout.splitlines()[:-1]
    assert asked == 2 * ["Upload the project's ZIP (GitHub's, or one made "
                         "by: make zip)."]
    assert found(colab()) == str(colab.desk / "digits-main")
