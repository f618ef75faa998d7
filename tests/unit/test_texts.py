"""Links within the project lead somewhere, and words are spelled well."""

import re
import subprocess
import sys

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import read
from tests.notebooks.prose import NOT_PROSE

PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md",
         PROJECT / "helpers" / "mnist" / "mnist.md"]
LINK = re.compile(r"!?\[(?:[^\[\]]|!?\[[^\]]*\]\([^)]*\))*\]\(([^)\s]*)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
GLOSSARY = re.compile(r"\| (?:Word|Term) \| Meaning \|\n\|[-: |]+\|\n"
                      r"((?:\|.*(?:\n|$))+)")
# Misspelled on purpose, where a test plants a fault.
PLANTED = "aproximate,brigth"
# The project's spelling is British, but for "gray".
AMERICAN = """\
analyze->analyse
analyzed->analysed
behavior->behaviour
center->centre
centered->centred
centers->centres
color->colour
colored->coloured
colorful->colourful
colors->colours
favorite->favourite
grey->gray
labeled->labelled
neighbor->neighbour
neighbors->neighbours
normalize->normalise
normalized->normalised
optimizer->optimiser
organize->organise
recognize->recognise
recognized->recognised
recognizer->recogniser
recognizes->recognises
standardize->standardise
standardized->standardised
summarize->summarise
visualize->visualise
"""


def markdown(path):
    """The Markdown of a page, or of a notebook's cells, as one text."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in read(path).cells
                       if cell.cell_type == "markdown")


def headings(text):
    return re.findall(r"^#{1,6} (.+?)\s*$", CODE.sub("", text), re.MULTILINE)


def anchors(path):
    """What can stand behind a '#' in a link to a page.

    JupyterLab, nbconvert and nbviewer put hyphens for the spaces of a
    heading. GitHub also takes away its punctuation and its capitals.
    """
    found = headings(markdown(path))
    if path.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in found}
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in found
    }


def broken_links(path, text=None):
    """Say which links of a page, to the project's own files, are broken."""
    text = markdown(path) if text is None else text
    for link in LINK.findall(CODE.sub("``", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or not target.is_relative_to(PROJECT):
            yield f"{path.name}: {link} is not there"
        elif anchor and anchor not in anchors(target):
            yield f"{path.name}: {target.name} has no heading for #{anchor}"


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: p.stem)
def test_links_within_the_project_lead_somewhere(path):
    assert not list(broken_links(path))


def test_each_notebook_links_to_the_other_two():
    for path in NOTEBOOKS:
        linked = {link.partition("#")[0] for link in LINK.findall(
            markdown(path))}
        assert {other.name for other in NOTEBOOKS} - {path.name} <= linked


def test_no_heading_comes_twice_so_that_anchors_are_clear():
    for path in [*PAGES, *NOTEBOOKS]:
        found = headings(markdown(path))
        assert len(found) == len(set(found)), path.name


@pytest.mark.parametrize("text, count", [
    ("[a](README.md) and ![b](.github/reading.png)", 0),
    ("[a](README.md#troubleshooting) [b](#how-it-is-checked)", 0),
    ("[a](readme-.md)", 1),
    ("[a](README.md#trouble)", 1),
    ("[a](#Troubleshooting)", 1),
    ("[![b](no.png)](https://example.org)", 0),
    ("[a](../elsewhere.md) `[a](nowhere.md)`", 1),
    ("[a](notebooks/1_working_with_images.ipynb#Get-ready)", 0),
    ("[a](notebooks/1_working_with_images.ipynb#get-ready)", 1),
])
def test_broken_links_are_found(text, count):
    assert len(list(broken_links(PROJECT / "README.md", text))) == count


# Glossaries

def sections(path):
    """The text of each section of a notebook, by its anchor, in order."""
    parts = re.split(r"^##? (.+)$", markdown(path), flags=re.MULTILINE)
    names = [name.replace(" ", "-") for name in parts[1::2]]
    return dict(zip(names, parts[2::2]))


def glossary(path):
    """The words of a notebook's glossary: (word, anchor or None)."""
    (table,) = GLOSSARY.findall(markdown(path))
    for row in table.strip().splitlines():
        word = row.split(" | ")[0].strip("| ")
        link = re.fullmatch(r"\[(.+)\]\(#(.+)\)", word)
        yield link.groups() if link else (word, None)


def first_italics(path, word):
    """The anchor of the first section that has a word in italics, if any."""
    pattern = rf"(?<!\*)\*{re.escape(word)}(?:s|ing|al [^*]*| [^*]*)?\*(?!\*)"
    for anchor, text in sections(path).items():
        if GLOSSARY.search(text):
            return None
        if re.search(pattern, text, re.IGNORECASE):
            return anchor
    return None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_glossary_leads_back_to_where_a_word_is_explained(path):
    known, count = sections(path), 0
    for words, anchor in glossary(path):
        assert anchor in known, f"{words}: no link to its section"
        first = first_italics(path, words.split(", ")[0])
        assert first in (None, anchor), f"{words}: is first in {first}"
        count += first is not None
    assert count > 5


# Spelling

def misspelled(folder, *options):
    """What codespell finds in the files of a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", *options,
         f"--ignore-words-list={PLANTED}", str(folder)],
        cwd=folder, text=True, capture_output=True,
    )
    assert done.returncode in (0, 65) and not done.stderr, done.stderr
    return done.stdout.replace(str(folder), "")


@pytest.fixture
def words(tmp_path):
    """A folder with all the words that people wrote for the project."""
    for path in NOTEBOOKS:
        text = "\n\n".join(cell.source for cell in read(path).cells)
        (tmp_path / f"{path.stem}.txt").write_text(text, encoding="utf-8")
    for pattern in ("*.md", "*.py", "*.cff", "*.toml", "*.yml", "Makefile",
                    "helpers/*.*", "tests/*.*", ".github/**/*.yml"):
        for path in PROJECT.glob(pattern):
            if path.is_file() and path.suffix not in (".npz", ".pyc"):
                name = "-".join(path.relative_to(PROJECT).parts)
                text = path.read_text(encoding="utf-8")
                (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def test_words_are_spelled_well(words):
    assert len(list(words.iterdir())) > 50
    found = misspelled(words, "--builtin=clear,rare,informal")
    assert not found, found


def test_prose_is_british(tmp_path):
    spelling = tmp_path / "spelling.txt"
    spelling.write_text(AMERICAN, encoding="utf-8")
    folder = tmp_path / "prose"
    folder.mkdir()
    for path in [*PAGES, *NOTEBOOKS]:
        text = NOT_PROSE.sub(" ", markdown(path))
        (folder / f"{path.stem}.txt").write_text(text, encoding="utf-8")
    option = f"--dictionary={spelling}"
    found = misspelled(folder, option)
    assert not found, found
    (folder / "more.txt").write_text("a grey color", encoding="utf-8")
    assert misspelled(folder, option).count("==>") == 2


def test_a_misspelled_word_would_be_found(tmp_path):
    planted = "recieve"  # codespell:ignore
    (tmp_path / "text.txt").write_text(planted, encoding="utf-8")
    assert "receive" in misspelled(tmp_path, "--builtin=clear")
