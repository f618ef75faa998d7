"""helpers.augment gives the images that ImageDataGenerator would give."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from helpers.augment import (
    ImageDataGenerator,
    build_matrices,
    digit_generator,
    draw_parameters,
    fast_flow,
    warp,
)
from helpers.data import load_mnist, prepare_images
from tests.unit.test_quiet import run

# Keras takes SciPy's function by its old name.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Please import `affine_transf"),
    pytest.mark.long,
]

SHAPES = [(8, 8, 1), (6, 10, 3), (12, 4, 1)]


def noise(count, shape, seed=0):
    """Images that show every pixel that is not in its place."""
    return np.random.default_rng(seed).random((count, *shape), np.float32)


shifts = st.one_of(
    st.just(0.0), st.floats(0.01, 0.99), st.floats(1.0, 6.0),
    st.integers(1, 9), st.lists(st.integers(-9, 9), min_size=1, max_size=3))


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(
    shape=st.sampled_from(SHAPES), seed=st.integers(0, 2**32 - 1),
    options=st.fixed_dictionaries({
        "fill_mode": st.sampled_from(["nearest", "constant"]),
        "cval": st.sampled_from([0.0, 0.3]),
        "rotation_range": st.one_of(st.just(0), st.floats(0.5, 180)),
        "width_shift_range": shifts, "height_shift_range": shifts,
        "shear_range": st.one_of(st.just(0.0), st.floats(0.5, 60)),
        "zoom_range": st.one_of(
            st.just(0.0), st.floats(0.01, 0.9),
            st.tuples(st.floats(0.2, 1.0), st.floats(1.0, 5.0))),
        "horizontal_flip": st.booleans(), "vertical_flip": st.booleans()}))
def test_images_are_those_of_the_generator(shape, seed, options):
    generator, rng = ImageDataGenerator(**options), np.random.default_rng(seed)
    images = noise(4, shape, seed)
    drawn = draw_parameters(generator, 4, *shape[:2], rng)
    matrices = build_matrices(drawn, *shape[:2])
    found = warp(images, matrices, generator.fill_mode, generator.cval)
    assert found.dtype == images.dtype
    for index, image in enumerate(images):
        chosen = {name: values[index] for name, values in drawn.items()}
        expected = generator.apply_transform(image.copy(), chosen)
        np.testing.assert_allclose(found[index], expected, atol=1e-4)


@pytest.mark.parametrize("options", [
    {"rotation_range": 20, "shear_range": 15, "zoom_range": 0.3},
    {"zoom_range": [0.5, 0.8], "horizontal_flip": True},
    {"width_shift_range": 0.2, "height_shift_range": 3.5},
    {"width_shift_range": 4, "height_shift_range": 1.0},
    {"width_shift_range": [1, 2, 5], "height_shift_range": (0.1, 0.3)},
    {"height_shift_range": 1, "vertical_flip": True},
], ids="+".join)
def test_parameters_have_the_generators_distribution(options):
    generator, count = ImageDataGenerator(**options), 3000
    state = np.random.get_state()
    np.random.seed(0)
    theirs = [generator.get_random_transform((20, 30, 1))
              for _ in range(count)]
    np.random.set_state(state)
    rng = np.random.default_rng(0)
    ours = draw_parameters(generator, count, 20, 30, rng)
    for name, found in ours.items():
        expected = np.array([drawn[name] for drawn in theirs], float)
        assert found.shape == (count,)
        values = np.unique(expected)
        if len(values) < 20:
            np.testing.assert_array_equal(np.unique(found), values)
        assert ks_2samp(found.astype(float), expected).pvalue > 1e-3, name
    moved = np.array([v for v in ours.values() if len(np.unique(v)) > 1])
    related = np.corrcoef(moved.astype(float)) - np.eye(len(moved))
    assert abs(related).max() < 0.1


COUNT = 103
GENERATOR = ImageDataGenerator(rotation_range=20, width_shift_range=0.2)


def numbered(count=COUNT):
    """Plain images, whose gray tells their label whatever is done."""
    y = np.arange(count)
    x = (y / 1000).astype(np.float32)[:, None, None, None]
    return np.tile(x, (1, 8, 8, 1)), y


@pytest.mark.parametrize("batch_size", [1, 32, 103, 200])
@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_has_each_image_once_with_its_label(batch_size, shuffle):
    flow = fast_flow(GENERATOR, *numbered(), batch_size, shuffle, seed=0)
    slow = GENERATOR.flow(*numbered(), batch_size)
    orders = []
    for _ in range(2):
        batches = list(flow)
        assert len(batches) == len(flow) == len(slow)
        for (images, labels), (theirs, _) in zip(batches, slow):
            found = np.rint(1000 * images[:, 4, 4, 0])
            np.testing.assert_array_equal(found, labels)
            assert (images.shape, images.dtype) == (theirs.shape, theirs.dtype)
        orders.append(np.concatenate([labels for _, labels in batches]))
        np.testing.assert_array_equal(np.sort(orders[-1]), np.arange(COUNT))
    assert np.array_equal(orders[0], np.arange(COUNT)) != shuffle
    assert np.array_equal(*orders) != shuffle


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_seed_decides_all_and_looking_at_a_batch_nothing(shuffle):
    x = np.repeat(noise(1, SHAPES[0]), 20, axis=0)

    def two_epochs(seed=None, look_at=()):
        flow = fast_flow(GENERATOR, x, np.arange(20), 8, shuffle, seed)
        for index in look_at:
            np.testing.assert_array_equal(flow[index][0], flow[index][0])
        return np.concatenate([images for _ in "ab" for images, _ in flow])

    first = two_epochs(7)
    assert len(np.unique(first.reshape(40, -1), axis=0)) == 40
    np.testing.assert_array_equal(first, two_epochs(7, [1]))
    assert not np.array_equal(first, two_epochs(8))
    drawn = []
    for seed in (1, 1, 2):  # and without one, that of Keras
        keras.utils.set_random_seed(seed)
        drawn.append(two_epochs())
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_the_learners_data_are_left_alone_and_not_copied():
    x, y = numbered()
    generator = ImageDataGenerator(rotation_range=20)
    flow = fast_flow(generator, x, y, seed=0)
    first = flow[0][0]
    generator.rotation_range = 90
    np.testing.assert_array_equal(flow[0][0], first)
    np.testing.assert_array_equal(x, numbered()[0])
    assert np.shares_memory(flow.x, x)
    for index in (-1, len(flow)):
        with pytest.raises(IndexError, match=f"4 batches: no {index}"):
            flow[index]


def test_the_generator_for_digits_keeps_them_in_the_image():
    images = prepare_images(load_mnist()[1][0][:500])
    changed = fast_flow(digit_generator(), images, images, 500, False, 0)[0][0]
    ink = changed.sum(axis=(1, 2, 3)) / images.sum(axis=(1, 2, 3))
    assert 0.7 < ink.min() and ink.max() < 1.5
    assert np.abs(changed - images).mean(axis=(1, 2, 3)).min() > 0.01


SCRIPT = """
from helpers.quiet import quiet_start
with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
from tests.unit.test_augment import *
tf.config.experimental.enable_op_determinism()
seen = []
class Recorder(keras.Model):
    def train_step(self, data):
        seen.append(np.rint(1000 * data[0].numpy()[:, 4, 4, 0]).astype(int))
        assert (seen[-1] == data[1].numpy()).all()
        return {"loss": 0.0}
