"""Build the series as web pages to read, without Jupyter: `make site`.

    python -m tests.tools.site [folder]   # results/site, unless you say where

Each notebook becomes one file by nbconvert, as it is stored, with its
pictures inside; the README is the first page. Nothing is executed.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from mnist_digit_recognizer import NOTEBOOKS, PROJECT


def build(folder):
    """Write the pages into a folder; return the path of the first one."""
    folder.mkdir(parents=True, exist_ok=True)
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    front = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(readme)])
    pages = {"index": front} | {
        path.stem: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    # This template takes alternative texts from the images' metadata.
    exporter = HTMLExporter(template_name="classic", embed_images=True)
    for name, notebook in pages.items():
        html, _ = exporter.from_notebook_node(notebook, {
            "metadata": {"name": name, "path": str(PROJECT)}})
        html = re.sub(r'href="(?:notebooks/)?(\d_\w+)\.ipynb',
                      r'href="\1.html', html)
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return folder / "index.html"


if __name__ == "__main__":
    print(build(Path(*sys.argv[1:] or [PROJECT / "results" / "site"])))
