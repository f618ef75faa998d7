"""Photos are read at the command line, and a bad one stops nothing."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import mnist_digit_recognizer
from helpers.data import load_mnist
from helpers.handwriting import Number, to_mnist
from helpers.handwriting.predict import describe, read_photos, save_steps
from helpers.handwriting.reader import read_digit
from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import PROJECT, main
from tests.fixtures.scenes import FONTS, printed
from tests.unit.test_recogniser import build

READER = "helpers.handwriting.predict.read_number"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Save three digits as photos of ink on paper, and a text beside them."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "notes.txt").write_text("no picture")
    paths = [folder / f"photo_{number}.png" for number in range(3)]
    for path, digit in zip(paths, load_mnist()[0][0]):
        page = np.pad(np.kron(255 - digit, np.ones((10, 10), np.uint8)), 60,
                      constant_values=255)
        Image.fromarray(page).save(path)
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    """Save a recogniser that nobody trained."""
    path = tmp_path_factory.mktemp("model") / "small.keras"
    build().save(path)
    return str(path)


@pytest.fixture
def bad(tmp_path):
    """Write files that hold no digit."""
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "nothing").mkdir()
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    return [str(tmp_path / name) for name in (
        "text.png", "blank.png", "none.png", "nothing")]


@pytest.fixture
def predict(model_file, capsys):
    """Run the command; return its exit code, its output and its errors."""
    def run(*arguments):
        capsys.readouterr()
        code = main(["predict", "--model", model_file, *map(str, arguments)])
        return code, *capsys.readouterr()
    return run


def test_a_folder_gets_the_answers_of_the_model(photos, model_file, predict):
    code, said, errors = predict(os.path.dirname(photos[0]))
    assert (code, errors) == (0, "")
    model = load_recogniser(model_file)
    for line, photo in zip(said.splitlines(), photos, strict=True):
        (row,) = predict_digits(model, to_mnist(photo))
        row = (row + read_digit(photo)) / 2
        name, digit, probability, sign, *second = line.split()
        assert (name, int(digit), sign) == (photo, row.argmax(), "%")
        assert float(probability) == pytest.approx(100 * row.max(), abs=0.051)
        assert bool(second) == (np.sort(row)[-2] >= 0.05)


def test_bad_photos_are_told_and_the_rest_is_read(photos, bad, predict):
    mixed = [bad[0], photos[1], *bad[1:], photos[0]]
    code, said, errors = predict(*mixed)
    assert code == 1
    assert [line.split()[0] for line in said.splitlines()] == photos[1::-1]
    for line, file in zip(errors.splitlines(), bad, strict=True):
        assert line.startswith(f"{file}: ") and len(line) > len(file) + 10
    code, said, again = predict("--json", *mixed)
    readings = json.loads(said)
    assert (code, again) == (1, errors)
    assert [reading["file"] for reading in readings] == mixed
    for reading in readings:
        if reading["file"] in bad:
            assert set(reading) == {"file", "error"}
        else:
            probabilities = reading["probabilities"]
            assert 0.9 < sum(probabilities) < 1 + 1e-4
            assert reading["probability"] == max(probabilities)
            assert reading["digit"] == np.argmax(probabilities)


def test_a_letter_is_for_a_person(tmp_path, predict):
    printed("K", FONTS[0]).save(tmp_path / "letter.png")
    code, _, errors = predict(tmp_path / "letter.png", "--model",
                              mnist_digit_recognizer.SMALL_MODEL)
    assert code == 1 and "for a person to read" in errors


def test_a_line_is_read_or_goes_to_a_person(photos, monkeypatch, predict):
    numbers = [Number("1,250.-", None, [], 0.9876),
               Number(None, "It may read 17.\nLook.", [], 0.4)]
    monkeypatch.setattr(READER, lambda file: numbers[photos.index(file)])
    assert predict("--line", *photos[:2]) == (
        1, f"{photos[0]}  1,250.-   98.8 %\n",
        f"{photos[1]}: for a person to read. It may read 17. Look.\n")
    assert json.loads(predict("--line", "--json", photos[0])[1]) == [
        {"file": photos[0], "number": "1,250.-", "probability": 0.9876}]


def test_the_second_guess_is_told_where_it_is_close():
    for second, expected in ((0.05, "a.png   7   95.0 %  or 1  5.0 %"),
                             (0.049, "a.png   7   95.1 %")):
        chances = [0.0, second, *[0.0] * 5, 1 - second, 0.0, 0.0]
        reading = {"file": "a.png", "digit": 7, "probability": 1 - second,
                   "probabilities": chances}
        assert describe(reading, width=6) == expected


def test_any_error_is_one_line_that_no_terminal_obeys(monkeypatch):
    def fail(file):
        raise MemoryError("two\nlines \x1b[31m")

    monkeypatch.setattr(READER, fail)
    (reading,) = read_photos(["na\nme\udcff\x1b"])
    assert describe(reading) == "na?me??: two lines ?[31m"
    reading["file"] = "data:" + 5000 * "A" + "Z"
    assert describe(reading).startswith("data:AAA")
    assert "AAA…AAA" in describe(reading) and len(describe(reading)) < 400


def test_strips_stand_one_below_the_other(photos, bad, tmp_path, predict):
    target = tmp_path / "steps.png"
    heights = []
    for chosen in (photos[:1], [photos[0], *bad[:2], *photos[1:]]):
        predict(*chosen, "--explain", target)
        picture = Image.open(target)
        assert picture.format == "PNG" and picture.width > 400
        heights.append(picture.height)
    assert heights[1] == pytest.approx(4 * heights[0], abs=40)
    odd = shutil.copy(photos[0], tmp_path / "$\\bad{$ 手.png")
    reading = {"file": str(odd), "digit": 1, "probability": 0.5}
    assert save_steps([reading], target) == 1


def test_a_strip_that_cannot_be_made_is_told(photos, bad, tmp_path, predict):
    target = tmp_path / "steps.png"
    for photo, said in ((bad[0], "no strip"), (photos[0], f"{target}: ")):
        code, _, errors = predict(photo, "--explain", target)
        assert code == 1 and said in errors and not target.is_file()
        target.mkdir(exist_ok=True)


@pytest.mark.parametrize("content, said", [
    (None, "python mnist_digit_recognizer.py"), (b"rubbish", "not a .keras")])
def test_the_model_is_yours_or_the_small_one(
        photos, model_file, tmp_path, monkeypatch, capsys, content, said):
    yours, small = tmp_path / "yours.keras", tmp_path / "small.keras"
    monkeypatch.setattr(mnist_digit_recognizer, "MODEL", yours)
    monkeypatch.setattr(mnist_digit_recognizer, "SMALL_MODEL", small)
    if content:
        yours.write_bytes(content)
    assert main(["predict", photos[0]]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert "Nothing was started." in printed.err and said in printed.err
    shutil.copy(model_file, small)
    assert main(["predict", photos[0]]) == (2 if content else 0)


@pytest.mark.parametrize("arguments, said", [
    ("predict", "required: photo"),
    ("predict a.png --explain a.txt", "should end in .png"),
    ("predict a.png --explain no/such/a.png", "no folder no"),
    ("predict a.png --line --explain b.png", "single digits"),
    ("predict a.png --quick", "unrecognized arguments: --quick"),
    ("predict a.png --exp b.png", "unrecognized arguments"),
    ("--quick predict a.png", "predict comes first"),
    ("guess a.png", "invalid choice: 'guess'"),
    ("--epochs 0", "not a number from 1"),
    ("--epochs many", "not a number from 1"),
    ("--only 4", "invalid choice: 4"),
    ("--fast", "unrecognized arguments: --fast"),
    ("--epoch=3", "unrecognized arguments: --epoch=3")])
def test_a_wrong_command_line_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments.split())
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("link", [os.symlink, os.link, None])
def test_the_strip_never_replaces_a_photo(photos, tmp_path, capsys, link):
    photo = shutil.copy(photos[0], tmp_path / "photo.png")
    (tmp_path / "folder").mkdir()
    strip = tmp_path / "folder" / ".." / "photo.png"
    if link:
        strip = tmp_path / "strip.png"
        link(photo, strip)
    for chosen in {photo, photo if link is os.link else tmp_path}:
        with pytest.raises(SystemExit):
            main(["predict", str(chosen), "--explain", str(strip)])
        assert "would overwrite" in capsys.readouterr().err


@pytest.fixture
def script(tmp_path):
    """Start `predict` in a Python of its own, with a reader that is quick."""
    (tmp_path / "sieben ü 手.png").write_text("")
    code = """
import atexit, sys
import mnist_digit_recognizer as script
from helpers.handwriting import Number, predict
predict.read_number = lambda file: Number(
    str(len(open(file).read())), None, [], 1.0)
atexit.register(lambda: print({
    'tensorflow', 'papermill', 'nbclient', 'anywidget'} & set(sys.modules)))
script.start(['predict', '--line', 'sieben ü 手.png', 'none\\n手.png'])
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii",
             "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process


def test_odd_names_and_a_poor_terminal_leave_no_traceback(script):
    said, errors = script.communicate()
    assert said.startswith(r"sieben \xfc \u624b.png  0  ")
    assert said.endswith("set()\n")  # nothing that is not needed yet
    assert errors.startswith(r"none?\u624b.png: ")
    assert (script.returncode, len(errors.splitlines())) == (1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_reader_that_goes_away_leaves_no_traceback(script):
    script.stdout.close()
    assert (script.stderr.read(), script.wait()) == ("", 1)
