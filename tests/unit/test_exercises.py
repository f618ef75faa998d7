"""Exercises: right answers are accepted, wrong ones refused with the reason.

The mistakes stand in the tables, once. Each is handed in as an answer here,
and must be met with its own sentence.
"""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.ndimage import center_of_mass
from scipy.signal import correlate2d
from scipy.stats import binomtest, sem, t
from sklearn.metrics import precision_recall_fscore_support

from helpers.exercises import check, checking
from mnist_digit_recognizer import PROJECT

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
    return (lambda *arguments: change(solve(name, *arguments)),)


def mistakes_of(name, arguments):
    """The sentences about mistakes, each with a list of its results."""
    exercise = EXERCISES[name]
    right = np.asarray(exercise.solution(*arguments), float)
    with warnings.catch_warnings(action="ignore"):
        found = exercise.mistakes(right, *arguments)
    return {message: results if isinstance(results, list) else [results]
            for message, results in found.items()}


def all_mistakes():
    """Every mistake that is made by its result, with its number."""
    for name, exercise in EXERCISES.items():
        counts = {}
        for arguments in exercise.cases().values():
            for message, results in mistakes_of(name, arguments).items():
                if not isinstance(results[0], TypeError | tuple) or results[0]:
                    counts[message] = max(len(results), counts.get(message, 0))
        for message, count in counts.items():
            for number in range(count):
                yield pytest.param(name, message, number,
                                   id=f"{name}: {message} {number}")


def make_mistake(name, message, number):
    """A function that makes this mistake."""
    def function(*arguments):
        results = mistakes_of(name, arguments)[message]
        result = results[min(number, len(results) - 1)]
        right = EXERCISES[name].solution(*arguments)
        same = checking._same(result, right, EXERCISES[name].tolerance)
        return solve(name, *arguments) if same else result
    return function


@pytest.mark.parametrize("name, message, number", [*all_mistakes()])
def test_each_mistake_is_met_with_its_own_sentence(
        says, name, message, number):
    exercise = EXERCISES[name]
    answers = make_mistake(name, message, number),
    if exercise.answers:
        arguments = next(iter(exercise.cases().values()))
        result = mistakes_of(name, arguments)[message][number]
        result = result if isinstance(result, tuple) else (result,)
        answers = [right if value is ... else value
                   for right, value in zip(answers_of(name), result)]
    said = says(name, *answers)
    assert said.startswith(f"{name}: not yet. ") and f": {message}" in said


@pytest.mark.parametrize("name", EXERCISES)
class TestEveryExercise:
    """What holds whatever the exercise is."""

    def test_the_right_answer_is_accepted(self, says, name):
        assert says(name, *answers_of(name)) == f"{name}: right."

    def test_a_stub_is_no_mistake(self, says, name):
        count = len(EXERCISES[name].answers) or 1
        assert says(name, *[...] * count) == f"{name}: not solved yet."
        assert says(name, *[1] * (count - 1), ...).endswith("solved yet.")
        if name in FUNCTIONS:
            assert says(name, lambda *_: ...) == f"{name}: not solved yet."

    def test_the_number_of_answers_is_asked_for(self, says, name):
        count = len(EXERCISES[name].answers) or 1
        for answers in [(), [1] * (count + 1)]:
            assert f"then {count} answer(s)" in says(name, *answers)

    def test_mistakes_are_of_five_kinds_or_more(self, name):
        arguments = next(iter(EXERCISES[name].cases().values()))
        assert len(mistakes_of(name, arguments)) >= 5


@pytest.mark.parametrize("name", FUNCTIONS)
class TestFunctions:
    """What is refused of every function."""

    @pytest.mark.parametrize("place", [0, 0.5, 1])
    def test_a_single_wrong_number(self, says, name, place):
        def change(right):
            right = np.array(right)
            index = int(place * (right.size - 1))
            value = float(right.flat[index])
            right.flat[index] = value - 3 if value > 127 else value + 3
            return right
        assert "wrong in 1 of " in says(name, *answers_of(name, change))

    def test_another_shape(self, says, name):
        wider = answers_of(name, lambda right: np.array([right, right]))
        assert "has the shape (2, " in says(name, *wider)

    def test_another_dtype_or_a_list_where_it_matters(self, says, name):
        decimals = says(name, *answers_of(name, lambda r: np.array(r) / 1))
        listed = says(name, *answers_of(name, lambda r: np.array(r).tolist()))
        if EXERCISES[name].dtype:
            assert "float64, and should have uint8" in decimals
            assert "is of type list. An array" in listed
        else:
            assert decimals == listed == f"{name}: right."

    def test_a_changed_argument(self, says, name):
        def change(*arguments):
            result = solve(name, *arguments)
            for argument in arguments:
                if isinstance(argument, np.ndarray | list):
                    argument[0] = 1 - np.array(argument[0])
            return result
        if name == "enlarge":
            pytest.skip("takes two numbers, which cannot be changed")
        assert "changes the array that it is given" in says(name, change)

    def test_no_result(self, says, name):
        assert "a `return` missing" in says(name, lambda *_: None)
        assert "prints its result" in says(name, lambda *_: print("here"))

    def test_an_error_with_its_line(self, says, name):
        code = "def fail(*_):\n\n    return 1 / 0"
        space = {}
        exec(code, space)
        assert "raises ZeroDivisionError in line 3" in says(
            name, space["fail"])
        assert "raises TypeError: " in says(name, lambda: 1)
        assert "makes NumPy warn in line" in says(
            name, lambda *_: np.zeros(2) / np.zeros(2))

    def test_its_result_in_place_of_the_function(self, says, name):
        assert "without parentheses" in says(name, np.zeros(3))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("wrong, words", [
    ("5", "without quotation marks"), (None, "should be "), ([], "should be "),
    (np.zeros(3), "should be "), (print, "should be "),
    (float("nan"), "no number"), (1e9, "too large"), (-1e9, "too small"),
])
def test_values_of_another_kind(says, name, wrong, words):
    right = answers_of(name)
    for place, value in enumerate(right):
        is_number = isinstance(wrong, float) and isinstance(value, bool)
        answers = [*right[:place], wrong, *right[place + 1:]]
        said = says(name, *answers)
        assert EXERCISES[name].answers[place] in said
        assert ("True or False" if is_number else words) in said or (
            name == "farthest" and "without a sign" in said)


