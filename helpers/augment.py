"""ImageDataGenerator's random pictures, a whole batch at a time.

``generator.flow`` draws, turns and joins its pictures one by one.
:func:`fast_flow` takes the same generator and treats a batch at once, in
three steps that also work alone: :func:`draw_parameters`,
:func:`build_matrices` and :func:`warp`.
"""

import copy
import functools
import math
import operator

import keras
import numpy as np
import tensorflow as tf

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def digit_generator():
    """Return a generator whose changes leave a digit what it is.

    Returns
    -------
    ImageDataGenerator
        Turns by up to 10 degrees, moves by up to 2 pixels in each direction,
        makes larger or smaller by up to a tenth and slants by up to 15
        degrees, with black beside the picture. For uint8 pictures as well as
        for floats.
    """
    return ImageDataGenerator(
        rotation_range=10, width_shift_range=2.0, height_shift_range=2.0,
        zoom_range=0.1, shear_range=15, fill_mode="constant",
    )


def fast_flow(generator, x, y, batch_size=32, shuffle=True, seed=None):
    """Feed a model augmented pictures: ``model.fit(fast_flow(...))``.

    Stands where ``generator.flow(x, y, ...)`` stands, and draws from the same
    distributions (other pictures, as the random numbers are others).

    Parameters
    ----------
    generator : ImageDataGenerator
        What to do to the pictures. Later changes to it do not matter here.
    x : array of shape (count, height, width, channels), float
        Pictures, usually from 0.0 to 1.0. If they have the generator's dtype
        (float32), they are not copied.
    y : array of shape (count, ...)
        Their labels.
    batch_size : int, from 1 to count
        Pictures in a batch; the last batch of an epoch holds what is left.
    shuffle : bool
        Whether each epoch has an order of its own.
    seed : int, 0 or more, optional
        The same seed gives the same pictures. Without it, NumPy's global
        state decides, which ``keras.utils.set_random_seed`` sets.

    Returns
    -------
    FastFlow
        ``len(flow)`` batches an epoch; ``flow[i]`` is batch ``i`` of the
        current one, and a ``for`` loop goes through one epoch. A batch is
        (pictures, labels), with the dtypes of the generator and of ``y``.
        Each epoch has new pictures. ``fit`` takes the batches in an order of
        its own, from Python's global state, unless told ``shuffle=False``.

    Raises
    ------
    TypeError
        If ``generator`` is not an ImageDataGenerator (a subclass may do
        something else), ``x`` does not hold floats, or ``batch_size`` or
        ``seed`` is not a whole number.
    ValueError
        If the generator's ``validation_split``, ``data_format``,
        ``interpolation_order`` or ``fill_mode`` asks for what is not done
        here; if it needs ``generator.fit`` first; if ``brightness_range``
        would turn pictures black; if ``x`` has not four axes, is empty, or
        differs from ``y`` in length; or if ``batch_size`` or ``seed`` is out
        of its range.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check_generator(generator)
    _check_arrays(x, y, generator)
    batch_size = operator.index(batch_size)
    if not 1 <= batch_size <= len(x):
        raise ValueError(
            f"batch_size is {batch_size}: choose from 1 to {len(x)}, the "
            "number of pictures."
        )
    seed = np.random.randint(2**31) if seed is None else operator.index(seed)
    if seed < 0:
        raise ValueError(f"seed is {seed}: choose 0 or more.")
    x = x.astype(generator.dtype, copy=False)
    return FastFlow(copy.copy(generator), x, y, batch_size, shuffle, seed)


# A PyDataset, as generator.flow is: Keras prepares its batches beside the
# training, as fast as those of a tf.data.Dataset when we measured both, and
# Keras 3.15 warns at every Dataset that fit will not shuffle it.
class FastFlow(keras.utils.PyDataset):
    """What :func:`fast_flow` returns."""

    def __init__(self, generator, x, y, batch_size, shuffle, seed):
        # With one worker, Keras leaves the batches to tf.data's autotuning,
        # whose thread is often not woken when an epoch is over (seen in
        # TensorFlow 2.21), and fit then waits until it wakes by itself: as
        # long again as the epoch took. With two, Keras uses its own threads.
        super().__init__(workers=2)
        self.generator, self.x, self.y = generator, x, y
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.epoch = -1
        self._order = np.arange(len(x))
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        """Return batch ``index`` of this epoch, the same every time."""
        if not 0 <= index < len(self):
            raise IndexError(f"There are {len(self)} batches: no {index}.")
        start = index * self.batch_size
        chosen = self._order[start:start + self.batch_size]
        images = augment(self.generator, self.x[chosen], self._rng(index + 1))
        return images, self.y[chosen]

    def __iter__(self):
        yield from map(self.__getitem__, range(len(self)))
        self.on_epoch_end()

    def on_epoch_end(self):
        """Go to the next epoch. Keras calls this."""
        self.epoch += 1
        if self.shuffle:
            self._order = self._rng(0).permutation(len(self.x))

    def _rng(self, index):
        return np.random.default_rng([self.seed, self.epoch, index])


def augment(generator, images, rng):
    """Change each picture at random, as the generator says.

    Parameters
    ----------
    generator : ImageDataGenerator
        What to do.
    images : array of shape (count, height, width, channels), float
        Pictures.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    array of the same shape and dtype
        What the generator's ``apply_transform`` and ``standardize`` make of
        each picture, for parameters from :func:`draw_parameters`.
    """
    count, height, width, _ = images.shape
    parameters = draw_parameters(generator, count, height, width, rng)
    matrices = build_matrices(parameters, height, width)
    changed = warp(images, matrices, generator.fill_mode, generator.cval)
    if "channel_shift_intensity" in parameters:
        shift = parameters["channel_shift_intensity"].astype(images.dtype)
        low = changed.min(axis=(1, 2, 3), keepdims=True)
        high = changed.max(axis=(1, 2, 3), keepdims=True)
        changed = np.clip(changed + shift[:, None, None, None], low, high)
    # The generator itself does the rest: what depends on one picture, slowly,
    # picture by picture; all else to the batch.
    if "brightness" in parameters:
        changed = np.stack([
            generator.apply_transform(image, {"brightness": drawn})
            for image, drawn in zip(changed, parameters["brightness"])
        ])
    if (
        generator.preprocessing_function
        or generator.samplewise_center
        or generator.samplewise_std_normalization
    ):
        changed = np.stack([generator.standardize(i) for i in changed])
    else:
        changed = generator.standardize(changed)
    return changed.astype(images.dtype, copy=False)


def draw_parameters(generator, count, height, width, rng):
    """Draw what ``generator.get_random_transform`` draws, for many pictures.

    Parameters
    ----------
    generator : ImageDataGenerator
        Whose ranges to draw from.
    count : int
        How many pictures.
    height, width : int
        Their size in pixels: shifts below 1 are fractions of it.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    dict of arrays of shape (count,)
        Float64 ``theta`` and ``shear`` in degrees, ``tx`` and ``ty`` in
        pixels, ``zx`` and ``zy`` (below 1 enlarges); bool ``flip_horizontal``
        and ``flip_vertical``; and only if the generator asks for them,
        float64 ``channel_shift_intensity`` and ``brightness``.
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
    parameters = {
        "theta": uniform(-turn, turn),
        "tx": shift(generator.height_shift_range, height),
        "ty": shift(generator.width_shift_range, width),
        "shear": uniform(-skew, skew),
        "zx": uniform(*generator.zoom_range),
        "zy": uniform(*generator.zoom_range),
        "flip_horizontal": rng.random(count) < 0.5 * generator.horizontal_flip,
        "flip_vertical": rng.random(count) < 0.5 * generator.vertical_flip,
    }
    if generator.channel_shift_range != 0:
        limit = generator.channel_shift_range
        parameters["channel_shift_intensity"] = uniform(-limit, limit)
    if generator.brightness_range is not None:
        parameters["brightness"] = uniform(*generator.brightness_range)
    return parameters


