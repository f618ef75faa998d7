"""Photos are read at the command line, and a bad one stops nothing."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

import mnist_digit_recognizer
from helpers.data import load_mnist
from helpers.handwriting import to_mnist
from helpers.handwriting.predict import describe, read_photos, save_steps
from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import PROJECT, main

SCRIPT = PROJECT / "mnist_digit_recognizer.py"


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    """Save a recogniser that nobody trained."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input(shape=(28, 28, 1)), layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
    path = tmp_path_factory.mktemp("model") / "small.keras"
    model.save(path)
    return str(path)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Save three training digits as photos of ink on paper."""
    folder = tmp_path_factory.mktemp("photos")
    (digits, _), _ = load_mnist()
    paths = []
    for number, digit in enumerate(digits[:3]):
        image = Image.fromarray(255 - digit).resize((280, 280))
        page = Image.new("L", (400, 400), 255)
        page.paste(image, (60, 60))
        paths.append(str(folder / f"photo_{number}.png"))
        page.save(paths[-1])
    return paths


@pytest.fixture
def bad(tmp_path):
    """Write files that hold no digit."""
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    return [
        str(tmp_path / name)
        for name in ("text.png", "empty.png", "blank.png", "none.png", ".")
    ]


def run(arguments, **options):
    """Start the script from another folder, as a user does."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], text=True,
        capture_output=True, timeout=300, **options,
    )


