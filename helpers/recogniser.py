"""A trained recogniser: loaded with care, and asked with care."""

import functools
import zipfile
from pathlib import Path

import numpy as np

from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
import keras

BATCH = 1000  # images that the model is given at once
LARGEST = 64_000_000  # bytes that the parts of a model's file may unpack to
ROUNDING = 1e-6  # above white, in float pixels


def predict_digits(model, images):
    """Ask a recogniser which digits it sees: at once, if they are few.

    Takes a keras.Model, from float32 images (count, 28, 28, 1) to ten
    probabilities each, and images of shape ([count, ]28, 28[, 1]): bright
    digits on black, uint8 from 0 to 255, or float from 0.0 to 1.0. Returns the
    probability of each digit, 0 to 9: shape (count, 10), float32. Raises
    TypeError or ValueError if they are not so; the message says how.
    """
    _check_shapes(model)
    images, answer = _check_images(images), _compiled(model, *model.layers)
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    probabilities = np.concatenate([
        answer(images[start:start + BATCH].astype(np.float32) / scale).numpy()
        for start in range(0, len(images), BATCH)]).astype(np.float32)
    sums = probabilities.sum(axis=1)
    if not (probabilities.min() >= 0 and np.allclose(sums, 1, atol=0.01)):
        raise ValueError("The model's ten numbers are not probabilities. Does "
                         "its last layer lack activation='softmax'?")
    return probabilities


def _check_images(images):
    """Return the images as (count, 28, 28, 1), or say what is wrong."""
    images = np.asarray(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise TypeError(
            "predict_digits takes images of uint8 (0 to 255) or float (0.0 to "
            f"1.0), and got {images.dtype}. Use images.astype, or "
            "helpers.handwriting.to_mnist(path) to read a file.")
    if images.ndim > 2 and images.shape[-3:] == (28, 28, 1):
        images = images[..., 0]
    if (images.ndim not in (2, 3) or images.shape[-2:] != (28, 28)
            or images.size == 0):
        raise ValueError(
            "predict_digits takes gray images of shape (28, 28) or (count, "
            f"28, 28), and got {images.shape}. helpers.handwriting.to_mnist "
            "makes 28×28 of any image.")
    low, high = images.min(), images.max()
    if images.dtype == np.uint8 and high == 1:
        raise ValueError("The brightest pixel of these uint8 images is 1 of "
                         "255. If they hold 0 and 1, multiply them by 255.")
    if images.dtype != np.uint8 and not (low >= 0 and high <= 1 + ROUNDING):
        raise ValueError(
            f"Float pixels go from {low:.4g} to {high:.4g}, and should from 0 "
            "(black) to 1 (white). If white is 255, divide by 255, once; do "
            "not subtract the mean; numpy.isfinite finds NaN and infinity.")
    return images.reshape(-1, 28, 28, 1)


@functools.lru_cache(maxsize=4)  # so few, as it keeps the models alive
def _compiled(model, *layers):
    """Compile the model for any number of images, once for its layers."""
    return tf.function(
        functools.partial(model, training=False),
        input_signature=[tf.TensorSpec((None, 28, 28, 1))])


def load_recogniser(path):
    """Load a recogniser from a ``.keras`` file, without executing its code.

    Takes the path of what ``model.save`` wrote. Returns a keras.Model, ready
    for :func:`predict_digits`; to train it on, ``compile`` it. Raises
    FileNotFoundError; or ValueError if the file is damaged, unpacks to more
    than 64 MB, holds code, or a model that takes or gives other shapes.
    """
    make_one = ("'python mnist_digit_recognizer.py' trains one, and saves it "
                "as results/digit_recognizer.keras.")
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no model {path}. {make_one}")
    try:
        if path.suffix != ".keras" or not zipfile.is_zipfile(path):
            raise ValueError("it is not a .keras file, or only a part of one")
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
            if size > LARGEST:
                raise ValueError(f"it unpacks to {size // 10**6:,} MB, and a "
                                 f"recogniser has {LARGEST // 10**6} at most")
            if archive.testzip():
                raise ValueError(f"{archive.testzip()} in it is damaged")
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        _check_shapes(model)
    except Exception as error:  # Keras has no error of its own for this
        lines = str(error).strip().splitlines() or [type(error).__name__]
        said = lines[0].partition(". ")[0][:200].rstrip(".")
        raise ValueError(f"The model {path} was not loaded: {said}. "
                         f"{make_one}") from error
    return model


def _check_shapes(model):
    takes = getattr(model, "input_shape", None)
    gives = getattr(model, "output_shape", None)
    if (takes, gives) != ((None, 28, 28, 1), (None, 10)):
        raise ValueError(
            "a recogniser takes shape (None, 28, 28, 1) and gives (None, 10), "
            f"and this {type(model).__name__} takes {takes} and gives {gives}")
