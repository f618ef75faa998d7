"""The project's address: the same everywhere, or nowhere."""

import shutil
import tomllib

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.tools.publish import publish

FILES = ["pyproject.toml", "README.md", "CITATION.cff",
         *(f"notebooks/{path.name}" for path in NOTEBOOKS)]


@pytest.fixture
def fork(tmp_path):
    """A copy of all that holds an address."""
    (tmp_path / "notebooks").mkdir()
    for name in FILES:
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def contents(project):
    return {name: (project / name).read_text(encoding="utf-8")
            for name in FILES}


def test_every_file_names_the_address_that_pyproject_names(fork):
    toml = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    url = toml["project"].get("urls", {}).get("Repository")
    if url:
        publish(url.removeprefix("https://github.com/"), fork)
        assert contents(fork) == contents(PROJECT), "run make publish"
    else:
        assert "Open in Colab]" not in "".join(contents(PROJECT).values())


def test_publishing_writes_the_address_everywhere_and_once(fork):
    for _ in "ab":
        publish("somebody/digits", fork)
        once = contents(fork)
        assert all(text.count("somebody/digits") in (1, 3, 4)
                   for text in once.values())
        for name in FILES[3:]:
            assert 'tag = \\"somebody/digits\\", \\"v' in once[name]
            assert f"/github/somebody/digits/blob/v0.1.0/{name})" in once[name]
    publish("else-where/fork.two", fork)
    assert "somebody/" not in "".join(contents(fork).values())


@pytest.mark.parametrize("name", [
    "", "digits", "https://github.com/a/b", "a/b/c", "a b/c", "-a/b", "a/",
    'a/b"', "a/.."])
def test_what_is_no_repository_is_refused_and_nothing_is_written(fork, name):
    with pytest.raises(ValueError, match="make publish REPO=owner/name"):
        publish(name, fork)
    assert contents(fork) == contents(PROJECT)


def test_a_set_up_cell_without_the_line_is_named_and_nothing_written(fork):
    path = fork / FILES[-1]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("repository, tag =", "repository ="), "utf-8")
    before = contents(fork)
    with pytest.raises(ValueError, match=path.stem):
        publish("somebody/digits", fork)
    assert contents(fork) == before