def build_matrices(parameters, height, width):
    """Join each picture's turn, shift, shear, zoom and flips in one matrix.

    Parameters
    ----------
    parameters : dict of arrays of shape (count,)
        From :func:`draw_parameters`.
    height, width : int
        Size of the pictures in pixels.

    Returns
    -------
    array of shape (count, 3, 3), float64
        ``matrix @ (row, column, 1)`` is the place in the old picture where
        the new picture's pixel at (row, column) is read.

    Notes
    -----
    The formula of Keras's ``apply_affine_transform``, whose last step takes
    rows for columns. So in Keras 3.13 to 3.15 ``tx``, the *height* shift,
    moves pictures sideways and ``ty``, the *width* shift, up and down; ``zx``
    zooms the columns and ``zy`` the rows; and pictures that are not square
    turn about a point beside their middle.
    """
    theta = np.deg2rad(parameters["theta"])
    shear = np.deg2rad(parameters["shear"])
    mirrored = parameters["flip_horizontal"]
    upside_down = parameters["flip_vertical"]
    row, column = width / 2 - 0.5, height / 2 - 0.5  # as Keras has them

    def matrix(*entries):
        matrices = np.zeros((len(theta), 3, 3))
        for place, entry in enumerate((*entries, 0, 0, 1)):
            matrices[:, place // 3, place % 3] = entry
        return matrices

    sine, cosine = np.sin(theta), np.cos(theta)
    turn = matrix(cosine, sine, 0, -sine, cosine, 0)
    shift = matrix(1, 0, parameters["ty"], 0, 1, parameters["tx"])
    skew = matrix(np.cos(shear), 0, 0, -np.sin(shear), 1, 0)
    zoom = matrix(parameters["zy"], 0, 0, 0, parameters["zx"], 0)
    flip = matrix(
        np.where(upside_down, -1, 1), 0, upside_down * (height - 1),
        0, np.where(mirrored, -1, 1), mirrored * (width - 1),
    )
    to_middle = matrix(1, 0, -row, 0, 1, -column)
    and_back = matrix(1, 0, row, 0, 1, column)
    return and_back @ turn @ shift @ skew @ zoom @ to_middle @ flip


def warp(images, matrices, fill_mode="nearest", cval=0.0):
    """Read each new picture out of the old one, where its matrix says.

    Places between pixels are interpolated, once (bilinear).

    Parameters
    ----------
    images : array of shape (count, height, width, channels), float
        Pictures.
    matrices : array of shape (count, 3, 3), float64
        From :func:`build_matrices`.
    fill_mode : "nearest", "reflect", "wrap" or "constant"
        What is read beside the picture: its nearest pixel, its mirror image,
        the picture again, or ``cval``.
    cval : float
        The value for ``constant``.

    Returns
    -------
    array of the same shape and dtype
        What SciPy's ``affine_transform`` gives with ``order=1``, as the
        generator uses it, to the precision of float32. One exception: in
        ``constant`` the value jumps at the picture's border, in ``wrap`` at
        each repeat, and which side a place on the jump itself (to within
        1e-9 pixels) falls to is a matter of rounding, here as in SciPy.
    """
    compiled = _compile(fill_mode, images.dtype.name)
    with tf.device("CPU"):
        return compiled(images, matrices, tf.cast(cval, images.dtype)).numpy()


# Compiled, this takes less than half the time of TensorFlow's own operation,
# ImageProjectiveTransformV3, whose `constant` and `wrap` are not SciPy's.
@functools.cache
def _compile(fill_mode, dtype):
    signature = (
        tf.TensorSpec((None, None, None, None), dtype),
        tf.TensorSpec((None, 3, 3), tf.float64),
        tf.TensorSpec((), dtype),
    )
    return tf.function(
        functools.partial(_warp, fill_mode), signature,
        autograph=False, jit_compile=True,
    )


def _warp(fill_mode, images, matrices, cval):
    count, height, width, channels = tf.unstack(tf.shape(images))
    row = tf.range(height, dtype=tf.float64)[:, None]
    column = tf.range(width, dtype=tf.float64)
    place = matrices[:, :2, :, None, None]
    place = place[:, :, 0] * row + place[:, :, 1] * column + place[:, :, 2]
    last = tf.cast([height - 1, width - 1], tf.float64)[:, None, None]
    inside = tf.reduce_all((place >= 0) & (place <= last), axis=1)
    place = _fold(place, last, fill_mode)

    # With a frame of one pixel, all four neighbours are always there.
    frame = ((0, 0), (1, 1), (1, 1), (0, 0))
    pixels = tf.reshape(tf.pad(images, frame, "SYMMETRIC"), (-1, channels))
    corner = tf.floor(place)
    part = tf.cast(place - corner, images.dtype)[..., None]
    corner = tf.cast(corner, tf.int32) + 1
    first = tf.range(count)[:, None, None] * (height + 2)
    index = (first + corner[:, 0]) * (width + 2) + corner[:, 1]

    def across(index):
        left, right = tf.gather(pixels, index), tf.gather(pixels, index + 1)
        return left + part[:, 1] * (right - left)

    top, bottom = across(index), across(index + width + 2)
    result = top + part[:, 0] * (bottom - top)
    if fill_mode == "constant":
        result = tf.where(inside[..., None], result, cval)
    return result


def _fold(place, last, fill_mode):
    """Bring places outside 0 to ``last`` to where SciPy reads for them."""
    if fill_mode == "reflect":  # z y … b a | a b … y z | z y … b a
        size = last + 1
        place = place + 0.5
        place = place - 2 * size * tf.floor(place / (2 * size))
        return size - tf.abs(size - place) - 0.5
    if fill_mode == "wrap":  # a comes again where z is, so it repeats early
        period = tf.maximum(last, 1)
        before = place + period * (tf.floor(-place / period) + 1)
        after = place - period * tf.floor(place / period)
        place = tf.where(place > last, after, place)
        return tf.where(place < 0, before, place)
    return tf.clip_by_value(place, 0, last)


def _check_generator(generator):
    """Raise an error if the generator asks for what is not done here."""
    if type(generator) is not ImageDataGenerator:
        raise TypeError(
            "fast_flow takes a Keras ImageDataGenerator first, and got "
            f"{type(generator).__name__}: fast_flow(generator, x, y)."
        )
    for name, value, allowed, advice in (
        ("validation_split", generator._validation_split or 0, (0,),
         "Hold pictures out before, with split_validation"),
        ("data_format", generator.data_format, ("channels_last",),
         "Give pictures of shape (count, height, width, channels)"),
        ("interpolation_order", generator.interpolation_order, (1,),
         "Leave it at 1, which is bilinear"),
        ("fill_mode", generator.fill_mode, FILL_MODES,
         "Choose one of " + ", ".join(FILL_MODES)),
    ):
        if value not in allowed:
            raise ValueError(f"fast_flow has no {name}={value!r}. {advice}.")
    for name, fitted in (
        ("featurewise_center", "mean"),
        ("featurewise_std_normalization", "std"),
        ("zca_whitening", "zca_whitening_matrix"),
    ):
        if getattr(generator, name) and getattr(generator, fitted) is None:
            raise ValueError(
                f"{name} needs to know the pictures. Call generator.fit(x) "
                "before fast_flow."
            )


def _check_arrays(x, y, generator):
    """Raise an error unless ``x`` holds float pictures, one for each label."""
    if x.dtype.kind != "f":
        raise TypeError(
            f"fast_flow takes float pictures (0.0 to 1.0), and got {x.dtype}. "
            "Use prepare_images(x), and no rescale."
        )
    if x.ndim != 4:
        raise ValueError(
            "fast_flow takes x of shape (count, height, width, channels), and "
            f"got {x.shape}. Gray pictures need a last axis: "
            "x[..., np.newaxis]."
        )
    if x.size == 0:
        raise ValueError(f"fast_flow got no pictures: x has shape {x.shape}.")
    if y.ndim == 0 or len(y) != len(x):
        raise ValueError(
            "fast_flow needs one label for each picture, and got x of shape "
            f"{x.shape} and y of shape {y.shape}."
        )
    if generator.brightness_range is not None and x.max() <= 1:
        raise ValueError(
            "brightness_range would turn these pictures black: it rounds "
            "pixels down to whole numbers, as it is for pictures from 0.0 to "
            "255.0. Leave it out, or use channel_shift_range."
        )