def test_each_photo_gets_the_answer_of_the_model(photos, model_file, capsys):
    assert main(["predict", *photos, "--model", model_file]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert len(lines) == 3 and printed.err == ""
    for line, photo in zip(lines, photos):
        model = load_recogniser(model_file)
        (row,) = predict_digits(model, to_mnist(photo))
        name, digit, probability, sign, *second = line.split()
        assert (name, int(digit), sign) == (photo, row.argmax(), "%")
        assert float(probability) == pytest.approx(100 * row.max(), abs=0.051)
        _first, then = np.sort(row)[:-3:-1]
        assert bool(second) == (then >= 0.05)


def test_bad_photos_are_told_in_a_line_each_and_the_rest_is_read(
    photos, bad, model_file, capsys
):
    mixed = [bad[0], photos[0], *bad[1:], photos[1]]
    assert main(["predict", *mixed, "--model", model_file]) == 1
    printed = capsys.readouterr()
    assert [line.split()[0] for line in printed.out.splitlines()] == photos[:2]
    lines = printed.err.splitlines()
    assert len(lines) == len(bad)
    for line, file in zip(lines, bad):
        assert line.startswith(f"{file}: ") and len(line) > len(file) + 10


def test_json_holds_every_photo_in_order(photos, bad, model_file, capsys):
    mixed = [photos[2], bad[0], photos[0]]
    assert main(["predict", "--json", *mixed, "--model", model_file]) == 1
    readings = json.loads(capsys.readouterr().out)
    assert [reading["file"] for reading in readings] == mixed
    assert set(readings[1]) == {"file", "error"}
    for reading in readings[::2]:
        probabilities = reading["probabilities"]
        assert sum(probabilities) == pytest.approx(1, abs=1e-4)
        assert reading["probability"] == max(probabilities)
        assert reading["digit"] == probabilities.index(max(probabilities))


@pytest.mark.parametrize("second, expected", [
    (0.05, "a.png   7   95.0 %  or 1  5.0 %"),
    (0.049, "a.png   7   95.1 %"),
])
def test_the_second_guess_is_told_where_it_is_close(second, expected):
    probabilities = [0.0] * 10
    probabilities[7], probabilities[1] = 1 - second, second
    reading = {"file": "a.png", "digit": 7, "probability": 1 - second,
               "probabilities": probabilities}
    assert describe(reading, width=6) == expected


def test_any_error_is_one_line_that_no_terminal_obeys(monkeypatch):
    def fail(file):
        raise MemoryError("two\nlines \x1b[31m")

    monkeypatch.setattr("helpers.handwriting.predict.to_mnist", fail)
    (reading,) = read_photos(["na\nme\udcff\x1b"], None)
    assert describe(reading) == "na?me??: two lines ?[31m"


def test_a_name_that_fills_the_screen_is_cut_in_the_middle():
    (reading,) = read_photos(["data:image/png;base64," + 5000 * "A"], None)
    assert len(describe(reading)) < 400
    assert describe(reading).startswith("data:image/png;base64,AAA")
    assert "AAA…AAA" in describe(reading).partition(": An address")[0]
    reading = {"file": 197 * "n" + ".jp", "error": "no ink"}
    assert describe(reading) == f"{reading['file']}: no ink"


def test_strips_stand_one_below_the_other(photos, bad, model_file, tmp_path):
    heights = []
    unopened = bad[0]
    for chosen in (photos[:1], [photos[0], unopened, *photos[1:]]):
        target = tmp_path / "steps.png"
        main(["predict", *chosen, "--model", model_file,
              "--explain", str(target)])
        picture = Image.open(target)
        assert picture.format == "PNG" and picture.width > 400
        assert np.asarray(picture.convert("L")).std() > 20
        heights.append(picture.height)
    assert heights[1] == pytest.approx(3 * heights[0], abs=15)


def test_the_strip_of_a_blank_page_shows_how_far_it_went(
    bad, model_file, tmp_path
):
    target = tmp_path / "steps.png"
    assert main(["predict", bad[2], "--model", model_file,
                 "--explain", str(target)]) == 1
    assert np.asarray(Image.open(target).convert("L")).std() > 20


def test_a_name_like_a_formula_is_drawn_as_it_is(photos, tmp_path):
    file = tmp_path / "$\\bad{$ 手.png"
    file.write_bytes(open(photos[0], "rb").read())
    reading = {"file": str(file), "digit": 1, "probability": 0.5}
    assert save_steps([reading], tmp_path / "steps.png") == 1


def test_without_a_strip_nothing_is_written(bad, model_file, tmp_path, capsys):
    target = tmp_path / "steps.png"
    code = main(["predict", bad[0], "--model", model_file,
                 "--explain", str(target)])
    assert code == 1 and not target.exists()
    assert "no strip" in capsys.readouterr().err


def test_a_strip_that_cannot_be_written_is_told(
    photos, model_file, tmp_path, capsys
):
    target = tmp_path / "folder.png"
    target.mkdir()
    code = main(["predict", photos[0], "--model", model_file,
                 "--explain", str(target)])
    printed = capsys.readouterr()
    assert code == 1 and photos[0] in printed.out
    assert printed.err.startswith(f"{target}: ")


@pytest.mark.parametrize("content, said", [
    (None, "python mnist_digit_recognizer.py"), (b"rubbish", "not a Keras"),
])
def test_without_a_model_it_says_how_to_make_one(
    photos, tmp_path, monkeypatch, capsys, content, said
):
    missing = tmp_path / "model.keras"
    if content:
        missing.write_bytes(content)
    monkeypatch.setattr(mnist_digit_recognizer, "MODEL", missing)
    assert main(["predict", photos[0]]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert "Nothing was started." in printed.err and said in printed.err


@pytest.mark.parametrize("arguments, said", [
    (["predict"], "required: photo"),
    (["predict", "a.png", "--explain", "a.txt"], "should end in .png"),
    (["predict", "a.png", "--explain", "no/such/a.png"], "no folder no"),
    (["predict", "a.png", "--explain", "./a.png"], "would overwrite"),
    (["predict", "a.png", "--quick"], "unrecognized arguments: --quick"),
    (["predict", "a.png", "--exp", "b.png"], "unrecognized arguments"),
    (["--quick", "predict", "a.png"], "predict comes first"),
    (["guess", "a.png"], "invalid choice: 'guess'"),
])
def test_a_wrong_command_line_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("link", [os.symlink, os.link, None])
def test_the_strip_never_replaces_a_photo(photos, tmp_path, capsys, link):
    photo = tmp_path / "photo.png"
    photo.write_bytes(open(photos[0], "rb").read())
    strip = tmp_path / "folder" / ".." / "photo.png"
    (tmp_path / "folder").mkdir()
    if link:
        strip = tmp_path / "strip.png"
        link(photo, strip)
    with pytest.raises(SystemExit):
        main(["predict", str(photo), "--explain", str(strip)])
    assert "would overwrite" in capsys.readouterr().err
    assert photo.read_bytes() == open(photos[0], "rb").read()


def test_odd_names_and_a_poor_terminal_leave_no_traceback(
    photos, model_file, tmp_path
):
    odd = tmp_path / "sieben ü 手.png"
    odd.write_bytes(open(photos[0], "rb").read())
    done = run(
        ["predict", odd.name, "none\n手.png", "--model", model_file],
        cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert done.stdout.startswith(r"sieben \xfc \u624b.png  ")
    assert done.stderr.startswith(r"none?\u624b.png: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_reader_that_goes_away_leaves_no_traceback(photos, model_file):
    script = subprocess.Popen(
        [sys.executable, str(SCRIPT), "predict", *photos,
         "--model", model_file],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    script.stdout.close()
    said = script.stderr.read()
    assert (script.wait(timeout=300), said) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="no times of children")
def test_it_starts_in_the_time_that_tensorflow_needs(photos, model_file):
    def seconds(*command):
        before = os.times()
        subprocess.run(
            [sys.executable, *command], check=True, capture_output=True
        )
        after = os.times()
        return (after.children_user - before.children_user
                + after.children_system - before.children_system)

    predict = seconds(str(SCRIPT), "predict", photos[0], "--model", model_file)
    alone = seconds("-c", "import tensorflow")
    assert predict < 1.4 * alone + 0.3


def test_it_loads_nothing_that_runs_notebooks(photos, model_file):
    code = (
        "import sys, mnist_digit_recognizer as script\n"
        f"script.main(['predict', {photos[0]!r}, '--model', {model_file!r}])\n"
        "print({'papermill', 'nbclient', 'jupyter_client', 'anywidget'}"
        " & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, text=True,
        capture_output=True, timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "set()\n")
