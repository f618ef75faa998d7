"""A trained recogniser: loaded with care, and asked with care."""

import functools
import json
import os
import weakref
import zipfile
import zlib
from pathlib import Path

import numpy as np

from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf
    tf.config.list_physical_devices()
import keras

BATCH = 1000  # pictures that the model is given at once
PARTS = {"metadata.json", "config.json", "model.weights.h5"}
# What brings code of its own, or fetches it from elsewhere.
FOREIGN_CODE = {
    "__lambda__", "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer",
    "FlaxLayer",
}
MAKE_ONE = (
    "'python mnist_digit_recognizer.py' trains a recogniser and saves it as "
    "results/digit_recognizer.keras."
)


def predict_digits(model, images):
    """Ask a recogniser which digits it sees.

    Answers one picture in a millisecond or two, where ``model.predict`` has
    tens of milliseconds of preparations. The first call with a model takes
    longer.

    Parameters
    ----------
    model : keras.Model
        Takes (count, 28, 28, 1) float32 from 0.0 to 1.0, and gives ten
        probabilities for each picture: :func:`load_recogniser` loads one.
    images : array of shape ([count, ]28, 28[, 1])
        Bright digits on black, one or many: uint8 from 0 to 255, or float
        from 0.0 to 1.0.

    Returns
    -------
    array of shape (count, 10), float32
        The probability of each digit, from 0 to 9, in each picture. One
        picture alone gives one row.

    Raises
    ------
    TypeError
        If ``model`` is not a Keras model, or ``images`` are not an array of
        uint8 or float.
    ValueError
        If there is no picture, or one of another size, or with numbers out
        of range; if the model takes or gives other shapes, or gives numbers
        that are not probabilities.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            "predict_digits takes a Keras model first, and got "
            f"{type(model).__name__}. load_recogniser(path) loads one."
        )
    problem = _shape_problem(model)
    if problem:
        raise ValueError(f"This model is no digit recogniser: {problem}.")
    images = check_images(images)
    answer = _compiled(model)
    rows = []
    for start in range(0, len(images), BATCH):
        batch = images[start:start + BATCH]
        scale = np.float32(255 if batch.dtype == np.uint8 else 1)
        rows.append(answer(batch.astype(np.float32) / scale).numpy())
    probabilities = np.concatenate(rows).astype(np.float32)
    _check_probabilities(probabilities)
    return probabilities


def check_images(images):
    """See that pictures are such as a recogniser takes.

    Parameters
    ----------
    images : array of shape ([count, ]28, 28[, 1])
        As in :func:`predict_digits`.

    Returns
    -------
    array of shape (count, 28, 28, 1)
        The same numbers, with the same dtype.

    Raises
    ------
    TypeError, ValueError
        As :func:`predict_digits` says.
    """
    if isinstance(images, str | bytes | os.PathLike):
        raise TypeError(
            "predict_digits takes pictures as an array, and got "
            f"{images!r:.60}. helpers.handwriting.to_mnist(path) reads a "
            "picture from a file."
        )
    try:
        images = np.asarray(images)
    except ValueError:
        raise ValueError(
            "These pictures are not all of one size: make each 28×28."
        ) from None
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise TypeError(
            "predict_digits takes uint8 pictures (0 to 255) or float ones "
            f"(0.0 to 1.0), and got {images.dtype}. If the numbers go from 0 "
            "to 255, use images.astype('uint8'); if from 0 to 1, "
            "images.astype('float32')."
        )
    shape = images.shape
    if images.size == 0:
        raise ValueError(f"There is no picture in an array of shape {shape}.")
    if images.ndim in (3, 4) and shape[-3:] == (28, 28, 1):
        images = images[..., 0]
    if images.ndim not in (2, 3) or images.shape[-2:] != (28, 28):
        raise ValueError(
            f"predict_digits takes one picture of shape (28, 28) or many of "
            f"shape (count, 28, 28), gray, and got {shape}. "
            "helpers.handwriting.to_mnist makes 28×28 of any picture."
        )
    _check_range(images)
    return images.reshape(-1, 28, 28, 1)


def _check_range(images):
    """Raise ValueError unless the numbers are brightnesses."""
    low, high = images.min(), images.max()
    if images.dtype == np.uint8:
        if high == 1:
            raise ValueError(
                "The brightest pixel of these uint8 pictures is 1 of 255: "
                "they are black. If they hold 0 and 1, multiply them by 255."
            )
    elif not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(
            "Some pixels are not numbers (NaN) or infinite. Was something "
            "divided by 0? numpy.isfinite shows where."
        )
    elif low < 0:
        raise ValueError(
            f"Pixels go down to {low:.4g}, and black is 0. Do not subtract "
            "the mean: give uint8 from 0 to 255, or float from 0.0 to 1.0."
        )
    elif high > 1 + 1e-6:  # what rounding may add to 1
        raise ValueError(
            f"Float pixels go up to {high:.4g}, and white is 1.0. If white is "
            "255, divide by 255, once, or use images.astype('uint8')."
        )


def _check_probabilities(probabilities):
    """Raise ValueError unless each row could be ten probabilities."""
    sums = probabilities.sum(axis=1)
    if not (probabilities.min() >= 0 and np.allclose(sums, 1, atol=0.01)):
        raise ValueError(
            "The model's ten numbers are not probabilities: they should be 0 "
            f"or more and add up to 1, and one row adds up to {sums[0]:.4g}. "
            "Does its last layer lack activation='softmax'?"
        )


# A model's compiled function goes when the model goes: it knows the model by
# a weak reference only.
_functions = weakref.WeakKeyDictionary()


def _compiled(model):
    """Compile the model for any number of pictures, once."""
    if model not in _functions:
        # A function made anew here for each model would make TensorFlow warn
        # after the fifth that it compiles the same one again and again.
        _functions[model] = tf.function(
            functools.partial(_ask, weakref.ref(model)),
            input_signature=[tf.TensorSpec((None, 28, 28, 1))],
        )
    return _functions[model]


def _ask(reference, images):
    return reference()(images, training=False)


def load_recogniser(path):
    """Load a recogniser from a ``.keras`` file, without executing its code.

    Parameters
    ----------
    path : str or Path
        A file that ``model.save`` wrote, of a model that takes pictures of
        28×28 and gives ten probabilities.

    Returns
    -------
    keras.Model
        Ready for :func:`predict_digits`. It is not compiled: to train it on
        or to evaluate it, call its ``compile`` first.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is empty, damaged, or not a Keras model; if the model
        holds layers with code of their own, which are never executed; or if
        it takes or gives other shapes. The message says which.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no model {path}. {MAKE_ONE}")
    try:
        problem = _file_problem(path)
    except (
        OSError, ValueError, EOFError, RecursionError, NotImplementedError,
        RuntimeError, zipfile.BadZipFile, zlib.error,
    ) as error:
        problem = f"it cannot be read ({_first_line(error)})"
    if problem:
        raise _error(path, problem)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras has no error of its own for this
        raise _error(
            path, f"Keras cannot load it ({_first_line(error)})"
        ) from error
    problem = _shape_problem(model)
    if problem:
        raise _error(path, f"it is no digit recogniser: {problem}")
    return model


