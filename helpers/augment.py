"""ImageDataGenerator's random images, a whole batch at a time."""

import copy
import math

import keras
import numpy as np
import tensorflow as tf

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
HONOURED = ("rotation_range width_shift_range height_shift_range shear_range "
            "zoom_range horizontal_flip vertical_flip cval dtype").split()


def digit_generator():
    """Return a generator whose changes leave a digit what it is."""
    return ImageDataGenerator(
        rotation_range=10, shear_range=15,  # degrees
        width_shift_range=2.0, height_shift_range=2.0,  # pixels
        zoom_range=0.1, fill_mode="constant")


class fast_flow(keras.utils.PyDataset):  # used as a function, as range is
    """Feed a model augmented images: ``model.fit(fast_flow(...))``.

    Stands where ``generator.flow(x, y)`` stands, with the same distributions.
    ``flow[i]`` is a batch (images, labels) of the present epoch; a ``for``
    loop takes them all and ends the epoch; each epoch has other images.

    Takes an ImageDataGenerator, whose rotation, shifts, shear, zoom and flips
    are done, with ``fill_mode`` "nearest" or "constant" (all else is refused);
    float images of shape (count, height, width, channels), and a label each.
    The last batch holds what is left; each epoch may have its own order. The
    same seed gives the same images; without one, NumPy's global state decides.
    ValueError says which argument is not so.
    """

    def __init__(self, generator, x, y, batch_size=32, shuffle=True,
                 seed=None):
        # With one worker, fit may wait at the end of an epoch for a thread of
        # tf.data's; with two, Keras uses its own (seen in TensorFlow 2.21).
        super().__init__(workers=2)
        x, y = np.asarray(x), np.asarray(y)
        _check(generator, x, y, batch_size)
        self.x, self.y = x.astype(generator.dtype, copy=False), y
        self.generator, self.batch_size = copy.copy(generator), batch_size
        self.shuffle, self.epoch, self._order = shuffle, -1, np.arange(len(x))
        self.seed = np.random.randint(2**31) if seed is None else seed
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        """Return batch ``index`` of this epoch, the same every time."""
        if not 0 <= index < len(self):
            raise IndexError(f"There are {len(self)} batches: no {index}.")
        chosen = self._order[index * self.batch_size:][:self.batch_size]
        images, plan = self.x[chosen], self.generator
        rng = np.random.default_rng([self.seed, self.epoch, index + 1])
        drawn = draw_parameters(plan, *images.shape[:3], rng)
        matrices = build_matrices(drawn, *images.shape[1:3])
        return (warp(images, matrices, plan.fill_mode, plan.cval),
                self.y[chosen])

    def __iter__(self):
        yield from map(self.__getitem__, range(len(self)))
        self.on_epoch_end()

    def on_epoch_end(self):
        """Go to the next epoch. Keras calls this."""
        self.epoch += 1
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self.epoch, 0])
            self._order = rng.permutation(len(self.x))


def draw_parameters(generator, count, height, width, rng):
    """Draw what ``generator.get_random_transform`` draws, for many images.

    ``height`` and ``width`` are in pixels, ``rng`` is a NumPy generator.
    Returns a dict of arrays of shape (count,): ``theta``, ``shear`` in
    degrees, ``tx``, ``ty`` in pixels, ``zx``, ``zy`` (below 1 enlarges); bool
    ``flip_horizontal``, ``flip_vertical``.
    """
    def uniform(low, high):
        return low + (high - low) * rng.random(count)

    def shift(limit, size):
        if not limit:
            return np.zeros(count)
        try:  # a list to choose from, or an int: choose from range(limit)
            drawn = rng.choice(limit, count) * rng.choice([-1.0, 1.0], count)
        except ValueError:  # a float
            drawn = uniform(-limit, limit)
        return drawn * size if np.max(limit) < 1 else drawn

    turn, skew = generator.rotation_range, generator.shear_range
    return {
        "theta": uniform(-turn, turn),
        "tx": shift(generator.height_shift_range, height),
        "ty": shift(generator.width_shift_range, width),
        "shear": uniform(-skew, skew),
        "zx": uniform(*generator.zoom_range),
        "zy": uniform(*generator.zoom_range),
        "flip_horizontal": rng.random(count) < 0.5 * generator.horizontal_flip,
        "flip_vertical": rng.random(count) < 0.5 * generator.vertical_flip}


