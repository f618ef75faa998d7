"""Recognisers are loaded and asked with care, and errors say what to do."""

import io
import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers.recogniser import load_recogniser, predict_digits
from tests.unit.test_quiet import run

pytestmark = pytest.mark.long


def build(*extra, shape=(28, 28, 1), out=10, activation="softmax"):
    """Build a small untrained recogniser whose answers vary."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input(shape=shape), layers.Flatten(), *extra,
        layers.Dense(out, activation=activation)])


@pytest.fixture(scope="module")
def model():
    return build(layers.Dropout(0.5), layers.BatchNormalization())


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(
        0, 256, (2100, 28, 28), dtype=np.uint8)


@pytest.fixture
def file(tmp_path, model):
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def expected(model, images):
    return model.predict(np.float32(images[..., None] / 255), verbose=0)


def test_answers_are_those_of_the_model(file, model, images):
    before = images.copy()
    found = predict_digits(load_recogniser(str(file)), images)
    assert np.array_equal(found, predict_digits(model, images))
    assert found.dtype == np.float32 and found.shape == (2100, 10)
    assert np.allclose(found, expected(model, images), atol=1e-6)
    assert len({tuple(row) for row in found}) > 2000
    assert np.array_equal(before, images)


def test_every_form_of_the_same_images_has_the_same_answer(model, images):
    x, wanted = images[:28], expected(model, images[:28])
    for form in (x, x[..., None], x / 255, (x / 255).astype(np.float32),
                 keras.ops.convert_to_tensor(x / 255)):
        assert np.allclose(predict_digits(model, form), wanted, atol=1e-6)
    for one in (x[0], x[0, ..., None], (x[0] / 255).tolist()):
        assert np.allclose(predict_digits(model, one), wanted[:1], atol=1e-6)


gray = np.full((2, 28, 28), 0.5)


@pytest.mark.parametrize("wrong, said", [
    (np.zeros((2, 32, 32)), r"got \(2, 32, 32\).*to_mnist"),
    (np.zeros((28, 28, 3)), r"gray.*got \(28, 28, 3\)"),
    (np.zeros(784), r"got \(784,\)"),
    (np.zeros((1, 1, 28, 28, 1)), r"got \(1, 1, 28, 28\)"),
    (np.zeros((0, 28, 28)), r"got \(0, 28, 28\)"),
    ([np.zeros((28, 28)), np.zeros((30, 30))], "shape"),
    (gray * 510, "to 255.*divide by 255"),
    (gray - 0.75, "from -0.25.*0 .black."),
    (np.where(np.arange(28) == 3, np.nan, gray), "NaN"),
    (np.where(np.arange(28) == 3, np.inf, gray), "infinity"),
    ((gray > 0).astype(np.uint8), "multiply them by 255"),
    ("photo.png", r"got <U9.*to_mnist\(path\)"),
    (Path("photo.png"), "to_mnist"), (None, "got object"),
    (gray > 0, "got bool"), (gray.astype(int), "got int64.*astype")])
def test_wrong_images_are_refused_in_a_sentence(model, wrong, said):
    with pytest.raises((TypeError, ValueError), match=f"(?s){said}"):
        predict_digits(model, wrong)


@pytest.mark.parametrize("wrong, said", [
    (lambda: "model.keras", "this str takes None"),
    (lambda: build(shape=(28, 28)), r"takes \(None, 28, 28\) and"),
    (lambda: build(out=3), r"gives \(None, 3\)"),
    (lambda: build(activation=None), "softmax")])
def test_what_is_no_recogniser_is_refused(images, wrong, said):
    with pytest.raises(ValueError, match=said):
        predict_digits(wrong(), images[:1])


def test_a_model_that_changed_is_asked_anew(images):
    changed = build(layers.Dense(12, activation="relu"))
    first = predict_digits(changed, images[:9])
    changed.pop()
    changed.add(layers.Dense(10, activation="softmax"))
    second = predict_digits(changed, images[:9])
    assert np.allclose(second, expected(changed, images[:9]), atol=1e-6)
    assert not np.allclose(first, second)
    changed.set_weights([np.nan * w for w in changed.get_weights()])
    with pytest.raises(ValueError, match="not probabilities"):
        predict_digits(changed, images[:9])


def rewritten(original, part, change):
    """Return a model's bytes with one of its parts changed, or dropped."""
    target = io.BytesIO()
    with (zipfile.ZipFile(io.BytesIO(original)) as archive,
          zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy):
        for name in archive.namelist():
            content = archive.read(name)
            content = change(content) if name == part else content
            if content is not None:
                copy.writestr(name, content)
    return target.getvalue()


def with_layer(data, name, **config):
    """Return a model's bytes with another class for its last layer."""
    def change(text):
        parts = json.loads(text)
        parts["config"]["layers"][-1].update(
            class_name=name, config={"name": "trap", **config})
        return json.dumps(parts)
    return rewritten(data, CONFIG, change)


CONFIG, WEIGHTS = "config.json", "model.weights.h5"


@pytest.mark.parametrize("damage, said", [
    (lambda data: b"", "a part"),
    (lambda data: data[:-100], "a part"),
    (lambda data: data[:20_000] + b"?" * 99 + data[20_099:], "damaged"),
    (lambda data: rewritten(data, CONFIG, lambda c: None), "config.json"),
    (lambda data: rewritten(data, CONFIG, lambda c: b"{"), ""),
    (lambda data: rewritten(data, CONFIG, lambda c: b"[" * 10**5), ""),
    (lambda data: rewritten(data, WEIGHTS, lambda w: w[:9000]), ""),
    (lambda data: rewritten(data, CONFIG, lambda c: c.replace(
        b"keras.layers", b"os")), ""),
    (lambda data: rewritten(data, WEIGHTS, lambda w: bytes(300_000_000)),
     "unpacks to 300 MB"),
    (lambda data: with_layer(data, "TFSMLayer", filepath="trap"), ""),
    (lambda data: with_layer(data, "TorchModuleWrapper", module="gA=="), "")])
def test_damaged_and_foreign_files_are_refused(file, damage, said):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match="was not loaded") as caught:
        load_recogniser(file)
    message = str(caught.value)
    assert str(file) in message and "mnist_digit_recognizer.py" in message
    assert "\n" not in message and "safe_mode" not in message
    assert said in message.replace(str(file), "")


def test_what_is_no_file_of_a_recogniser_is_refused(tmp_path):
    build(out=26).save(tmp_path / "letters.keras")
    for name, error, said in (
        ("letters.keras", ValueError, "a recogniser takes shape"),
        ("none.keras", FileNotFoundError, "python mnist_digit_reco"),
        ("", ValueError, r"not a \.keras file"),
    ):
        with pytest.raises(error, match=said):
            load_recogniser(tmp_path / name)


def test_code_in_a_model_is_never_executed(tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "trap.keras"
    code = f"lambda x: (open({str(trace)!r}, 'w'), x)[1]"
    build(layers.Lambda(eval(code))).save(path)
    trace.unlink()  # building the model ran it
    with pytest.raises(ValueError, match="Lambda"):
        load_recogniser(path)
    assert not trace.exists()
    keras.saving.load_model(path, safe_mode=False)
    assert trace.exists()  # so there was something to execute


def test_loading_and_asking_write_nothing(file):
    code = f"""
import numpy
from helpers.recogniser import load_recogniser, predict_digits, tf
tf.config.experimental.enable_op_determinism()
for again in range(6):
    model = load_recogniser({str(file)!r})
    for count in (1, 3, 1001):
        predict_digits(model, numpy.zeros((count, 28, 28)))
"""
    assert run(code) == (0, "")