@pytest.mark.parametrize("name, change, words", [
    ("recall_and_precision", lambda r: r[:, ::-1], "swapped: recall comes"),
    ("find_centres", lambda r: r[:, 0], "that is the row alone"),
    ("stop_early", lambda r: r[1], "that is the best one alone"),
    ("coverage_and_risk", lambda r: 100 * r, "percent"),
    ("respond", lambda r: r.T, "rows and columns"),
    ("to_pixels", lambda r: r[0], "the first axis"),
    ("stretch", lambda r: 255 - r, "inverted"),
    ("make_paper_black", lambda r: r / 255, "from 0 to 1"),
    ("find_centres", lambda r: r.mean(axis=0), "for all"),
    ("recall_and_precision", lambda r: r.mean(axis=0), "mean over all"),
])
def test_common_mistakes_have_a_sentence_too(says, name, change, words):
    assert words in says(name, *answers_of(
        name, lambda right: change(np.asarray(right))))


def test_input_that_comes_back_has_a_sentence(says):
    for name in "add_frame", "mirror_safely", "standardise", "blend":
        assert "unchanged" in says(name, lambda image, *_: image)


@pytest.mark.parametrize("answer, words", [
    (lambda network, image: (7, 0.99), "never calls the network"),
    (lambda network, image: network(image / 255), "was given (28, 28)"),
    (lambda network, image: solve("read_one", network, image[::-1]),
     "other pixels"),
])
def test_what_the_network_is_given_is_looked_at(says, answer, words):
    assert words in says("read_one", answer)


def test_predict_digits_is_no_way_around(says):
    from helpers.recogniser import predict_digits
    assert "a real network" in says("read_one", predict_digits)


RIGHT = {
    "add_frame": lambda x, w: np.pad(
        x[w:6 - w, w:9 - w], w, constant_values=255),
    "blend": lambda a, b: np.ceil(a / 2 + b / 2).astype(np.uint8),
    "stretch": lambda x: np.interp(
        x, [x.min(), x.max() + 1e-9], [0, 255]).astype(np.uint8),
    "to_pixels": lambda x: (x.clip(0, 1) * 255 + 0.5).astype(
        np.uint8).squeeze(axis=3),
    "make_paper_black": lambda x: np.where(
        x[:, :1, :1] > 127, 255 - x, x),
    "pictures_first": lambda x: np.stack(np.split(x, x.shape[2], axis=2)),
    "standardise": lambda x, fit: (x - np.mean(fit)) / fit.std(ddof=1),
    "mirror_safely": lambda x, y: np.stack([
        np.fliplr(image) if digit in (0, 8) else image
        for image, digit in zip(x, y)]),
    "enlarge": lambda f, n: np.linalg.inv(
        [[f, 0, (n - 1) / 2 * (1 - f)], [0, f, (n - 1) / 2 * (1 - f)],
         [0, 0, 1]]),
    "find_centres": lambda x: [
        center_of_mass(image if image.any() else image + 1) for image in x],
    "respond": lambda x, w: correlate2d(x, w, mode="valid"),
    "recall_and_precision": lambda m: np.transpose(
        precision_recall_fscore_support(
            np.repeat(np.arange(100) // 10, m.ravel()),
            np.repeat(np.arange(100) % 10, m.ravel()),
            labels=range(10), zero_division=0)[1::-1]),
    "read_one": lambda network, x: [round(float(f(network.predict(
        x[None, ..., None] / 255, verbose=0))), 3) for f in (
            np.argmax, np.max)],
}


@pytest.mark.parametrize("name", RIGHT)
def test_another_way_to_the_right_answer_is_accepted(says, name):
    if name in EXERCISES:
        assert says(name, RIGHT[name]) == f"{name}: right."
