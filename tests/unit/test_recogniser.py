"""Recognisers are loaded and asked with care, and errors say what to do."""

import gc
import io
import json
import re
import subprocess
import sys
import time
import weakref
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import PROJECT


def build(*extra, shape=(28, 28, 1), out=10, activation="softmax"):
    """Build a small untrained recogniser whose answers vary."""
    return keras.Sequential([
        keras.Input(shape=shape), layers.Flatten(), *extra,
        layers.Dense(out, activation=activation),
    ])


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return build(layers.Dropout(0.5), layers.BatchNormalization())


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (2100, 28, 28), dtype=np.uint8)


@pytest.fixture
def file(tmp_path, model):
    path = tmp_path / "model.keras"
    model.save(path)
    return path


def test_answers_are_those_of_the_model(model, images):
    scaled = images[..., None].astype(np.float32) / np.float32(255)
    expected = model.predict(scaled, batch_size=1000, verbose=0)
    found = predict_digits(model, images)
    assert found.dtype == np.float32 and found.shape == (2100, 10)
    assert np.allclose(found, expected, atol=1e-6)
    assert len({tuple(row) for row in found}) > 2000


@pytest.mark.parametrize("change, count", [
    (lambda x: x[:3], 3),
    (lambda x: x[:3, ..., None], 3),
    (lambda x: x[:3] / 255, 3),
    (lambda x: (x[:3, ..., None] / 255).astype(np.float32), 3),
    (lambda x: keras.ops.convert_to_tensor(x[:3] / 255), 3),
    (lambda x: list(x[:3]), 3),
    (lambda x: np.asfortranarray(x[:3]), 3),
    (lambda x: x[0], 1),
    (lambda x: x[0, ..., None], 1),
    (lambda x: (x[0] / 255).tolist(), 1),
    (lambda x: x[:28], 28),
])
def test_every_form_of_the_same_pictures_has_the_same_answer(
    model, images, change, count
):
    found = predict_digits(model, change(images))
    expected = predict_digits(model, images[:count])
    assert found.shape == (count, 10)
    assert np.allclose(found, expected, atol=1e-6)


def test_pictures_are_not_changed(model, images):
    before = images[:5].copy()
    predict_digits(model, before)
    assert np.array_equal(before, images[:5])


def test_a_blank_page_is_answered(model):
    assert predict_digits(model, np.zeros((28, 28))).shape == (1, 10)


gray = np.full((2, 28, 28), 0.5)
with_nan, with_inf = gray.copy(), gray.copy()
with_nan[0, 3, 3], with_inf[1, 3, 3] = np.nan, np.inf


@pytest.mark.parametrize("wrong, error, said", [
    (np.zeros((2, 32, 32)), ValueError, r"\(28, 28\).*got \(2, 32, 32\)"),
    (np.zeros((28, 28, 3)), ValueError, r"gray, and got \(28, 28, 3\)"),
    (np.zeros((1, 28, 28, 3)), ValueError, r"got \(1, 28, 28, 3\)"),
    (np.zeros((1, 1, 28, 28)), ValueError, r"got \(1, 1, 28, 28\)"),
    (np.zeros((2, 784)), ValueError, r"got \(2, 784\)"),
    (np.zeros(784), ValueError, r"got \(784,\)"),
    (np.array(0.5), ValueError, r"got \(\)"),
    (np.zeros((1, 1, 28, 28, 1)), ValueError, r"got \(1, 1, 28, 28, 1\)"),
    (np.zeros((0, 28, 28)), ValueError, "no picture"),
    ([], ValueError, "no picture"),
    ([np.zeros((28, 28)), np.zeros((30, 30))], ValueError, "one size"),
    (gray * 510, ValueError, "up to 255.*divide by 255"),
    (gray * 3, ValueError, "up to 1.5"),
    (gray - 0.75, ValueError, "down to -0.25.*black is 0"),
    (with_nan, ValueError, "NaN"),
    (with_inf, ValueError, "infinite"),
    ((gray > 0).astype(np.uint8), ValueError, "multiply them by 255"),
    ("photo.png", TypeError, r"'photo.png'.*to_mnist\(path\)"),
    (Path("photo.png"), TypeError, "to_mnist"),
    (b"\x89PNG\r\n", TypeError, "to_mnist"),
    (["photo.png"], TypeError, "got <U9"),
    (gray > 0, TypeError, "got bool"),
    (gray.astype(int), TypeError, "got int64.*astype"),
    (gray.astype(complex), TypeError, "got complex128"),
    (gray.astype(object), TypeError, "got object"),
    (None, TypeError, "got object"),
])
def test_wrong_pictures_are_refused_in_a_sentence(model, wrong, error, said):
    with pytest.raises(error, match=f"(?s){said}"):
        predict_digits(model, wrong)


def test_what_is_no_recogniser_is_refused(images):
    picture = images[:1]
    for wrong in ("model.keras", picture, None):
        with pytest.raises(TypeError, match="takes a Keras model first"):
            predict_digits(wrong, picture)
    with pytest.raises(ValueError, match=r"takes \(None, 28, 28\)"):
        predict_digits(build(shape=(28, 28)), picture)
    with pytest.raises(ValueError, match=r"gives \(None, 3\)"):
        predict_digits(build(out=3), picture)
    with pytest.raises(ValueError, match="softmax"):
        predict_digits(build(activation=None), picture)


def test_a_model_with_broken_weights_is_refused(images):
    model = build()
    model.set_weights([np.full(w.shape, np.nan) for w in model.get_weights()])
    with pytest.raises(ValueError, match="not probabilities"):
        predict_digits(model, images[:2])


