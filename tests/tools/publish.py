"""Write the project's address where readers open it: `make publish`.

    python -m tests.tools.publish owner/name       # on GitHub
    python -m tests.tools.publish --withdraw       # take the address out again

The address goes to `pyproject.toml`, and from there, with the version as the
tag, into the set-up cells of the notebooks, and as badges for Colab, Binder
and nbviewer into the notebooks and the README, and into `CITATION.cff`. It
can be run again, for a new version and for a fork. It changes files, nothing
else; how a release is cut stands in CONTRIBUTING.md.
"""

import argparse
import re
import sys
import tomllib
from urllib.parse import quote

from mnist_digit_recognizer import PROJECT
from tests.notebooks.outputs import code_cells, read
from tests.tools.refresh import write

GITHUB = "https://github.com/"
NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.)[\w.-]{1,100}",
                  re.ASCII)
SETTING = re.compile(r'^repository, tag = ".*?", ".*?"', re.MULTILINE)
BADGES = re.compile(r"\n\n\[!\[Open in Colab\].*")
URLS = re.compile(r'\n\[project\.urls\]\nRepository = ".*"\n')
CODE = re.compile(r'\nrepository-code: ".*"')
VERSION = re.compile(r'\nversion: ".*"')
PICTURES = {
    "Open in Colab": "https://colab.research.google.com/assets/"
    "colab-badge.svg",
    "Open in Binder": "https://mybinder.org/badge_logo.svg",
    "Read in nbviewer": "https://raw.githubusercontent.com/jupyter/design/"
    "main/logos/Badges/nbviewer_badge.svg",
}


def address(project=PROJECT):
    """The repository (owner/name) and the tag that `pyproject.toml` names.

    Both are empty before the project is published.
    """
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    metadata = tomllib.loads(text)["project"]
    url = metadata.get("urls", {}).get("Repository", "")
    if not url:
        return "", ""
    return url.removeprefix(GITHUB), f"v{metadata['version']}"


def badges(repository, tag, notebook=None):
    """The line of badges for a notebook, or without one for the README."""
    if not repository:
        return ""
    shown = notebook or "notebooks/1_working_with_images.ipynb"
    links = [
        "https://colab.research.google.com/github/"
        f"{repository}/blob/{tag}/{shown}",
        f"https://mybinder.org/v2/gh/{repository}/{tag}?labpath="
        + quote(shown, safe=""),
        f"https://nbviewer.org/github/{repository}/"
        + (f"blob/{tag}/{shown}" if notebook else f"tree/{tag}/notebooks"),
    ]
    return " ".join(
        f"[![{alt}]({picture})]({link})"
        for (alt, picture), link in zip(PICTURES.items(), links)
    )


def with_badges(text, line):
    """A text with this line of badges below its title, and no other."""
    title, end, rest = BADGES.sub("", text, count=1).partition("\n")
    return title + (f"\n\n{line}" if line else "") + end + rest


def with_address(notebook, repository, tag, path):
    """Put an address into a notebook's set-up cell and below its title."""
    first, title = code_cells(notebook)[0], notebook.cells[0]
    first.source, count = SETTING.subn(
        f'repository, tag = "{repository}", "{tag}"', first.source
    )
    if count != 1:
        raise ValueError(f"{path} has no line 'repository, tag = …' in its "
                         "first code cell. Was it edited?")
    title.source = with_badges(title.source, badges(repository, tag, path))
    return notebook


def publish(repository, project=PROJECT):
    """Write an address everywhere; an empty one takes it out.

    Parameters
    ----------
    repository : str
        On GitHub: ``owner/name``.
    project : Path
        The project's folder.

    Raises
    ------
    ValueError
        If this is no such name, or a file lacks the line to be changed.
        Then nothing was written.
    """
    if repository and not NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is no repository on GitHub. Write "
                         "make publish REPO=owner/name")
    toml = project / "pyproject.toml"
    text = URLS.sub("", toml.read_text(encoding="utf-8"))
    version = tomllib.loads(text)["project"]["version"]
    tag = f"v{version}" if repository else ""
    texts = {toml: text}
    if repository:
        texts[toml] = text.replace(
            "\n[tool.",
            f'\n[project.urls]\nRepository = "{GITHUB}{repository}"\n'
            "\n[tool.", 1,
        )
    notebooks = {
        path: with_address(
            read(path), repository, tag, f"notebooks/{path.name}"
        )
        for path in sorted((project / "notebooks").glob("*.ipynb"))
    }
    readme = project / "README.md"
    texts[readme] = with_badges(
        readme.read_text(encoding="utf-8"), badges(repository, tag)
    )
    citation = project / "CITATION.cff"
    text = CODE.sub("", citation.read_text(encoding="utf-8"))
    line = f'\nversion: "{version}"'
    if repository:
        line += f'\nrepository-code: "{GITHUB}{repository}"'
    texts[citation] = VERSION.sub(line, text)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for path, notebook in notebooks.items():
        write(notebook, path)


def main(arguments=None):
    """Publish the project under the name that the command line gives."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.publish",
        description="Write the project's address into its files.",
    )
    parser.add_argument("repository", nargs="?", default="",
                        help="where it is on GitHub: owner/name")
    parser.add_argument("--withdraw", action="store_true",
                        help="take the address out of all files")
    options = parser.parse_args(arguments)
    if bool(options.repository) == options.withdraw:
        parser.error("write make publish REPO=owner/name")
    try:
        publish(options.repository)
    except ValueError as problem:
        sys.exit(str(problem))
    repository, tag = address()
    print(f"The files name {repository}, version {tag}. Colab will fetch that "
          f"version, so commit, and push the commit with the tag {tag}."
          if repository else "The files name no address now.")


if __name__ == "__main__":
    main()
