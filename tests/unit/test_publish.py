"""The project's address: the same everywhere, or nowhere."""

import re
import shutil
import subprocess
import tomllib

import nbformat
import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read
from tests.tools import publish

# Who is named in the project, and owned by others.
KNOWN = {"keras-team/keras", "jupyter/design"}
SITES = re.compile(
    r"(?<=//)(?:github\.com|colab\.research\.google\.com/github|mybinder\.org/v2/gh"
    r"|nbviewer\.org/github|raw\.githubusercontent\.com)"
    r"/([\w.-]+/[\w.-]+)"
)
FILES = ["pyproject.toml", "README.md", "CITATION.cff"]


@pytest.fixture
def fork(tmp_path):
    """A copy of all that holds an address, without one."""
    for name in FILES:
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks",
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    publish.publish("", tmp_path)
    return tmp_path


def contents(project):
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in [*map(project.joinpath, FILES),
                     *(project / "notebooks").glob("*.ipynb")]
    }


def wrong_places(texts, repository):
    """Where texts name a repository that is neither known nor this one."""
    return [
        (name, found) for name, text in texts.items()
        for found in SITES.findall(text)
        if found.removesuffix(".git") not in {*KNOWN, repository}
    ]


def test_every_file_names_the_address_that_pyproject_names(tmp_path):
    repository, _ = publish.address()
    for name in FILES:
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks",
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    publish.publish(repository, tmp_path)
    differ = [name for name, text in contents(PROJECT).items()
              if contents(tmp_path)[name] != text]
    assert not differ, f"run: make publish REPO={repository or 'owner/name'}"


def test_no_made_up_address_stands_in_the_project():
    repository, _ = publish.address()
    texts = {
        path.relative_to(PROJECT): path.read_text(encoding="utf-8")
        for pattern in ("*.md", "*.py", "*.toml", "*.yml", "*.cff", "Makefile",
                        "helpers/*", "notebooks/*.ipynb", "tests/*",
                        ".github/**/*.yml")
        for path in PROJECT.glob(pattern)
        if path.suffix != ".npz" and path.is_file()
        and path.stem not in ("publish", "test_publish", "test_set_up")
    }
    assert len(texts) > 40
    assert not wrong_places(texts, repository)


def test_an_invented_address_would_be_found(fork):
    publish.publish("somebody/digits", fork)
    found = {name for name, _ in wrong_places(contents(fork), "other/one")}
    assert found == set(contents(fork))
    assert not wrong_places(contents(fork), "somebody/digits")


def test_publishing_writes_the_address_everywhere(fork):
    before = contents(fork)
    publish.publish("somebody/digits", fork)
    assert publish.address(fork) == ("somebody/digits", "v" + version(fork))
    tag = f"v{version(fork)}"
    for path in sorted((fork / "notebooks").glob("*.ipynb")):
        notebook = read(path)
        assert (f'repository, tag = "somebody/digits", "{tag}"'
                in code_cells(notebook)[0].source)
        lines = notebook.cells[0].source.splitlines()
        assert lines[2].count("[![") == 3 and lines[4]
        for site in ("colab.research.google.com/github/somebody/digits/blob/",
                     "nbviewer.org/github/somebody/digits/blob/"):
            assert f"{site}{tag}/notebooks/{path.name})" in lines[2]
        assert (f"mybinder.org/v2/gh/somebody/digits/{tag}?labpath="
                f"notebooks%2F{path.name})" in lines[2])
        changed = sum(
            old != new for old, new in zip(
                nbformat.reads(before[path.name], 4).cells, notebook.cells,
                strict=True)
        )
        assert changed == 2
    lines = contents(fork)["README.md"].splitlines()
    assert lines[0].startswith("# ") and lines[2].count("[![") == 3


def test_publishing_again_for_a_fork_leaves_nothing_of_the_first(fork):
    before = contents(fork)
    publish.publish("somebody/digits", fork)
    once = contents(fork)
    publish.publish("somebody/digits", fork)
    assert contents(fork) == once
    publish.publish("else-where/fork.two", fork)
    assert not any("somebody/" in text for text in contents(fork).values())
    publish.publish("", fork)
    assert contents(fork) == before


def test_a_new_version_becomes_the_tag(fork):
    publish.publish("somebody/digits", fork)
    toml = fork / "pyproject.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(re.sub('(?m)^version = .*', 'version = "9.8.7"', text),
                    encoding="utf-8")
    publish.publish("somebody/digits", fork)
    text = "".join(contents(fork).values())
    assert 'version: "9.8.7"' in text and f"v{version(PROJECT)}" not in text


def version(project):
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


@pytest.mark.parametrize("name", [
    "digits", "https://github.com/a/b", "a/b/c", "a b/c", "-a/b", "a/", "/b",
    'a/b"', "a/..",
])
def test_what_is_no_repository_is_refused_and_nothing_is_written(fork, name):
    before = contents(fork)
    with pytest.raises(ValueError, match="make publish REPO=owner/name"):
        publish.publish(name, fork)
    assert contents(fork) == before


def test_a_set_up_cell_without_the_line_is_named_and_nothing_written(fork):
    path = fork / "notebooks" / NOTEBOOKS[2].name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("repository, tag =", "repository ="),
                    encoding="utf-8")
    before = contents(fork)
    with pytest.raises(ValueError, match=NOTEBOOKS[2].stem):
        publish.publish("somebody/digits", fork)
    assert contents(fork) == before


def test_the_command_without_a_name_says_how(capsys):
    with pytest.raises(SystemExit):
        publish.main([])
    assert "REPO=owner/name" in capsys.readouterr().err


def test_make_hands_the_name_on():
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    done = subprocess.run(["make", "-n", "publish", "REPO=some/one"],
                          cwd=PROJECT, text=True, capture_output=True)
    assert "tests.tools.publish some/one" in done.stdout
