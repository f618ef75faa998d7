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


@dataclass
class Exercise:
    """What `check` knows of an exercise."""

    solution: Callable  # gives the right result for the arguments of a case
    # Gives, for the right result and the arguments, sentences about mistakes,
    # each with the wrong result, or a list of them; `...` is any value.
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

    It takes the name of the exercise and the values that you found, or the
    function that you wrote, of any type; a ``...``, or a function that returns
    it, is not solved yet. It prints, and it never raises.
    """
    said = _judge(name, answers).encode(errors="replace").decode()
    print(textwrap.fill(said, 79, break_on_hyphens=False))


def find_exercises():
    """Return all exercises by name."""
    found = {}
    for number in 1, 2, 3:
        found |= import_module(f"{__package__}.notebook_{number}").EXERCISES
    return found


def draw_pixels(*shape, seed=0):
    """Return random gray levels from 1 to 254."""
    return np.random.default_rng(seed).integers(1, 255, shape, np.uint8)


def _judge(name, answers):
    name = name if isinstance(name, str) else ""
    found = find_exercises()
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
    """Raise a sentence if an answer is wrong; return True if there is none."""
    given = copy.deepcopy(arguments)
    right = exercise.solution(*arguments)
    if exercise.answers:
        result = [*map(_read_value, exercise.answers, answers, right)]
    else:
        result = _call(answers[0], given, arguments, said)
        if result is ...:
            return True
    right = np.asarray(right, float)
    off = not _same(result, right, exercise.tolerance)
    if off:
        _name_mistake(exercise, said, result, right, given)
    array = _make_array(result)
    listed = isinstance(result, list | tuple)
    if array is None or (exercise.dtype and listed):
        raise NotYet(f"{said} is {_describe(result)}. An array is asked for.")
    for what, wanted in ("shape", right.shape), ("dtype", exercise.dtype):
        if wanted not in (None, getattr(array, what)):
            raise NotYet(f"{said} has the {what} {getattr(array, what)}, and "
                         f"should have {wanted}.")
    if not off:
        return False
    wrong = ~(np.abs(array.astype(float) - right) <= exercise.tolerance)
    place = tuple(np.argwhere(wrong)[0].tolist())
    found, wanted = array[place], right[place]
    if exercise.answers:
        said = f"`{exercise.answers[place[0]]}`"
    if np.isnan(found):
        raise NotYet(f"{said} holds nan, which is no number but 0 / 0, say.")
    if exercise.answers:
        size = "small" if found < wanted else "large"
        raise NotYet(f"{said} is {found:g}, and that is too {size}.")
    raise NotYet(
        f"{said} is wrong in {wrong.sum()} of {wrong.size} places. At "
        f"{list(place)} it holds {found:g}, and should hold {wanted:g}.")


def _read_value(name, answer, right):
    array, truth = _make_array(answer), isinstance(right, bool)
    if array is None or array.size != 1 or (array.dtype.kind == "b") != truth:
        wanted = "True or False" if truth else "one number"
        wanted += ", without quotation marks" * isinstance(answer, str)
        raise NotYet(
            f"`{name}` is {_describe(answer)}, and should be {wanted}.")
    return array.item()


def _call(function, given, arguments, said):
    """Return what a learner's function gives, or the error that it raises."""
    if not callable(function):
        raise NotYet(f"The answer is no function but {_describe(function)}. "
                     "Hand over the function's name, without parentheses.")
    with (contextlib.redirect_stdout(io.StringIO()) as printed,
          warnings.catch_warnings(action="ignore")):
        warnings.simplefilter("error", RuntimeWarning)
        try:
            result = function(*given)
        except (Exception, SystemExit) as problem:
            result = problem
    print(printed.getvalue(), end="")
    for now, before in zip(given, arguments):
        if isinstance(before, np.ndarray | list) and not _same(now, before):
            raise NotYet(f"{said} changes the array that it is given, and who"
                         "ever calls it loses the original. Change a copy.")
    if result is None:
        hint = ("prints its result and returns None. Use `return` instead."
                if printed.getvalue() else
                "returns None. Is a `return` missing at its end?")
        raise NotYet(f"{said} {hint}")
    return result


def _name_mistake(exercise, said, result, right, given):
    names = exercise.answers
    with warnings.catch_warnings(action="ignore"):
        mistakes = exercise.mistakes(right, *given)
    if not names:
        mistakes |= _list_common(right, given[0], exercise.parts)
    for message, outcomes in mistakes.items():
        for outcome in outcomes if isinstance(outcomes, list) else [outcomes]:
            if names:
                outcome = outcome if isinstance(outcome, tuple) else (outcome,)
                said = ", ".join(f"`{name}`" for name, value
                                 in zip(names, outcome) if value is not ...)
                outcome = [found if value is ... else value
                           for found, value in zip(result, outcome)]
            if _same(result, outcome, exercise.tolerance):
                raise NotYet(f"{said}: {message}")
    if isinstance(result, BaseException):
        lines = traceback.extract_tb(result.__traceback__)[1:2]
        where = "".join(f" in line {line.lineno}" for line in lines)
        if isinstance(result, RuntimeWarning):
            raise NotYet(f"{said} makes NumPy warn{where}: {result}. Is "
                         "something divided by 0, or too large for its type?")
        raise NotYet(f"{said} raises {type(result).__name__}{where}: {result}")


def _list_common(right, first, parts):
    mistakes = {} if not parts else {
        f"the two are swapped: {parts[0]} comes first.": right[..., ::-1],
        f"that is {parts[0]} alone. Return {parts[1]}, too.": right[..., 0],
        f"that is {parts[1]} alone. Return {parts[0]}, too.": right[..., 1]}
    return mistakes | {
        "that is the input, unchanged.": first,
        "rows and columns are exchanged. Transpose the result.": right.T,
        "it is inverted: black and white are exchanged.": 255 - right,
        "it runs from 0 to 1, and should run from 0 to 255.": right / 255,
        "that is in percent. Give shares, between 0 and 1.": 100 * right,
        "that is the mean over all. Keep them apart.": right.mean(axis=0)}


def _same(one, other, tolerance=0):
    """Whether two results are the same numbers."""
    one, other = _make_array(one), _make_array(other)
    return one is not None and other is not None and (
        one.shape == other.shape
        and np.allclose(one, other, rtol=0, atol=tolerance, equal_nan=True))


def _make_array(thing):
    """Return an array of numbers or truth values, or None."""
    with contextlib.suppress(Exception):
        array = np.asarray(thing)
        return array if array.dtype.kind in "biuf" else None


def _describe(thing):
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape} and dtype {thing.dtype}"
    return f"of type {type(thing).__name__}"