def build_matrices(parameters, height, width):
    """Join each image's turn, shift, shear, zoom and flips in one matrix.

    The formula of Keras's ``apply_affine_transform``, which takes rows for
    columns at its end: ``tx``, the *height* shift, moves images sideways.
    Returns an array of shape (count, 3, 3), float64: ``matrix @ (row, column,
    1)`` is the place in the old image where the new image's pixel at (row,
    column) is read.
    """
    theta, shear = np.deg2rad([parameters["theta"], parameters["shear"]])
    across, down = parameters["flip_horizontal"], parameters["flip_vertical"]
    row, column = width / 2 - 0.5, height / 2 - 0.5  # as Keras has them

    def matrix(*entries):
        *cells, _ = np.broadcast_arrays(*entries, 0, 0, 1, theta)
        return np.stack(cells, axis=1).reshape(-1, 3, 3)

    sine, cosine = np.sin(theta), np.cos(theta)
    turn = matrix(cosine, sine, 0, -sine, cosine, 0)
    shift = matrix(1, 0, parameters["ty"], 0, 1, parameters["tx"])
    skew = matrix(np.cos(shear), 0, 0, -np.sin(shear), 1, 0)
    zoom = matrix(parameters["zy"], 0, 0, 0, parameters["zx"], 0)
    flip = matrix(1 - 2 * down, 0, down * (height - 1),
                  0, 1 - 2 * across, across * (width - 1))
    to_middle = matrix(1, 0, -row, 0, 1, -column)
    and_back = matrix(1, 0, row, 0, 1, column)
    return and_back @ turn @ shift @ skew @ zoom @ to_middle @ flip


def warp(images, matrices, fill_mode="nearest", cval=0.0):
    """Read each new image out of the old one, where its matrix says.

    Takes float images of shape (count, height, width, channels) and what
    :func:`build_matrices` returns; beside an image, its nearest pixel is
    read, or with "constant" ``cval``. Returns an array of the same shape and
    dtype, as SciPy's ``affine_transform`` with ``order=1`` does, to the
    precision of float32. On the very border, rounding decides what is beside.
    """
    swap = [1, 0, 2]  # Keras counts columns first
    eight = matrices[:, swap][:, :, swap].reshape(-1, 9)[:, :8]
    with tf.device("CPU"):
        changed = keras.ops.image.affine_transform(
            images, eight.astype(np.float32), "bilinear", "nearest",
            data_format="channels_last").numpy()
    if fill_mode == "constant":
        row, column = np.indices(images.shape[1:3])
        places = np.tensordot(matrices[:, :2], [row, column, row**0], axes=1)
        last = np.array(images.shape[1:3])[:, None, None] - 1
        changed[((places < 0) | (places > last)).any(axis=1)] = cval
    return changed


def _check(generator, x, y, batch_size):
    if type(generator) is not ImageDataGenerator:
        raise ValueError("fast_flow takes an ImageDataGenerator first, and "
                         f"got {type(generator).__name__}.")
    usual = vars(ImageDataGenerator(fill_mode="constant"))
    for name, value in vars(generator).items():
        if (name not in HONOURED and not np.array_equal(value, usual.get(name))
                and (name, value) != ("fill_mode", "nearest")):
            raise ValueError(f"fast_flow has no {name.lstrip('_')}="
                             f"{value!r:.60}: use generator.flow(x, y).")
    if (x.dtype.kind != "f" or x.ndim != 4 or x.size == 0
            or x.shape[:1] != y.shape[:1]):
        raise ValueError(
            "fast_flow takes float images (count, height, width, channels), "
            f"as prepare_images makes, with one label each, and got {x.dtype} "
            f"{x.shape} and labels {y.shape}.")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: choose 1 or more.")
