"""Pictures and labels in the form that a model takes."""

import numpy as np
import pytest

from helpers.data import prepare_images, split_validation


def test_prepared_images_lie_between_0_and_1_with_a_channel_axis():
    images = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    prepared = prepare_images(images)
    assert prepared.dtype == np.float32 and prepared.shape == (1, 2, 2, 1)
    assert prepared.ravel().tolist() == pytest.approx([0, 0.2, 0.4, 1])
    assert images.max() == 255


def test_no_pictures_are_prepared_to_no_pictures():
    assert prepare_images(np.zeros((0, 28, 28), np.uint8)).shape == (
        0, 28, 28, 1
    )


def test_prepared_twice_is_refused():
    prepared = prepare_images(np.ones((2, 28, 28), np.uint8))
    with pytest.raises(TypeError, match="prepared already"):
        prepare_images(prepared)


@pytest.mark.parametrize("shape", [(28, 28), (2, 28, 28, 1), (784,)])
def test_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match="count, height, width"):
        prepare_images(np.zeros(shape, np.uint8))


@pytest.fixture
def data():
    y = np.repeat(np.arange(10, dtype=np.uint8), np.arange(10, 110, 10))
    return np.arange(len(y)), y


def test_split_keeps_shares_and_shares_nothing(data):
    x, y = data
    (x_train, y_train), (x_val, y_val) = split_validation(x, y, size=55)
    assert np.bincount(y_val).tolist() == list(range(1, 11))
    assert sorted([*x_train, *x_val]) == x.tolist()
    assert np.array_equal(y_train, y[x_train])
    assert np.array_equal(y_val, y[x_val])


def test_split_depends_on_the_seed_alone(data):
    first, again, other = (
        split_validation(*data, size=55, seed=seed)[1][0] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_split_refuses_what_cannot_be_split(data):
    x, y = data
    with pytest.raises(ValueError):
        split_validation(x[:-1], y, size=55)
    with pytest.raises(ValueError):
        split_validation(x, y, size=5)
    with pytest.raises(ValueError):
        split_validation(x, y, size=len(x))
