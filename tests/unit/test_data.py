"""MNIST loads whole, a bad file is refused, and images are made ready."""

import re
import subprocess
import sys

import numpy as np
import pytest

from helpers import data
from helpers.data import load_mnist, prepare_images, split_validation
from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read

TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_shapes_types_and_class_counts(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28)
    assert all(a.dtype == np.uint8 for pair in mnist for a in pair)
    assert np.bincount(y_train).tolist() == TRAIN_COUNTS
    assert np.bincount(y_test).tolist() == TEST_COUNTS
    assert round(float(x_train.mean()) / 255, 4) == 0.1307
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


@pytest.mark.parametrize("change", [
    lambda file: None, lambda file: b"", lambda file: file[:-30],
    lambda file: file[:5_000_000] + b"?" + file[5_000_001:],
    lambda file: b"version https://git-lfs.github.com/spec/v1\n",
], ids=["missing", "empty", "cut", "one byte", "a pointer"])
def test_another_file_is_refused(tmp_path, change):
    path = tmp_path / "mnist.npz"
    content = change(data.MNIST_FILE.read_bytes())
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(data.DatasetError, match="git checkout") as caught:
        load_mnist(path)
    assert str(path) in str(caught.value)


def test_notebook_1_and_much_else_need_no_tensorflow():
    code = "import sys; sys.modules.update(tensorflow=None, keras=None)\n"
    for cell in code_cells(read(NOTEBOOKS[0])):
        code += "".join(re.findall(r"(?m)^(?:import|from) .+\n?", cell.source))
        code += "\n"
    assert "from helpers.data import" in code
    code += """
import helpers.figures, helpers.handwriting.reader, helpers.quiet
from helpers.exercises import check; check("x")"""
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_prepared_images_lie_between_0_and_1_with_a_channel_axis():
    images = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    prepared = prepare_images(images)
    assert prepared.dtype == np.float32 and prepared.shape == (1, 2, 2, 1)
    assert prepared.ravel().tolist() == pytest.approx([0, 0.2, 0.4, 1])
    assert images.max() == 255
    with pytest.raises(TypeError, match="prepared already"):
        prepare_images(prepared)
    for shape in (28, 28), (2, 28, 28, 1), (784,):
        with pytest.raises(ValueError, match="count, height, width"):
            prepare_images(np.zeros(shape, np.uint8))


Y = np.repeat(np.arange(10, dtype=np.uint8), np.arange(10, 110, 10))
X = np.arange(len(Y))


def test_split_keeps_shares_and_shares_nothing():
    (x_train, y_train), (x_val, y_val) = split_validation(X, Y, size=55)
    assert np.bincount(y_val).tolist() == list(range(1, 11))
    assert sorted([*x_train, *x_val]) == X.tolist()
    assert np.array_equal(y_train, Y[x_train])
    assert np.array_equal(y_val, Y[x_val])


def test_split_depends_on_the_seed_alone():
    first, again, other = (
        split_validation(X, Y, 55, seed)[1][0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("x, size", [(X[:-1], 55), (X, 5), (X, len(X))])
def test_split_refuses_what_cannot_be_split(x, size):
    with pytest.raises(ValueError):
        split_validation(x, Y, size=size)
