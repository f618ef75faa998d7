"""The web pages hold all that the notebooks store, and need nothing else."""

import html
import re
from html.parser import HTMLParser

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import code_cells, read
from tests.tools import publish, site
from tests.unit.test_pad import browser  # noqa: F401

VOID = {"meta", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """The tags of a page with their attributes, and whether they close."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.unclosed = [], [], []
        self.feed(text)
        self.unclosed += self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.unclosed.append(tag)

    def values(self, attribute, tag=None):
        return [attributes[attribute] for name, attributes in self.tags
                if attribute in attributes and tag in (None, name)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The text of each page by its name, as `make site` writes it."""
    folder = tmp_path_factory.mktemp("site")
    assert site.build(folder) == folder / "index.html"
    return {path.name: path.read_text(encoding="utf-8")
            for path in folder.iterdir()}


def test_there_is_a_page_for_each_notebook_and_a_first_one(pages):
    assert set(pages) == {"index.html"} | {
        f"{path.stem}.html" for path in NOTEBOOKS
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_keep_their_alternative_texts(pages, path):
    stored = [
        output.metadata["image/png"]["alt"]
        for cell in code_cells(read(path)) for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    shown = Page(pages[f"{path.stem}.html"]).values("alt", "img")
    assert shown == stored and len(shown) > 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_code_and_all_that_was_printed_is_there(pages, path):
    page = pages[f"{path.stem}.html"]
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for cell in code_cells(read(path)):
        assert cell.source in text
        for output in cell.outputs:
            assert output.get("text", "") in text


def test_pages_fetch_nothing(pages):
    for name, text in pages.items():
        page = Page(text)
        assert not page.unclosed, name
        assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
        assert all(source.startswith("data:image/png;base64,")
                   for source in page.values("src")), name
        assert "url(" not in text and "@import" not in text


def test_links_lead_to_pages_and_sections_that_exist(pages):
    ids = {name: set(Page(text).values("id")) for name, text in pages.items()}
    count = 0
    for name, text in pages.items():
        for link in Page(text).values("href"):
            if re.match("https?://", link):
                continue
            target, _, anchor = html.unescape(link).partition("#")
            target = target or name
            assert target in pages, f"{name} links to {link}"
            assert not anchor or anchor in ids[target], f"{name}: {link}"
            count += 1
    assert count > 50


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_between_notebooks_lead_to_their_pages(pages, path):
    text = "".join(cell.source for cell in read(path).cells
                   if cell.cell_type == "markdown")
    links = Page(pages[f"{path.stem}.html"]).values("href")
    for other in NOTEBOOKS:
        inside = text.count(f"]({other.name}")
        assert inside or other == path
        navigation = 1
        assert links.count(f"{other.stem}.html") == inside + navigation


def test_each_page_has_one_title_and_says_where_the_reader_is(pages):
    for name, text in pages.items():
        tags = Page(text).tags
        assert [tag for tag, _ in tags].count("h1") == 1
        (here,) = [a for _, a in tags if a.get("aria-current") == "page"]
        assert here["href"] == name


def test_badges_become_links_without_pictures():
    badges = publish.badges("somebody/digits", "v1.2.3")
    cell = new_markdown_cell(f"# Title\n\n{badges}\n\nText.")
    text = site.page(new_notebook(cells=[cell]), "index.html")
    links = Page(text).values("href")
    assert sum("somebody/digits" in link for link in links) == 3
    assert ">Open in Colab</a>" in text and "<img" not in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1300])
def test_pages_fit_a_phone_and_a_desk(browser, tmp_path, width):  # noqa: F811
    site.build(tmp_path)
    page = browser.new_page(viewport={"width": width, "height": 844})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in sorted(tmp_path.iterdir()):
        page.goto(path.as_uri())
        inner, outer, shown = page.evaluate("""() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
            [...document.images].every(i => i.complete && i.naturalWidth),
        ]""")
        assert inner == outer == width and shown, path.name
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()
