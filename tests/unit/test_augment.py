"""helpers.augment gives the pictures that ImageDataGenerator would give."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from helpers.augment import (
    FILL_MODES,
    augment,
    build_matrices,
    digit_generator,
    draw_parameters,
    fast_flow,
    warp,
)
from helpers.data import load_mnist, prepare_images

# Keras takes SciPy's function by its old name.
pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transf")

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

PROJECT = Path(__file__).resolve().parents[2]

# Few shapes, as each is compiled once: square, wide in colour, high. Their
# even sides keep the places read off the border, but for whole shifts.
SHAPES = [(8, 8, 1), (6, 10, 3), (12, 4, 1)]
STILL = {
    "theta": 0.0, "tx": 0.0, "ty": 0.0, "shear": 0.0, "zx": 1.0, "zy": 1.0,
    "flip_horizontal": False, "flip_vertical": False,
}


def pictures(count, shape, seed=0):
    """Noise, which shows every pixel that is not in its place."""
    noise = np.random.default_rng(seed).random((count, *shape))
    return noise.astype(np.float32)


def one_by_one(generator, images, parameters):
    """Have ImageDataGenerator itself change the pictures."""
    results = []
    for index, image in enumerate(images):
        chosen = {name: drawn[index] for name, drawn in parameters.items()}
        changed = generator.apply_transform(image.copy(), chosen)
        results.append(generator.standardize(changed))
    return np.stack(results)


def assert_same_as_generator(generator, shape, seed, images=None, **close):
    images = pictures(4, shape, seed) if images is None else images
    found = augment(generator, images.copy(), np.random.default_rng(seed))
    parameters = draw_parameters(
        generator, len(images), *shape[:2], np.random.default_rng(seed)
    )
    expected = one_by_one(generator, images, parameters)
    assert found.dtype == images.dtype
    np.testing.assert_allclose(found, expected, **(close or {"atol": 1e-5}))


# The same pictures as the generator

shifts = st.one_of(
    st.just(0.0),
    st.floats(0.01, 0.99),
    st.floats(1.0, 6.0),
    st.integers(1, 9),
    st.lists(st.integers(-9, 9), min_size=1, max_size=3),
    st.lists(st.floats(0.01, 0.9), min_size=1, max_size=3),
)
zooms = st.one_of(
    st.just(0.0),
    st.floats(0.01, 0.9),
    st.tuples(st.floats(0.2, 1.0), st.floats(1.0, 5.0)),
)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 2**32 - 1),
    options=st.fixed_dictionaries({
        "fill_mode": st.sampled_from(FILL_MODES),
        "cval": st.sampled_from([0.0, 0.3]),
        "rotation_range": st.one_of(st.just(0), st.floats(0.5, 180)),
        "width_shift_range": shifts,
        "height_shift_range": shifts,
        "shear_range": st.one_of(st.just(0.0), st.floats(0.5, 60)),
        "zoom_range": zooms,
        "channel_shift_range": st.sampled_from([0.0, 0.4]),
        "horizontal_flip": st.booleans(),
        "vertical_flip": st.booleans(),
    }),
)
def test_any_options_together(shape, seed, options):
    assert_same_as_generator(ImageDataGenerator(**options), shape, seed)


def stack(changes):
    """One array for each parameter; what is not named stays still."""
    return {
        name: np.array([{**STILL, **change}[name] for change in changes])
        for name in STILL
    }


ENDS = [
    {"theta": 40.0}, {"theta": -40.0}, {"theta": 179.0}, {"theta": 0.001},
    {"shear": 30.0}, {"shear": -30.0}, {"shear": 89.0},
    {"tx": 1.0}, {"tx": -2.5}, {"tx": 4.3}, {"tx": 40.0}, {"tx": -40.3},
    {"ty": 1.0}, {"ty": -2.5}, {"ty": 4.3}, {"ty": 40.0}, {"ty": -40.3},
    {"zx": 0.5}, {"zx": 2.0}, {"zy": 0.5}, {"zy": 2.0}, {"zx": 7.3},
    {"zx": 0.7, "zy": 1.6}, {"zx": 1.2, "zy": 1.2},
    {"flip_horizontal": True}, {"flip_vertical": True},
    {"flip_horizontal": True, "flip_vertical": True, "theta": 20.0},
    {"flip_horizontal": True, "tx": 2.0}, {"flip_vertical": True, "ty": 1.5},
    {"theta": 30.0, "tx": 2.0, "ty": -1.0, "shear": 20.0, "zx": 0.8},
    {},
]


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_parameter_alone(shape, fill_mode):
    generator = ImageDataGenerator(fill_mode=fill_mode, cval=0.3)
    images = pictures(len(ENDS), shape)
    parameters = stack(ENDS)
    matrices = build_matrices(parameters, *shape[:2])
    found = warp(images, matrices, fill_mode, 0.3)
    expected = one_by_one(generator, images, parameters)
    for end, picture, twin in zip(ENDS, found, expected, strict=True):
        np.testing.assert_allclose(picture, twin, atol=1e-5, err_msg=str(end))
    np.testing.assert_array_equal(found[-1], images[-1])


def from_jump(matrices, height, width, fill_mode):
    """How far from a jump in value each pixel of the new pictures is read."""
    pixels = np.indices((height, width)).reshape(2, -1)
    pixels = np.vstack([pixels, np.ones(height * width)])
    places = (matrices @ pixels)[:, :2].reshape(-1, 2, height, width)
    last = np.array([height - 1, width - 1])[:, None, None]
    if fill_mode == "constant":
        distances = np.minimum(abs(places), abs(places - last))
    else:
        distances = abs(places - last * np.rint(places / last))
    return distances.min(axis=1)


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("shape", [(8, 8, 1), (7, 11, 1)])
def test_only_places_on_a_jump_may_differ(fill_mode, shape):
    """The exception that the docstring of warp states."""
    changes = [{"theta": theta} for theta in (90.0, -90.0, 180.0, -180.0)]
    changes += [{"shear": shear} for shear in np.linspace(-9, 9, 31)]
    changes += [{**change, "flip_vertical": True} for change in changes]
    changes += ENDS
    generator = ImageDataGenerator(fill_mode=fill_mode, cval=0.3)
    images, parameters = pictures(len(changes), shape), stack(changes)
    matrices = build_matrices(parameters, *shape[:2])
    found = warp(images, matrices, fill_mode, 0.3)
    expected = one_by_one(generator, images, parameters)
    differs = (abs(found - expected) > 1e-5).any(axis=-1)
    if fill_mode in ("constant", "wrap"):
        distance = from_jump(matrices, *shape[:2], fill_mode)
        assert (distance[differs] < 1e-9).all()
        assert differs.any()  # or the docstring could do without it
    else:
        assert not differs.any()


def brighter(image):
    return image**2 + image.mean()


@pytest.mark.parametrize("options", [
    {"rescale": 0.5},
    {"samplewise_center": True},
    {"samplewise_center": True, "samplewise_std_normalization": True},
    {"featurewise_center": True},
    {"featurewise_center": True, "featurewise_std_normalization": True},
    {"featurewise_center": True, "zca_whitening": True},
    {"preprocessing_function": brighter},
    {"preprocessing_function": brighter, "rescale": 2.0,
     "samplewise_center": True, "featurewise_center": True},
], ids="+".join)
@pytest.mark.parametrize("shape", SHAPES[:2])
def test_standardization_is_honoured(options, shape):
    generator = ImageDataGenerator(rotation_range=30, **options)
    generator.fit(pictures(50, shape, seed=1))
    # Whitening multiplies small differences: compare in proportion.
    assert_same_as_generator(generator, shape, 2, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES[:2])
@pytest.mark.parametrize("top", [200.0, 400.0])
def test_brightness_is_honoured_on_0_to_255(shape, top):
    generator = ImageDataGenerator(
        rotation_range=30, brightness_range=(0.5, 1.8), horizontal_flip=True
    )
    images = top * pictures(4, shape)
    # Rounding down may fall to either side: one step of brightness at most.
    found = augment(generator, images, np.random.default_rng(3))
    parameters = draw_parameters(
        generator, 4, *shape[:2], np.random.default_rng(3)
    )
    expected = one_by_one(generator, images, parameters)
    np.testing.assert_allclose(found, expected, atol=4.0)
    assert (abs(found - expected) > 1e-3).mean() < 0.01


def test_float64_pictures_stay_float64():
    generator = ImageDataGenerator(rotation_range=30, dtype="float64")
    images = pictures(4, SHAPES[0]).astype(np.float64)
    assert_same_as_generator(generator, SHAPES[0], 0, images, atol=1e-12)


# The same distributions as the generator

RANGES = [
    {"rotation_range": 20, "shear_range": 15, "zoom_range": 0.3},
    {"zoom_range": [0.5, 0.8], "horizontal_flip": True},
    {"width_shift_range": 0.2, "height_shift_range": 0.1},
    {"width_shift_range": 3.5, "height_shift_range": 1.0},
    {"width_shift_range": 4, "height_shift_range": 1},
    {"width_shift_range": [1, 2, 5], "height_shift_range": (0.1, 0.3)},
    {"height_shift_range": 3, "vertical_flip": True},
    {"channel_shift_range": 0.2, "brightness_range": (0.5, 1.5)},
]


@pytest.mark.parametrize("options", RANGES, ids="+".join)
def test_parameters_have_the_generators_distribution(options):
    count, height, width = 3000, 20, 30
    generator = ImageDataGenerator(**options)
    state = np.random.get_state()
    np.random.seed(0)
    theirs = [
        generator.get_random_transform((height, width, 1))
        for _ in range(count)
    ]
    np.random.set_state(state)
    rng = np.random.default_rng(0)
    ours = draw_parameters(generator, count, height, width, rng)
    for name in theirs[0]:
        expected = [drawn[name] for drawn in theirs]
        if expected[0] is None:
            assert name not in ours
            continue
        expected, found = np.array(expected, float), ours[name].astype(float)
        assert found.shape == (count,)
        values = np.unique(expected)
        if len(values) < 20:
            np.testing.assert_array_equal(np.unique(found), values)
        else:
            low, high = expected.min(), expected.max()
            margin = 0.01 * (high - low)
            assert low - margin < found.min() and found.max() < high + margin
        assert ks_2samp(found, expected).pvalue > 1e-3, name


def test_parameters_do_not_depend_on_each_other():
    generator = ImageDataGenerator(
        rotation_range=20, width_shift_range=0.2, height_shift_range=0.2,
        shear_range=20, zoom_range=0.2, horizontal_flip=True,
        vertical_flip=True, channel_shift_range=0.1, brightness_range=(0, 1),
    )
    rng = np.random.default_rng(0)
    drawn = draw_parameters(generator, 5000, 28, 28, rng)
    assert len(drawn) == 10
    related = np.corrcoef(np.array([*drawn.values()], float)) - np.eye(10)
    assert abs(related).max() < 0.06


def test_average_picture_is_that_of_generator_flow():
    """From end to end: a wrong axis or sign anywhere moves the average."""
    count = 2000
    image = np.zeros((12, 12, 1), np.float32)
    image[2:5, 3:10] = image[5:9, 3:5] = 1.0
    x, y = np.repeat(image[None], count, axis=0), np.zeros(count)
    generator = ImageDataGenerator(
        rotation_range=15, width_shift_range=[1, 2], shear_range=10,
        height_shift_range=0.05, zoom_range=[0.7, 1.0],
    )
    slow = generator.flow(x, y, batch_size=count, seed=0)[0][0]
    fast = fast_flow(generator, x, y, batch_size=count, seed=0)[0][0]
    assert abs(slow.mean(axis=0) - fast.mean(axis=0)).max() < 0.06
    assert abs(slow.std(axis=0) - fast.std(axis=0)).max() < 0.06


# Batches and epochs

COUNT = 103
GENERATOR = ImageDataGenerator(rotation_range=20, width_shift_range=0.2)


def numbered(count=COUNT):
    """Plain pictures, whose gray tells their label whatever is done."""
    y = np.arange(count)
    gray = (y / 1000).astype(np.float32)
    return np.tile(gray[:, None, None, None], (1, 8, 8, 1)), y


def numbers(images):
    """Read the labels from numbered pictures."""
    return np.rint(1000 * images[:, 4, 4, 0]).astype(int)


@pytest.mark.parametrize("batch_size", [1, 32, 102, 103])
@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_has_each_picture_once_with_its_label(batch_size, shuffle):
    flow = fast_flow(GENERATOR, *numbered(), batch_size, shuffle, seed=0)
    slow = GENERATOR.flow(*numbered(), batch_size)
    orders = []
    for _ in range(2):
        batches = list(flow)
        assert len(batches) == len(flow) == len(slow)
        for images, labels in batches:
            np.testing.assert_array_equal(numbers(images), labels)
        assert [len(labels) for _, labels in batches] == [
            len(slow[i][1]) for i in range(len(slow))
        ]
        orders.append(np.concatenate([labels for _, labels in batches]))
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(COUNT))
    in_order = [np.array_equal(order, np.arange(COUNT)) for order in orders]
    assert in_order == [not shuffle] * 2
    assert np.array_equal(*orders) != shuffle


def test_shapes_and_types_are_those_of_generator_flow():
    x = pictures(10, SHAPES[1]).astype(np.float64)
    y = keras.utils.to_categorical(np.arange(10))
    slow = GENERATOR.flow(x, y, batch_size=10)[0]
    fast = fast_flow(GENERATOR, x, y, batch_size=10)[0]
    for ours, theirs in zip(fast, slow, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    images, labels = next(iter(fast_flow(GENERATOR, x, y, batch_size=4)))
    assert images.shape == (4, *SHAPES[1]) and labels.shape == (4, 10)


def noise_flow(seed=0, shuffle=False, count=20):
    x = np.repeat(pictures(1, SHAPES[0]), count, axis=0)
    return fast_flow(GENERATOR, x, np.arange(count), 8, shuffle, seed)


def everything(flow, epochs=2):
    return np.concatenate([
        images for _ in range(epochs) for images, _ in flow
    ])


def test_every_picture_of_every_epoch_is_drawn_anew():
    drawn = everything(noise_flow(), epochs=3)
    assert len(np.unique(drawn.reshape(60, -1), axis=0)) == 60


def test_the_seed_decides_all():
    for shuffle in (False, True):
        first, again = (everything(noise_flow(7, shuffle)) for _ in "ab")
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, everything(noise_flow(8, shuffle)))


def test_without_seed_set_random_seed_decides():
    drawn = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        drawn.append(everything(noise_flow(seed=None, shuffle=True)))
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(
        everything(noise_flow(seed=None)), everything(noise_flow(seed=None))
    )


def test_looking_at_a_batch_changes_nothing():
    flow, looked_at = noise_flow(shuffle=True), noise_flow(shuffle=True)
    np.testing.assert_array_equal(looked_at[1][0], looked_at[1][0])
    next(iter(looked_at))
    np.testing.assert_array_equal(everything(flow), everything(looked_at))


def test_the_learners_data_are_left_alone_and_not_copied():
    generator = ImageDataGenerator(rotation_range=20, rescale=0.5)
    x, y = numbered()
    before = x.copy()
    flow = fast_flow(generator, x, y, seed=0)
    first = flow[0][0]
    generator.rescale = generator.rotation_range = None
    np.testing.assert_array_equal(flow[0][0], first)
    np.testing.assert_array_equal(x, before)
    assert np.shares_memory(flow.x, x) and np.shares_memory(flow.y, y)


def test_no_batch_beyond_the_last():
    flow = noise_flow()
    for index in (-1, len(flow)):
        with pytest.raises(IndexError, match=f"3 batches: no {index}"):
            flow[index]


def test_the_generator_for_digits_keeps_them_in_the_picture():
    (_, _), (x_test, _) = load_mnist()
    images = prepare_images(x_test[:500])
    changed = augment(digit_generator(), images, np.random.default_rng(0))
    ink = changed.sum(axis=(1, 2, 3)) / images.sum(axis=(1, 2, 3))
    assert 0.7 < ink.min() and ink.max() < 1.5
    assert np.abs(changed - images).mean(axis=(1, 2, 3)).min() > 0.01


# In training

def test_keras_makes_the_batches_in_threads_of_its_own():
    assert noise_flow().workers > 1  # see FastFlow: with one, fit may wait


class Recorder(keras.Model):
    """A model that learns nothing and notes what it is given."""

    def train_step(self, data):
        self.seen[-1].append([part.numpy() for part in data])
        return {"loss": 0.0}


def fit_recorder(flow, epochs, **options):
    model = Recorder()
    model.seen = []
    new_epoch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: model.seen.append([])
    )
    model.compile(run_eagerly=True)
    model.fit(flow, epochs=epochs, verbose=0, callbacks=[new_epoch], **options)
    return [
        [np.concatenate(part) for part in zip(*epoch, strict=True)]
        for epoch in model.seen
    ]


def test_fit_sees_each_picture_once_an_epoch():
    flow = fast_flow(GENERATOR, *numbered(), seed=0)
    epochs = fit_recorder(flow, 3)
    assert len(epochs) == 3
    for images, labels in epochs:
        np.testing.assert_array_equal(numbers(images), labels)
        np.testing.assert_array_equal(np.sort(labels), np.arange(COUNT))
    assert not np.array_equal(epochs[0][1], epochs[1][1])


def test_fit_without_shuffle_sees_what_a_loop_sees():
    """Keras may pass over an epoch before it starts, but not mix them."""
    flow = noise_flow(3)
    looped = [everything(flow, epochs=1) for _ in range(6)]
    seen = fit_recorder(noise_flow(3), 2, shuffle=False)
    first, second = (
        [np.array_equal(images, epoch) for epoch in looped].index(True)
        for images, _ in seen
    )
    assert first < second


SCRIPT = """
import sys
sys.path.insert(0, "{project}")
from helpers.quiet import quiet_start
with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
import hashlib
import keras
import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from helpers.augment import fast_flow

