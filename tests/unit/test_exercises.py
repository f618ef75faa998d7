"""Right answers are accepted; each mistake of the tables has its sentence."""

import sys
import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import precision_score

from helpers.exercises import check, checking

EXERCISES = checking.find_exercises()
FUNCTIONS = [name for name in EXERCISES if not EXERCISES[name].answers]
VALUES = [name for name in EXERCISES if EXERCISES[name].answers]


@pytest.fixture
def says(capsys):
    """What `check` prints, in one line."""
    def run(name, *answers):
        capsys.readouterr()
        check(name, *answers)
        return " ".join(capsys.readouterr().out.split())
    return run


def solve(name, *arguments):
    """What is right, in the dtype that is asked for."""
    right, dtype = EXERCISES[name].solution(*arguments), EXERCISES[name].dtype
    return np.asarray(right).astype(dtype) if dtype else right


def answers_of(name, change=lambda right: right):
    """The right answers: values, or a function that may change its result."""
    exercise = EXERCISES[name]
    if exercise.answers:
        return exercise.solution(*next(iter(exercise.cases().values())))
    return (lambda *given: change(np.array(solve(name, *given))),)


def mistakes_of(name, arguments):
    """The sentences about mistakes, each with a list of its results."""
    right = np.asarray(EXERCISES[name].solution(*arguments), float)
    with warnings.catch_warnings(action="ignore"):
        found = EXERCISES[name].mistakes(right, *arguments)
    return {message: results if isinstance(results, list) else [results]
            for message, results in found.items()}


def all_mistakes():
    """Every mistake that is known by its result, with its number."""
    return sorted({
        (name, message, number)
        for name, exercise in EXERCISES.items()
        for arguments in exercise.cases().values()
        for message, results in mistakes_of(name, arguments).items()
        for number, result in enumerate(results)
        if not isinstance(result, TypeError | tuple) or result})


@pytest.mark.parametrize("name, message, number", all_mistakes())
def test_each_mistake_is_met_with_its_sentence(says, name, message, number):
    def make_mistake(*arguments):
        results = mistakes_of(name, arguments)[message]
        result, right = results[number % len(results)], solve(name, *arguments)
        same = checking._same(result, right, EXERCISES[name].tolerance)
        return right if same else result

    answers = [make_mistake]
    if name in VALUES:
        result = make_mistake(*next(iter(EXERCISES[name].cases().values())))
        result = result if isinstance(result, tuple) else (result,)
        answers = [right if value is ... else value
                   for right, value in zip(answers_of(name), result)]
    said = says(name, *answers)
    assert said.startswith(f"{name}: not yet. ") and f": {message}" in said


@pytest.mark.parametrize("name", EXERCISES)
def test_right_answers_are_accepted_and_stubs_are_no_mistake(says, name):
    count = len(EXERCISES[name].answers) or 1
    assert says(name, *answers_of(name)) == f"{name}: right."
    assert says(name, *[...] * count) == f"{name}: not solved yet."
    assert says(name, *[1] * (count - 1), ...) == f"{name}: not solved yet."
    if name in FUNCTIONS:
        assert says(name, lambda *_: ...) == f"{name}: not solved yet."
    for answers in (), [1] * (count + 1):
        assert f"then {count} answer(s)" in says(name, *answers)


@pytest.mark.parametrize("name", FUNCTIONS)
class TestFunctions:
    """What is refused of every function."""

    def test_a_single_wrong_number(self, says, name):
        for place in (0, 0.5, 1):
            def change(right, place=place):
                index = int(place * (right.size - 1))
                value = float(right.flat[index])
                right.flat[index] = value - 3 if value > 127 else value + 3
                return right
            assert "wrong in 1 of " in says(name, *answers_of(name, change))

    def test_another_shape_dtype_or_type(self, says, name):
        wide = says(name, *answers_of(name, lambda r: np.array([r, r])))
        assert "has the shape (2, " in wide
        decimals = says(name, *answers_of(name, lambda r: r / 1))
        listed = says(name, *answers_of(name, lambda r: r.tolist()))
        if EXERCISES[name].dtype:
            assert "float64, and should have uint8" in decimals
            assert "is of type list. An array" in listed
        else:
            assert decimals == listed == f"{name}: right."

    def test_a_changed_argument(self, says, name):
        def change(*arguments):
            for argument in arguments:
                if isinstance(argument, np.ndarray | list):
                    argument[0] = 1 - np.array(argument[0])
            return solve(name, *arguments)
        assert "changes the array that it is given" in says(name, change)

    def test_no_result_and_an_error_with_its_line(self, says, name):
        assert "a `return` missing" in says(name, lambda *_: None)
        said = says(name, lambda *_: print("here"))
        assert said.startswith("here ") and "prints its result" in said
        space = {}
        exec("def fail(*_):\n\n    return 1 / 0", space)
        assert "raises ZeroDivisionError in line 3" in says(
            name, space["fail"])
        assert "raises TypeError: " in says(name, lambda: 1)
        assert "makes NumPy warn in line" in says(
            name, lambda *_: np.zeros(2) / np.zeros(2))
        assert "without parentheses" in says(name, np.zeros(3))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("wrong, words", [
    ("5", "without quotation marks"), (None, "one number"), ([], "one number"),
    (float("nan"), "no number"), (1e9, "too large"), (-1e9, "too small")])
