"""What examines an answer: its type, its shape, its numbers, its manners."""

import contextlib
import copy
import io
import reprlib
import warnings
from collections import namedtuple
from inspect import signature

import numpy as np

EXERCISES = {}

Exercise = namedtuple(
    "Exercise", "examine answers hints code reasoning why"
)


class NotYet(Exception):
    """The answer is wrong; the message says what is off about it."""


class NotAttempted(NotYet):
    """There is no answer: it is still ``...``."""


def exercise(*, hints, code, reasoning, why):
    """Register an exercise under the name of the function that examines it.

    Parameters
    ----------
    hints : list of str
        One or two; the second says more than the first.
    code : str
        A solution, as it stands in the notebook's cell.
    reasoning : str
        How one finds it.
    why : str
        What the answer is good for. It is said when the answer is right.

    Returns
    -------
    callable
        A decorator. The function that it decorates takes the answers, and
        raises `NotYet` unless they are right.
    """
    def register(examine):
        EXERCISES[examine.__name__] = Exercise(
            examine, len(signature(examine).parameters), hints,
            code.strip("\n"), reasoning, why,
        )
        return examine
    return register


def call(function, *arguments, said):
    """Call a learner's function with copies, and return what it returns.

    Parameters
    ----------
    function : any type
        The answer.
    *arguments : arrays, numbers, text, and lists of these
        What to call it with.
    said : str
        The call as the learner would write it, for the messages.

    Raises
    ------
    NotAttempted
        If it returns ``...``.
    NotYet
        If it cannot be called, fails, makes NumPy warn, changes an argument,
        or returns nothing.
    """
    if not callable(function):
        raise NotYet(
            f"The answer is no function but {kind(function)}. Hand over the "
            "function itself: its name without parentheses."
        )
    given = copy.deepcopy(arguments)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            result = function(*given)
    except RuntimeWarning as warning:
        raise NotYet(
            f"{said} makes NumPy warn: {warning}. Is something divided by 0, "
            "or too large for its type?"
        ) from None
    except (Exception, SystemExit) as error:
        raise NotYet(
            f"{said} raises {type(error).__name__}: {error}"
        ) from None
    finally:
        print(printed.getvalue(), end="")
    if result is ...:
        raise NotAttempted
    try:
        np.testing.assert_equal(given, arguments)
    except AssertionError:
        raise NotYet(
            f"{said} changes the array that it is given, and whoever calls it "
            "loses the original. Write into a copy, and return the copy."
        ) from None
    if result is None:
        raise NotYet(
            f"{said} prints its result and returns None. Use `return` in "
            "place of `print`." if printed.getvalue() else
            f"{said} returns None. Is a `return` missing at its end?"
        )
    return result


def number(answer, said):
    """Return one number as a float.

    Python's and NumPy's numbers are accepted, and an array that holds one.

    Raises
    ------
    NotYet
        If it is text, a truth value, an array of more numbers, or the like.
    """
    if isinstance(answer, str):
        raise NotYet(f"{said} is text. Leave out the quotation marks.")
    if callable(answer):
        raise NotYet(f"{said} is a function, and should be one number.")
    array = numbers(answer, said)
    if array.size != 1 or array.dtype.kind == "b":
        raise NotYet(f"{said} is {kind(answer)}, and should be one number.")
    return float(array.item())


def numbers(answer, said):
    """Return an array of numbers or truth values.

    Raises
    ------
    NotYet
        If NumPy cannot make such an array of it.
    """
    try:
        array = np.asarray(answer)
    except Exception:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise NotYet(f"{said} is {kind(answer)}. Numbers are asked for.")
    return array


def compare(answer, right, said, *, dtype=None, tolerance=0, mistakes=()):
    """Compare numbers with the right ones, every single one of them.

    Parameters
    ----------
    answer : any type
        The answer, or what its function returned.
    right : number or array
        What it should be. For a single number the messages do not tell it.
    said : str
        What the messages call it.
    dtype : str, optional
        The dtype that is asked for, such as ``"uint8"``.
    tolerance : float
        How far each number may be off.
    mistakes : sequence of (str, number or array)
        What comes out of mistakes that are often made: a sentence about the
        mistake, then its result.

    Raises
    ------
    NotYet
        Unless shape, dtype and all numbers are right.
    """
    array, right = numbers(answer, said), np.asarray(right, float)
    if isinstance(answer, list | tuple) and dtype:
        raise NotYet(f"{said} is {kind(answer)}. An array is asked for.")
    off = not _same(array, right, tolerance)
    for mistake, result in mistakes:
        if off and _same(array, result, tolerance):
            raise NotYet(mistake)
    if array.shape != right.shape:
        raise NotYet(
            f"{said} has the shape {array.shape}, and should have "
            f"{right.shape}."
        )
    if dtype and array.dtype != dtype:
        raise NotYet(
            f"{said} has the dtype {array.dtype}, with numbers from "
            f"{array.min():g} to {array.max():g}, and should have {dtype}."
        )
    if off:
        raise NotYet(_worst(array.astype(float), right, said, tolerance))


def _same(array, other, tolerance):
    return np.shape(array) == np.shape(other) and np.allclose(
        array, other, rtol=0, atol=tolerance
    )


def _worst(array, right, said, tolerance):
    """Say how many numbers are wrong, and show the first."""
    wrong = ~(np.abs(array - right) <= tolerance)
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    found, wanted = array[place], right[place]
    if np.isnan(found):
        return f"{said} holds nan, which is no number: 0 / 0, for example."
    if not place:
        size = "large" if found > wanted else "small"
        return f"{said} is {found:g}, and that is too {size}."
    return (
        f"{said} is wrong in {wrong.sum()} of {wrong.size} places. At "
        f"{list(place)} it holds {found:g}, and should hold {wanted:g}."
    )


def kind(thing):
    """Describe in a few words what something is."""
    if isinstance(thing, np.ndarray) and thing.dtype.kind in "biuf":
        return f"an array of shape {thing.shape} and dtype {thing.dtype}"
    name = type(thing).__name__
    return f"{reprlib.repr(thing)} (of type {name})" if name in (
        "str", "bool", "int", "float", "list", "tuple", "NoneType"
    ) else f"of type {name}"