def _file_problem(path):
    """Say what is wrong with a model's file, or return None."""
    if path.is_dir():
        return "it is a folder"
    if path.suffix != ".keras":
        return "its name should end in .keras"
    if path.stat().st_size == 0:
        return "the file is empty"
    if not zipfile.is_zipfile(path):
        return "it is not a Keras model, or only a part of one"
    with zipfile.ZipFile(path) as archive:
        missing = PARTS - set(archive.namelist())
        if missing:
            return f"it is no Keras model: {min(missing)} is not in it"
        damaged = archive.testzip()
        if damaged:
            return f"{damaged} in it is damaged"
        classes = _class_names(archive.read("config.json"))
    foreign = [name for name in classes if name in FOREIGN_CODE]
    if foreign:
        return (
            f"it holds a {foreign[-1]}, which can execute any code, and that "
            "is never done here. Ask whoever made the model for one without"
        )
    return None


def _class_names(config):
    """List the values of "class_name" wherever they stand in JSON."""
    names = []
    json.loads(config, object_hook=lambda part: names.append(
        str(part.get("class_name"))
    ))
    return names


def _shape_problem(model):
    """Say what is wrong with the shapes of a model, or return None."""
    for attribute, verb, wanted in [
        ("input_shape", "takes", (None, 28, 28, 1)),
        ("output_shape", "gives", (None, 10)),
    ]:
        shape = getattr(model, attribute, "an unknown shape")
        if shape != wanted:
            return f"it {verb} {shape}, and should {verb[:-1]} {wanted}"
    return None


def _first_line(error):
    """Return the first sentence of an error's message, or its kind."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")


def _error(path, problem):
    return ValueError(
        f"The model {path} was not loaded: {problem}. {MAKE_ONE}"
    )
