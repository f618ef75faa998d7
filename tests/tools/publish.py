"""Write the project's address where readers open it: `make publish`.

    python -m tests.tools.publish owner/name       # on GitHub

The address, with the version of `pyproject.toml` as its tag, goes there, into
the set-up cells of the notebooks, into `CITATION.cff`, and as badges for
Colab, Binder and nbviewer below the titles. Run it again for a new version or
for a fork. How a release is made stands in CONTRIBUTING.md.
"""

import re
import sys
import tomllib
from urllib.parse import quote

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read
from tests.tools.refresh import write

NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.)[\w.-]{1,100}",
                  re.ASCII)
TITLE = r"\A(# .*)(\n\n\[!\[Open in Colab.*)?"


def swap(text, pattern, new, where):
    """Replace the one place where a pattern stands in a text."""
    text, count = re.subn(pattern, new, text, count=1)
    if not count:
        raise ValueError(f"{where} lacks {pattern!r}. Was it edited?")
    return text


def badges(repository, tag, shown):
    """Return the line of badges that open a notebook."""
    at = f"github/{repository}/blob/{tag}/{shown}"
    raw = "https://raw.githubusercontent.com/jupyter/design/main/logos/Badges"
    return " ".join(f"[![{alt}]({image})]({link})" for alt, image, link in [
        ("Open in Colab", "https://colab.research.google.com/assets/"
         "colab-badge.svg", f"https://colab.research.google.com/{at}"),
        ("Open in Binder", "https://mybinder.org/badge_logo.svg",
         f"https://mybinder.org/v2/gh/{repository}/{tag}?labpath="
         + quote(shown, safe="")),
        ("Read in nbviewer", f"{raw}/nbviewer_badge.svg",
         f"https://nbviewer.org/{at}")])


def publish(repository, project=PROJECT):
    """Write an address (on GitHub: ``owner/name``) everywhere.

    Raises ValueError if this is no such name, or a file lacks the line to be
    changed. Then nothing was written.
    """
    if not NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is no repository on GitHub. Write "
                         "make publish REPO=owner/name")
    url, texts = f"https://github.com/{repository}", {}
    toml = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    version = toml["project"]["version"]
    first = f"notebooks/{NOTEBOOKS[0].name}"
    for name, pattern, new in [
        ("pyproject.toml", r"\n(\[project\.urls\]\n.*\n\n)?(?=\[tool\.)",
         f'\n[project.urls]\nRepository = "{url}"\n\n'),
        ("CITATION.cff", r'\nversion: ".*"(\nrepository-code: ".*")?',
         f'\nversion: "{version}"\nrepository-code: "{url}"'),
        ("README.md", TITLE,
         rf"\1\n\n{badges(repository, f'v{version}', first)}"),
    ]:
        text = (project / name).read_text(encoding="utf-8")
        texts[name] = swap(text, pattern, new, name)
    notebooks = {}
    for path in sorted((project / "notebooks").glob("*.ipynb")):
        notebook = notebooks[path] = read(path)
        title, code = notebook.cells[0], code_cells(notebook)[0]
        code.source = swap(
            code.source, 'repository, tag = ".*?", ".*?"',
            f'repository, tag = "{repository}", "v{version}"', path)
        line = badges(repository, f"v{version}", f"notebooks/{path.name}")
        title.source = swap(title.source, TITLE, rf"\1\n\n{line}", path)
    for name, text in texts.items():
        (project / name).write_text(text, encoding="utf-8", newline="\n")
    for path, notebook in notebooks.items():
        write(notebook, path)


if __name__ == "__main__":
    try:
        publish("".join(sys.argv[1:]))
    except ValueError as problem:
        sys.exit(str(problem))
    print("Written. Colab fetches the tag: commit, then push commit and tag.")