tf.config.experimental.enable_op_determinism()
x = np.random.default_rng(0).random((100, 10, 10, 1), dtype=np.float32)
y = np.arange(100) % 10
for _ in range(2):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.layers.Input((10, 10, 1)), keras.layers.Conv2D(4, 3),
        keras.layers.Flatten(), keras.layers.Dense(10),
    ])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    for fill_mode in ("nearest", "constant"):
        generator = ImageDataGenerator(
            rotation_range=20, width_shift_range=0.1, fill_mode=fill_mode
        )
        model.fit(fast_flow(generator, x, y, 25), epochs=2, verbose=0)
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    print(digest.hexdigest())
"""


def test_training_is_reproducible_and_quiet():
    """In a process of its own, as determinism cannot be turned off again."""
    script = SCRIPT.format(project=PROJECT)
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True,
        text=True,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    first, second = done.stdout.split()
    assert first == second


@pytest.mark.skipif(
    not Path("/proc/self/statm").is_file(), reason="Linux tells memory there"
)
def test_memory_stays_flat():
    def megabytes():
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * 4096 / 1e6

    x = pictures(2000, (28, 28, 1))
    flow = fast_flow(GENERATOR, x, np.zeros(2000), 256, seed=0)
    for _ in range(5):
        everything(flow, 1)
    before = megabytes()
    for _ in range(25):
        for _ in flow:
            pass
    assert megabytes() - before < 30  # 25 epochs hold 157 MB of pictures


# What is refused, and what the message says to do

class Own(ImageDataGenerator):
    pass


X, Y = pictures(10, SHAPES[0]), np.arange(10)


@pytest.mark.parametrize("error, message, generator, x, y, options", [
    (TypeError, "ImageDataGenerator first, and got int", 3, X, Y, {}),
    (TypeError, "got ndarray", X, Y, 32, {}),
    (TypeError, "got Own", Own(), X, Y, {}),
    (TypeError, "got type", ImageDataGenerator, X, Y, {}),
    (ValueError, "validation_split=0.2. Hold pictures out before",
     ImageDataGenerator(validation_split=0.2), X, Y, {}),
    (ValueError, "data_format='channels_first'",
     ImageDataGenerator(data_format="channels_first"), X, Y, {}),
    (ValueError, "interpolation_order=3. Leave it at 1",
     ImageDataGenerator(interpolation_order=3), X, Y, {}),
    (ValueError, "fill_mode='mirror'. Choose one of constant, nearest",
     ImageDataGenerator(fill_mode="mirror"), X, Y, {}),
    (ValueError, r"featurewise_center .* Call generator.fit\(x\)",
     ImageDataGenerator(featurewise_center=True), X, Y, {}),
    (ValueError, "brightness_range would turn these pictures black",
     ImageDataGenerator(brightness_range=(0.5, 1.5)), X, Y, {}),
    (TypeError, r"got uint8. Use prepare_images\(x\)",
     GENERATOR, (255 * X).astype(np.uint8), Y, {}),
    (ValueError, r"got \(10, 8, 8\). Gray pictures need a last axis",
     GENERATOR, X[..., 0], Y, {}),
    (ValueError, r"no pictures: x has shape \(0, 8, 8, 1\)",
     GENERATOR, X[:0], Y[:0], {}),
    (ValueError, r"x of shape \(10, 8, 8, 1\) and y of shape \(9,\)",
     GENERATOR, X, Y[:9], {}),
    (ValueError, r"y of shape \(\)", GENERATOR, X, None, {}),
    (ValueError, "batch_size is 11: choose from 1 to 10",
     GENERATOR, X, Y, {"batch_size": 11}),
    (ValueError, "batch_size is 0", GENERATOR, X, Y, {"batch_size": 0}),
    (TypeError, "integer", GENERATOR, X, Y, {"batch_size": 2.5}),
    (ValueError, "seed is -1: choose 0 or more",
     GENERATOR, X, Y, {"batch_size": 5, "seed": -1}),
    (TypeError, "integer", GENERATOR, X, Y, {"batch_size": 5, "seed": 0.5}),
])
def test_refused(error, message, generator, x, y, options):
    with pytest.raises(error, match=message):
        fast_flow(generator, x, y, **options)


@pytest.mark.parametrize("option", [
    "featurewise_std_normalization", "zca_whitening",
])
@pytest.mark.filterwarnings("ignore:This ImageDataGenerator specifies")
def test_refused_without_fit(option):
    generator = ImageDataGenerator(**{option: True})
    generator.mean = np.zeros((1, 1, 1))
    with pytest.raises(ValueError, match=f"{option} needs to know"):
        fast_flow(generator, X, Y, batch_size=5)


def test_why_brightness_is_refused_on_0_to_1():
    generator = ImageDataGenerator(brightness_range=(1.2, 1.2))
    parameters = generator.get_random_transform(SHAPES[0])
    assert not generator.apply_transform(0.99 * X[0], parameters).any()


def test_every_option_of_the_generator_is_known():
    """A new option in Keras must be honoured or refused: look at it first."""
    assert set(vars(ImageDataGenerator())) == {
        "featurewise_center", "samplewise_center",
        "featurewise_std_normalization", "samplewise_std_normalization",
        "zca_whitening", "zca_epsilon", "rotation_range",
        "width_shift_range", "height_shift_range", "brightness_range",
        "shear_range", "zoom_range", "channel_shift_range", "fill_mode",
        "cval", "horizontal_flip", "vertical_flip", "rescale",
        "preprocessing_function", "data_format", "_validation_split",
        "interpolation_order", "dtype",
        # What follows from them.
        "channel_axis", "row_axis", "col_axis", "mean", "std",
        "zca_whitening_matrix",
    }
