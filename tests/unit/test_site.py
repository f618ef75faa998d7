"""The web pages hold all that the notebooks store."""

import html
import re

import nbformat
import pytest

from mnist_digit_recognizer import NOTEBOOKS
from tests.tools.site import build


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == folder / "index.html"
    return {path.stem: path.read_text(encoding="utf-8")
            for path in folder.iterdir()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_output_and_alternative_texts_are_there(pages, path):
    page = pages[path.stem]
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    alts = [html.unescape(alt) for alt in re.findall(r'alt="([^"]*)"', page)]
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.source in text
            for output in cell.outputs:
                assert output.get("text", "") in text
                if "image/png" in output.get("data", {}):
                    assert output.metadata["image/png"]["alt"] in alts


def test_links_between_pages_lead_to_pages(pages):
    assert set(pages) == {"index", *(path.stem for path in NOTEBOOKS)}
    for name, page in pages.items():
        linked = set(re.findall(r'href="(\d_\w+)\.(?:html|ipynb)', page))
        assert ".ipynb" not in "".join(re.findall(r'href="\d_[^"]*"', page))
        assert linked >= {path.stem for path in NOTEBOOKS} - {name}
