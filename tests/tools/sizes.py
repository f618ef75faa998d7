"""Count the lines and constants that the project may have: `make sizes`."""

import ast

from mnist_digit_recognizer import PROJECT

# What makes training data, but decides nothing about a photo, is not tuned.
TRAINING = {"composer.py", "reader_training.py"}


def lines(paths):
    """Lines of files, as `wc -l` counts them."""
    return sum(path.read_bytes().count(b"\n") for path in paths)


def is_number(node):
    """Whether an expression is a number, or a tuple or dict of them."""
    kinds = (ast.Constant, ast.UnaryOp, ast.USub, ast.BinOp, ast.operator,
             ast.Tuple, ast.List, ast.Dict, ast.Load)
    nodes = list(ast.walk(node))
    numbers = [n.value for n in nodes if isinstance(n, ast.Constant)]
    return (all(isinstance(n, kinds) for n in nodes) and numbers != []
            and all(type(number) in (int, float) for number in numbers))


def constants(paths):
    """The tuned constants of modules: UPPERCASE names of numbers."""
    for path in paths:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and is_number(node.value):
                for name in ast.walk(node.targets[0]):
                    if isinstance(name, ast.Name) and name.id.isupper():
                        yield f"{path.stem}.{name.id}"


def sizes(project=PROJECT):
    """What there is and what there may be, by what is counted."""
    helpers, tests = project / "helpers", project / "tests"
    reading = [path for path in sorted((helpers / "handwriting").glob("*.py"))
               if path.name not in TRAINING]
    return {
        "lines of the core of helpers": (lines(helpers.glob("*.py")), 600),
        "lines of helpers": (lines(helpers.rglob("*.py")), 3000),
        "lines of tests": (lines(tests.rglob("*.py")), 5000),
        "tuned constants of helpers/handwriting": (
            len(list(constants(reading))), 40)}


if __name__ == "__main__":
    for name, (count, limit) in sizes().items():
        print(f"{name:<40}{count:>6,} of at most {limit:,}")
