"""Compare answers with right ones, and name the mistake behind a wrong one."""

import contextlib
import copy
import io
import textwrap
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module

import numpy as np

TABLES = ("notebook_1", "notebook_2", "notebook_3")


@dataclass(frozen=True)
class Exercise:
    """What `check` knows of an exercise."""

    solution: Callable  # gives the right result for the arguments of a case
    # Gives, for the right result and the arguments, sentences about mistakes,
    # each with the wrong result, or a list of them. A `...` is any answer.
    mistakes: Callable
    cases: Callable = lambda: {"": ()}  # gives words, and arguments to try
    answers: Sequence = ()  # the names of values; empty for a function
    parts: Sequence = ()  # what the two numbers or columns of a result are
    dtype: str | None = None  # that a result must have
    tolerance: float = 1e-5  # how far each number may be off
    given: Callable = dict  # gives the names that the notebook's code uses


class NotYet(Exception):
    """The answer is wrong; the message says what is off about it."""


def check(name, *answers):
    """Say whether the answer to an exercise is right, or what is wrong.

    It prints, and it never raises, whatever the answer is.

    Parameters
    ----------
    name : str
        The exercise.
    *answers : any type
        The values that you found, or the function that you wrote. A ``...``,
        or a function that returns it, is not solved yet.
    """
    said = _judge(name, answers).encode(errors="replace").decode()
    print(textwrap.fill(said, 79, break_on_hyphens=False))


def find_exercises(name=None):
    """Return all exercises by name, or those up to the table with this one."""
    found = {}
    for table in TABLES:
        found |= import_module(f"helpers.exercises.{table}").EXERCISES
        if name in found:
            break
    return found


def draw_pixels(*shape, seed=0):
    """Return random gray levels from 1 to 254."""
    return np.random.default_rng(seed).integers(1, 255, shape, np.uint8)


def _judge(name, answers):
    name = name if isinstance(name, str) else ""
    found = find_exercises(name)
    if name not in found:
        names = '", "'.join(get_close_matches(name, found) or found)
        return ("There is no exercise of this name. The first argument is its "
                f'name, in quotation marks: "{names}".')
    exercise, count = found[name], len(found[name].answers or [name])
    try:
        if any(answer is ... for answer in answers):
            return f"{name}: not solved yet."
        if len(answers) != count:
            raise NotYet(f"`check` needs the name, then {count} answer(s).")
        for case, arguments in exercise.cases().items():
            if _examine(exercise, f"`{name}` ({case})", answers, arguments):
                return f"{name}: not solved yet."
    except NotYet as complaint:
        return f"{name}: not yet. {complaint}"
    except Exception as problem:
        return (f"{name}: not yet. The answer cannot be examined: that raised "
                f"{type(problem).__name__}. Is it what the task asks for?")
    return f"{name}: right."


def _examine(exercise, said, answers, arguments):
    """Raise a sentence if an answer is wrong; return True if it is none."""
    right, given = exercise.solution(*arguments), copy.deepcopy(arguments)
    ...