flow = fast_flow(GENERATOR, *numbered(100), 32, seed=0)
model = Recorder()
model.compile(run_eagerly=True)
model.fit(flow, epochs=2, verbose=0)
first, second = np.concatenate(seen[:4]), np.concatenate(seen[4:])
assert (np.sort([first, second]) == np.arange(100)).all()
assert (first != second).any() and flow.workers > 1
for _ in range(2):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    flow = fast_flow(GENERATOR, noise(100, SHAPES[0]), np.arange(100), 25)
    model.fit(flow, epochs=2, verbose=0)
    print(model.get_weights()[0].tobytes().hex())
"""


def test_fit_sees_each_image_once_and_is_reproducible_and_quiet():
    """In a process of its own, as determinism cannot be turned off again."""
    code, said = run(SCRIPT)
    first, second = said.split()
    assert (code, first) == (0, second)


X, Y = noise(10, SHAPES[0]), np.arange(10)


@pytest.mark.filterwarnings("ignore:This ImageDataGenerator specifies")
@pytest.mark.parametrize("option", [
    {"channel_shift_range": 0.1}, {"brightness_range": (0.5, 1.5)},
    {"featurewise_center": True}, {"samplewise_center": True},
    {"featurewise_std_normalization": True}, {"zca_whitening": True},
    {"samplewise_std_normalization": True}, {"rescale": 0.5},
    {"preprocessing_function": np.sqrt}, {"interpolation_order": 3},
    {"validation_split": 0.2}, {"data_format": "channels_first"},
    {"fill_mode": "reflect"}, {"fill_mode": "wrap"},
], ids=str)
def test_what_else_a_generator_can_do_is_refused(option):
    with pytest.raises(ValueError, match=r"generator\.flow\(x, y\)") as caught:
        fast_flow(ImageDataGenerator(**option), X, Y)
    assert any(name in str(caught.value) for name in (*option, "_center"))


@pytest.mark.parametrize("message, arguments", [
    ("ImageDataGenerator first, and got int", (3, X, Y)),
    ("got uint8", (GENERATOR, (255 * X).astype(np.uint8), Y)),
    (r"float32 \(10, 8, 8\)", (GENERATOR, X[..., 0], Y)),
    (r"\(0, 8, 8, 1\)", (GENERATOR, X[:0], Y[:0])),
    (r"labels \(9,\)", (GENERATOR, X, Y[:9])),
    (r"labels \(\)", (GENERATOR, X, None)),
    ("batch_size is 0", (GENERATOR, X, Y, 0))])
def test_wrong_arguments_are_refused(message, arguments):
    with pytest.raises(ValueError, match=message):
        fast_flow(*arguments)