def test_values_of_another_kind_or_size(says, name, wrong, words):
    right = answers_of(name)
    for place, value in enumerate(right):
        said = says(name, *right[:place], wrong, *right[place + 1:])
        words = "True or False" if isinstance(value, bool) else words
        assert f"not yet. `{EXERCISES[name].answers[place]}` " in said
        assert words in said


COMMON = {
    "swapped: coverage comes": ("coverage_and_risk", lambda r: r[::-1]),
    "coverage alone": ("coverage_and_risk", lambda r: r[0]),
    "risk alone": ("coverage_and_risk", lambda r: r[1]),
    "exchanged. Transpose": ("blend", lambda r: r.T),
    "inverted": ("make_paper_black", lambda r: 255 - r),
    "from 0 to 1,": ("stretch", lambda r: r / 255),
    "percent": ("precision", lambda r: 100 * r),
    "mean over all": ("precision", lambda r: r.mean(axis=0))}


def test_common_mistakes_have_a_sentence_too(says):
    assert "input, unchanged" in says("precision", lambda matrix: matrix)
    for words, (name, change) in COMMON.items():
        assert words in says(name, *answers_of(name, change))


# Other ways to the right answers: those of libraries, and other roundings.
RIGHT = {
    "blend": lambda a, b: np.ceil(a / 2 + b / 2).astype(np.uint8),
    "stretch": lambda x: np.interp(
        x, [x.min(), x.max() + 1e-9], [0, 255]).astype(np.uint8),
    "make_paper_black": lambda x: np.where(x[:, :1, :1] > 127, 255 - x, x),
    "standardise": lambda x, fit: (x - np.mean(fit)) / fit.std(ddof=1),
    "precision": lambda m: precision_score(
        *np.repeat(np.indices((10, 10)).reshape(2, -1), m.ravel(), axis=1),
        labels=range(10), average=None, zero_division=0),
    "pairs": (*stats.t.interval(0.95, 3, -0.35, stats.sem(
        [-0.4, -0.3, -0.3, -0.4])), np.False_)}


@pytest.mark.parametrize("name", RIGHT)
def test_another_way_to_the_right_answer_is_accepted(says, name):
    answers = [RIGHT[name]] if callable(RIGHT[name]) else RIGHT[name]
    assert says(name, *answers) == f"{name}: right."


class Hostile:
    """An object that fails at whatever it is asked."""

    def __repr__(self):
        raise RuntimeError("repr")

    __eq__ = __bool__ = __len__ = __float__ = __array__ = __repr__
    __hash__ = None


JUNK = [
    True, "\ud800", b"x", 10**5000, 1j, [[1], [1, 2]], {}, Hostile(), int, np,
    NotImplemented, ValueError, ValueError(), sys.exit, len, (n for n in "a"),
    np.zeros((0, 2)), np.full(3, np.nan), np.array("a"), np.zeros(2, "M8")]


@pytest.mark.parametrize("name", EXERCISES)
def test_junk_is_refused_and_nothing_is_raised(name):
    count = len(EXERCISES[name].answers) or 1
    for junk in JUNK:
        for answer in junk, lambda *_, junk=junk: junk:
            said = checking._judge(name, [answer] * count)
            assert said.startswith(f"{name}: not yet. ")
        check(junk, junk)


def test_an_unknown_name_is_met_with_the_names_that_are_meant(says):
    assert says("brigth", 1).endswith('in quotation marks: "bright".')
    for name in "xyz", np.zeros(3), [], Hostile():
        assert '", "'.join([*EXERCISES][:2]) in says(name, 1)