def test_one_picture_takes_a_few_milliseconds_and_no_predict(
    model, images, monkeypatch
):
    monkeypatch.setattr(keras.Model, "predict", None)
    predict_digits(model, images[0])
    taken = []
    for image in images[:30]:
        started = time.perf_counter()
        predict_digits(model, image)
        taken.append(time.perf_counter() - started)
    assert np.median(taken) < 0.02


def test_training_on_changes_the_answers(images):
    model = build()
    before = predict_digits(model, images[:9])
    model.set_weights([-weights for weights in model.get_weights()])
    assert not np.allclose(predict_digits(model, images[:9]), before)


def test_a_model_that_was_asked_can_go(images):
    model = build()
    predict_digits(model, images[0])
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_a_loaded_model_answers_as_the_saved_one(file, model, images):
    loaded = load_recogniser(str(file))
    assert np.array_equal(
        predict_digits(loaded, images[:9]), predict_digits(model, images[:9])
    )


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="python mnist_digit_reco"):
        load_recogniser(tmp_path / "none.keras")


def zipped(**files):
    """Return the bytes of a zip file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return target.getvalue()


def rewritten(original, part, change):
    """Return a model's bytes with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    return zipped(**parts)


def flipped(data, start):
    """Return bytes with 99 of them inverted."""
    end = start + 99
    return data[:start] + bytes(255 - b for b in data[start:end]) + data[end:]


@pytest.mark.parametrize("damage, said", [
    (lambda data: b"", "is empty"),
    (lambda data: data[:2000], "only a part"),
    (lambda data: data[:-100], "only a part"),
    (lambda data: data[-5000:], "cannot be read|damaged"),
    (lambda data: b"hello", "not a Keras model"),
    (lambda data: zipped(photo__png=b"1"), "config.json is not in it"),
    (lambda data: flipped(data, 20_000), "damaged"),
    (lambda data: rewritten(data, "config.json", lambda c: b"{"), "read"),
    (lambda data: rewritten(data, "config.json", lambda c: b"[]"), "Keras"),
    (lambda data: rewritten(data, "config.json", lambda c: b"\xff"), "read"),
    (lambda data: rewritten(data, "config.json", lambda c: b"[" * 10**5),
     "read"),
    (lambda data: rewritten(data, "model.weights.h5", lambda w: w[:9000]),
     "Keras cannot load it"),
    (lambda data: rewritten(data, "model.weights.h5", lambda w: b""),
     "Keras cannot load it"),
    (lambda data: rewritten(
        data, "config.json", lambda c: c.replace(b"Dense", b"Sparse")
    ), "Keras cannot load it"),
    (lambda data: rewritten(
        data, "config.json", lambda c: c.replace(b"keras.layers", b"os")
    ), "Keras cannot load it"),
])
def test_damaged_and_foreign_files_are_refused(file, damage, said):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match="was not loaded") as caught:
        load_recogniser(file)
    message = str(caught.value)
    assert str(file) in message and "mnist_digit_recognizer.py" in message
    assert "\n" not in message and "safe_mode" not in message
    assert re.search(said, message.replace(str(file), ""))


def test_a_folder_and_another_kind_of_file_are_refused(tmp_path):
    with pytest.raises(ValueError, match="folder"):
        load_recogniser(tmp_path)
    other = tmp_path / "model.h5"
    other.write_bytes(b"\x89HDF")
    with pytest.raises(ValueError, match=r"end in \.keras"):
        load_recogniser(other)


@pytest.mark.parametrize("wrong, said", [
    ({"shape": (32, 32, 1)}, r"takes \(None, 32, 32, 1\)"),
    ({"shape": (28, 28, 3)}, r"takes \(None, 28, 28, 3\)"),
    ({"shape": (784,)}, r"takes \(None, 784\)"),
    ({"out": 26}, r"gives \(None, 26\)"),
])
def test_a_model_of_other_shapes_is_refused(tmp_path, wrong, said):
    build(**wrong).save(tmp_path / "other.keras")
    with pytest.raises(ValueError, match=f"no digit recogniser: it {said}"):
        load_recogniser(tmp_path / "other.keras")


@pytest.mark.parametrize("known", [True, False])
def test_code_in_a_model_is_never_executed(tmp_path, monkeypatch, known):
    if not known:  # Keras itself does not execute it, either
        monkeypatch.setattr("helpers.recogniser.FOREIGN_CODE", set())
    trace = tmp_path / "trace"
    code = f"lambda x: (open({str(trace)!r}, 'w'), x)[1]"
    path = tmp_path / "trap.keras"
    build(layers.Lambda(eval(code))).save(path)
    trace.unlink()  # building the model ran it
    said = r"Lambda.*never done here" if known else "Keras cannot load it"
    with pytest.raises(ValueError, match=said):
        load_recogniser(path)
    assert not trace.exists()
    keras.saving.load_model(path, safe_mode=False)
    assert trace.exists()  # so there was something to execute


def test_code_is_found_however_its_name_is_written(file):
    def hide(config):
        parts = json.loads(config)
        parts["config"]["layers"][-1]["class_name"] = "Lambda"
        return json.dumps(parts).replace("Lambda", r"\u004cambda").encode()

    file.write_bytes(rewritten(file.read_bytes(), "config.json", hide))
    with pytest.raises(ValueError, match="holds a Lambda"):
        load_recogniser(file)


def test_loading_and_asking_write_nothing(file):
    code = (
        "import numpy, sys\n"
        "from helpers.recogniser import load_recogniser, predict_digits, keras, tf"
        "\nkeras.utils.set_random_seed(0)\n"
        "tf.config.experimental.enable_op_determinism()\n"
        "model = load_recogniser(sys.argv[1])\n"
        "for count in (1, 3, 1001):\n"
        "    predict_digits(model, numpy.zeros((count, 28, 28)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], cwd=PROJECT, text=True,
        capture_output=True, timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
