"""Build the series as web pages to read, without Jupyter: `make site`.

    python -m tests.tools.site [folder]       # results/site, unless you say where

Each notebook becomes one file that needs no other and no network: pictures,
with their alternative texts, and style are inside. What is shown is what the
notebooks store; `index.html` is the top of the README. Nothing is executed.
"""

import re
import sys
from pathlib import Path

from nbconvert import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import read

STYLE = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")
TEMPLATE = """\
<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ resources.title | escape_html }}</title>
<style>{{ resources.style }}</style>
</head>
<body>
<nav aria-label="Series"><!--nav--></nav>
<main>
{%- for cell in nb.cells %}
{%- if cell.cell_type == "markdown" %}
{{ cell.source | markdown2html }}
{%- elif cell.cell_type == "code" %}
{%- set number = cell.execution_count %}
<div class="code" tabindex="0" role="group" aria-label="Code {{ number }}">
{{- cell.source | highlight_code(metadata=cell.metadata) -}}
</div>
{%- if cell.outputs %}
<div class="output" role="group" aria-label="Output of code {{ number }}">
{%- for output in cell.outputs %}
{%- if output.output_type == "stream" %}
<pre tabindex="0">{{ output.text | escape_html }}</pre>
{%- elif "image/png" in output.get("data", {}) %}
<img src="data:image/png;base64,{{ output.data["image/png"] }}"
 alt="{{ output.metadata["image/png"].alt | escape_html }}">
{%- else %}
<pre tabindex="0">{{ output.data["text/plain"] | escape_html }}</pre>
{%- endif %}
{%- endfor %}
</div>
{%- endif %}
{%- endif %}
{%- endfor %}
</main>
</body>
</html>
"""
BADGE = re.compile(r"\[!\[([^\]]*)\]\([^)]*\)\]")
INSIDE = re.compile(r"\[([^\]]*)\]\(#[^)]*\)")
SERIES = re.compile(r'(?<=href=")(?:notebooks/)?(\d_\w+)\.ipynb(?=["#])')
ELSEWHERE = re.compile(r'<a href="(?!https?:|#|\d_\w+\.html|index\.html)'
                       r'[^"]*">(.*?)</a>', re.DOTALL)
SECTION = re.compile(r'<h2 id="([^"]*)">(.*?)<a ', re.DOTALL)


def page(notebook, name):
    """A notebook as one page of HTML.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs. Its first cell starts with the title.
    name : str
        The name of the page's file.

    Returns
    -------
    str
        HTML that fetches nothing. Links to the other notebooks lead to
        their pages, and links to other files of the project are gone.
    """
    title = notebook.cells[0].source.partition("\n")[0].lstrip("# ")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub(r"[\1]", cell.source)
    exporter = HTMLExporter(raw_template=TEMPLATE, embed_images=True)
    html, _ = exporter.from_notebook_node(notebook, {
        "title": title, "style": STYLE, "metadata": {"path": str(PROJECT)},
    })
    html = SERIES.sub(r"\1.html", html)
    html = ELSEWHERE.sub(r"\1", html)
    html = html.replace("<table>", '<div class="wide" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    return html.replace("<!--nav-->", navigation(name, html))


def navigation(name, html):
    """The links to all pages, and to the sections of this one."""
    pages = {"index.html": "Start"} | {
        f"{path.stem}.html": f"{path.stem[0]}. {title_of(path)}"
        for path in NOTEBOOKS
    }
    links = [
        f'<a href="{other}"'
        + (' aria-current="page"' if other == name else "")
        + f">{text}</a>"
        for other, text in pages.items()
    ]
    sections = [f'<li><a href="#{anchor}">{text}</a></li>'
                for anchor, text in SECTION.findall(html)]
    if sections:
        links.append("<details><summary>Sections</summary><ul>"
                     + "".join(sections) + "</ul></details>")
    return "\n".join(links)


def title_of(path):
    """The title of the notebook at a path."""
    return read(path).cells[0].source.partition("\n")[0].lstrip("# ")


def front():
    """The first page: the README's top, and its table of notebooks."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    text = INSIDE.sub(r"\1", text)  # what they lead to is not on this page
    top, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    table = [part for part in sections if part.startswith("## The notebooks")]
    return new_notebook(cells=[new_markdown_cell("".join([top, *table]))])


def build(folder):
    """Write the pages into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"index.html": front()} | {
        f"{path.stem}.html": read(path) for path in NOTEBOOKS
    }
    for name, notebook in pages.items():
        html = page(notebook, name)
        (folder / name).write_text(html, encoding="utf-8", newline="\n")
    return folder / "index.html"


if __name__ == "__main__":
    print(build(Path(*sys.argv[1:] or [PROJECT / "results" / "site"])))
