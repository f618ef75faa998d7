"""Links within the project lead somewhere, and words are spelled well."""

import re
import subprocess
import sys
from pathlib import Path

import codespell_lib
import nbformat
import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT

PAGES = [path for pattern in ("*.md", "notebooks/*.md", "helpers/**/*.md")
         for path in sorted(PROJECT.glob(pattern))]
TEXTS = [*PAGES, *NOTEBOOKS]
LINK = re.compile(r"!?\[(?:[^\[\]]|!?\[[^\]]*\]\([^)]*\))*\]\(([^)\s]*)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
NOT_PROSE = re.compile(rf"{CODE.pattern}|\]\([^)]*\)|https?://\S+", re.DOTALL)
GLOSSARY = re.compile(r"^\| ([^|]+) \| [^|]+ \| (\d) \|$", re.MULTILINE)
# Misspelled on purpose, where a test plants a fault; and American words that
# are British, too, or "gray", as in the code.
KEPT = ("aproximate,brigth,recieve,"
        "gray,grays,license,practice,practices,program,programs")


def markdown(path):
    """The Markdown of a page, or of a notebook's cells, as one text."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells
                       if cell.cell_type == "markdown")


def anchors(path):
    """What can stand behind a '#' in a link to a page.

    JupyterLab, nbconvert and nbviewer put hyphens for the spaces of a
    heading. GitHub also takes away its punctuation and its capitals.
    """
    text = CODE.sub(lambda code: code[0].replace("#", ""), markdown(path))
    for heading in re.findall(r"^#{1,6} (.+?)\s*$", text, re.MULTILINE):
        if path.suffix == ".md":
            heading = re.sub(r"[^\w\- ]", "", heading.lower())
        yield heading.replace(" ", "-")


def broken_links(path, text):
    """Say which links of a text, to the project's own files, are broken."""
    for link in LINK.findall(CODE.sub("``", text)):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or not target.is_relative_to(PROJECT):
            yield f"{path.name}: {link} is not there"
        elif anchor and anchor not in anchors(target):
            yield f"{path.name}: {target.name} has no heading for #{anchor}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_links_within_the_project_lead_somewhere(path):
    assert not list(broken_links(path, markdown(path)))


@pytest.mark.parametrize("text, count", [
    ("[a](README.md) and ![b](.github/reading.png)", 0),
    ("[a](README.md#troubleshooting) [b](#how-it-is-checked)", 0),
    ("[a](readme-.md) [b](README.md#trouble) [c](#Troubleshooting)", 3),
    ("[![b](no.png)](https://example.org)", 0),
    ("[a](../elsewhere.md) `[a](nowhere.md)`", 1),
    ("[a](notebooks/1_working_with_images.ipynb#no-such-heading)", 1)])
def test_broken_links_are_found(text, count):
    assert len(list(broken_links(PROJECT / "README.md", text))) == count


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_heading_comes_twice_so_that_anchors_are_clear(path):
    found = list(anchors(path))
    assert len(found) == len(set(found))


def test_each_term_of_the_glossary_stands_in_italics_in_its_lesson():
    lessons = {path.name[0]: markdown(path).lower() for path in NOTEBOOKS}
    terms = [(terms.split(", ")[0].lower(), number) for path in PAGES
             for terms, number in GLOSSARY.findall(markdown(path))]
    missing = [f"{term} in lesson {number}" for term, number in terms
               if not re.search(rf"(?<!\*)\*{re.escape(term)}\w*\*(?!\*)",
                                lessons[number])]
    assert not missing and len(terms) > 20


def misspelled(folder, texts, *options):
    """What codespell finds in texts, by their names."""
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", *options,
         f"--ignore-words-list={KEPT}", "."],
        cwd=folder, text=True, capture_output=True)
    assert done.returncode in (0, 65) and not done.stderr, done.stderr
    return done.stdout


def test_words_are_spelled_well(tmp_path):
    texts = {path.stem: "\n\n".join(
        cell.source for cell in nbformat.read(path, 4).cells)
        for path in NOTEBOOKS}
    texts |= {"-".join(path.relative_to(PROJECT).parts):
              path.read_text(encoding="utf-8") for pattern in (
        "*.md", "*.py", "*.cff", "*.toml", "*.yml", "Makefile",
        "helpers/**/*.py", "helpers/**/*.md", "helpers/pad/*.*s",
        "notebooks/*.md", "tests/**/*.py", ".github/**/*.yml")
        for path in PROJECT.glob(pattern)}
    assert len(texts) > 50
    assert not misspelled(tmp_path, texts, "--builtin=clear,rare,informal")


def test_prose_is_british(tmp_path):
    """Codespell makes British words American; its list is turned round."""
    lists = Path(codespell_lib.__file__).with_name("data")
    pairs = re.findall(r"(.+)->(\w+)", (
        lists / "dictionary_en-GB_to_en-US.txt").read_text("utf-8"))
    pairs += [("gray", "grey"), ("recogniser", "recognizer")]
    dictionary = tmp_path / ".list"
    dictionary.write_text("".join(
        f"{american}->{british}\n" for british, american in pairs), "utf-8")
    texts = {f"{path.parent.name}-{path.stem}":
             NOT_PROSE.sub(" ", markdown(path)) for path in TEXTS}
    option = f"--dictionary={dictionary}"
    found = misspelled(tmp_path, texts | {"planted": "a grey color"}, option)
    assert found.count("==>") == found.count("planted") == 2, found
