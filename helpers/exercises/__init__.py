"""Exercises that check themselves: `check`, `hint` and `solution`.

Each notebook's exercises stand in one module, `exercises_1` for notebook 1
and so on, and an answer is examined there by what it does, never by how it is
written. To add an exercise named `crop`:

1. In the notebook, at the end of a section: a Markdown cell
   ``### Exercise: …``, and a code cell that holds ``crop = ...``, or a
   function whose only line is ``return ...``, then ``check("crop", crop)``.
2. In the module, a function `crop` under `@exercise`, which takes the answer
   and raises `NotYet` with a sentence about what is wrong with it. The tools
   for that are in `exercises_tools`. A new module is imported below.
3. In ``tests/test_exercises.py``, three or more wrong answers, and the
   notebook in `TAUGHT`. The tests find the exercise by its name, and put its
   solution into its cell.
"""

import textwrap
from collections import Counter
from difflib import get_close_matches

# Each of them registers its exercises.
from helpers.exercises import notebook_1, notebook_2, notebook_3  # noqa: F401
from helpers.exercises.tools import EXERCISES, NotAttempted, NotYet

_hints_given = Counter()


def check(name, *answers):
    """Say whether the answer to an exercise is right, or what is wrong.

    Parameters
    ----------
    name : str
        The exercise.
    *answers : any type
        What you found: a number, an array, or the function that you wrote.
        A ``...``, or a function that returns it, is no attempt yet.

    Notes
    -----
    It prints, and it never raises, whatever the answer is.
    """
    _say(_verdict(name, answers))


def hint(name):
    """Give the first hint; when asked again, the second.

    Parameters
    ----------
    name : str
        The exercise.
    """
    if not _is_known(name):
        return _say(_unknown(name))
    hints = EXERCISES[name].hints
    _hints_given[name] += 1
    number = min(_hints_given[name], len(hints))
    _say(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if _hints_given[name] > len(hints):
        _say(f'That was the last hint. There is also solution("{name}").')


def solution(name):
    """Show a solution, and the reasoning behind it.

    Parameters
    ----------
    name : str
        The exercise.
    """
    if not _is_known(name):
        return _say(_unknown(name))
    print(EXERCISES[name].code + "\n")
    _say(EXERCISES[name].reasoning)


def _verdict(name, answers):
    """Examine the answers to one exercise, and put the result in words."""
    if not _is_known(name):
        return _unknown(name)
    exercise = EXERCISES[name]
    try:
        if any(answer is ... for answer in answers):
            raise NotAttempted
        if len(answers) != exercise.answers:
            raise NotYet(
                f"`check` needs the exercise's name and {exercise.answers} "
                f"answer{'s' * (exercise.answers > 1)}, and got "
                f"{len(answers)}."
            )
        exercise.examine(*answers)
    except NotAttempted:
        return f"{name}: not attempted yet."
    except NotYet as complaint:
        return f"{name}: not yet. {complaint}"
    except Exception as problem:
        return (
            f"{name}: not yet. The answer cannot be examined: that raised "
            f"{type(problem).__name__}. Is it of the kind that is asked for?"
        )
    return f"{name}: correct. {exercise.why}"


def _is_known(name):
    return isinstance(name, str) and name in EXERCISES


def _unknown(name):
    close = get_close_matches(name, EXERCISES) if isinstance(name, str) else []
    names = ", ".join(f'"{known}"' for known in close or EXERCISES)
    return (
        "There is no exercise of this name. The first argument is its name, "
        f"in quotation marks: {names}."
    )


def _say(text):
    """Print a text in lines of 79 characters, whatever is in it."""
    text = text.encode(errors="replace").decode()
    print(textwrap.fill(text, 79, break_on_hyphens=False))
