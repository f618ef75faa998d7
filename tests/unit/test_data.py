"""MNIST loads whole, and a bad file is refused with a clear message."""

import io
import subprocess
import sys

import numpy as np
import pytest

from helpers.data import MNIST_ARRAYS, MNIST_FILE, DatasetError, load_mnist
from mnist_digit_recognizer import PROJECT

TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_shapes_types_and_class_counts(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28)
    assert {array.dtype for pair in mnist for array in pair} == {
        np.dtype("uint8")
    }
    assert np.bincount(y_train).tolist() == TRAIN_COUNTS
    assert np.bincount(y_test).tolist() == TEST_COUNTS
    assert round(float(x_train.mean()) / 255, 4) == 0.1307
    assert round(float(x_train.std()) / 255, 4) == 0.3081


def test_first_test_digits_are_the_well_known_ones(mnist):
    assert mnist[1][1][:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_keras_reads_the_same_from_the_same_file(mnist, monkeypatch):
    import keras

    monkeypatch.setattr(
        "keras.src.datasets.mnist.get_file",
        lambda *args, **kwargs: str(MNIST_FILE),
    )
    theirs = keras.datasets.mnist.load_data()
    for ours, other in zip(mnist, theirs):
        for mine, yours in zip(ours, other):
            assert mine.dtype == yours.dtype and np.array_equal(mine, yours)


def arrays_of(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    return {
        "x_train": x_train, "y_train": y_train,
        "x_test": x_test, "y_test": y_test,
    }


def refused(path, *words):
    with pytest.raises(DatasetError) as caught:
        load_mnist(path)
    message = str(caught.value)
    assert all(word in message for word in (*words, "git checkout", "clone"))


def test_missing_file(tmp_path):
    refused(tmp_path / "mnist.npz", "no such file")


@pytest.mark.parametrize("kept", [0, 1000, 5_000_000, -30])
def test_truncated_file(tmp_path, kept):
    path = tmp_path / "mnist.npz"
    path.write_bytes(MNIST_FILE.read_bytes()[:kept])
    refused(path, "cannot be read")


@pytest.mark.parametrize("place", range(40, 9_400_000, 1_900_000))
def test_damaged_byte(tmp_path, place):
    data = bytearray(MNIST_FILE.read_bytes())
    for byte in range(place, place + 20):
        data[byte] ^= 0xFF
    path = tmp_path / "mnist.npz"
    path.write_bytes(data)
    refused(path)


def one_array():
    file = io.BytesIO()
    np.save(file, np.zeros((60000, 28, 28), np.uint8))
    return file.getvalue()


@pytest.mark.parametrize("content", [
    one_array(),
    b"version https://git-lfs.github.com/spec/v1\n", b"<html>404</html>",
    b"PK\x05\x06" + bytes(18),
])
def test_another_kind_of_file(tmp_path, content):
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    refused(path)


def test_altered_pixel_and_swapped_arrays_and_wrong_shapes(mnist, tmp_path):
    path = tmp_path / "mnist.npz"
    good = arrays_of(mnist)

    altered = good["x_test"].copy()
    altered[123, 14, 14] ^= 1
    np.savez(path, **{**good, "x_test": altered})
    refused(path, "x_test", "SHA-256", MNIST_ARRAYS["x_test"][1][:12])

    shuffled = good["y_train"][::-1]
    np.savez(path, **{**good, "y_train": shuffled})
    refused(path, "y_train", "SHA-256")

    swapped = {"x_train": good["x_test"], "x_test": good["x_train"]}
    np.savez(path, **{**good, **swapped})
    refused(path, "x_train", "(60000, 28, 28)", "(10000, 28, 28)")

    np.savez(path, **{**good, "y_test": good["y_test"].astype("int64")})
    refused(path, "y_test", "uint8", "int64")

    np.savez(path, **{k: v for k, v in good.items() if k != "y_test"})
    refused(path, "y_test", "not in it")


def test_pickled_arrays_are_never_opened(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=np.array([print], dtype=object))
    refused(path, "x_train")


@pytest.mark.parametrize("module", [
    "helpers", "helpers.data", "helpers.figures", "helpers.data",
    "helpers.quiet",
])
def test_module_does_not_import_tensorflow(module):
    code = (
        f"import {module}, sys; "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT)
    assert run.returncode == 0
