"""MNIST, read from the file that comes with the project, and made ready."""

import hashlib
import lzma
import zipfile
import zlib
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

MNIST_FILE = Path(__file__).parent / "mnist" / "mnist.npz"

# Shape and SHA-256 of `array.tobytes()` of each of the four arrays, all
# uint8. They are the pixels and labels of the original files (LeCun, Cortes
# and Burges), byte for byte.
MNIST_ARRAYS = {
    "x_train": (
        (60000, 28, 28),
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    "y_train": (
        (60000,),
        "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    ),
    "x_test": (
        (10000, 28, 28),
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    ),
    "y_test": (
        (10000,),
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    ),
}


class DatasetError(ValueError):
    """The data file is missing, damaged, or not the one that is expected."""


def load_mnist(path=MNIST_FILE):
    """Return all of MNIST as four arrays, checked against their digests.

    The result is exactly what ``keras.datasets.mnist.load_data()`` returns,
    without a download and without importing TensorFlow.

    Parameters
    ----------
    path : str or Path, optional
        The ``.npz`` file to read; by default the one beside this module.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuple of tuples of arrays
        ``x_train`` has shape (60000, 28, 28) and ``x_test`` (10000, 28, 28):
        uint8, 0 for black paper to 255 for the brightest ink. ``y_train``
        and ``y_test`` hold the digits, uint8 from 0 to 9.

    Raises
    ------
    DatasetError
        If the file is missing, cannot be read, or holds anything other than
        MNIST. The message says which array, what was expected and how to
        restore the file.

    Notes
    -----
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of
    handwritten digits", shared under CC BY-SA 3.0.
    """
    arrays = _read(Path(path))
    for name, (shape, digest) in MNIST_ARRAYS.items():
        _check(arrays[name], name, shape, digest, path)
    return (
        (arrays["x_train"], arrays["y_train"]),
        (arrays["x_test"], arrays["y_test"]),
    )


def _read(path):
    """Read the four arrays of ``path`` into a dictionary."""
    name = "the list of its arrays"
    try:
        if not path.is_file():
            raise _error(path, "there is no such file")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {}
            for name in MNIST_ARRAYS:
                arrays[name] = archive[name]
    except DatasetError:
        raise
    except KeyError:
        raise _error(path, f"the array {name} is not in it") from None
    except (
        OSError, EOFError, ValueError, TypeError, NotImplementedError,
        RuntimeError, lzma.LZMAError, zipfile.BadZipFile, zlib.error,
    ) as problem:
        raise _error(path, f"{name} cannot be read ({problem})") from problem
    return arrays


def _check(array, name, shape, digest, path):
    """Raise DatasetError unless ``array`` is the one that is expected."""
    if array.dtype != np.uint8 or array.shape != shape:
        raise _error(
            path,
            f"the array {name} should be uint8 of shape {shape}, "
            f"and is {array.dtype} of shape {array.shape}",
        )
    found = hashlib.sha256(np.ascontiguousarray(array)).hexdigest()
    if found != digest:
        raise _error(
            path,
            f"the array {name} is not MNIST's: its SHA-256 should be "
            f"{digest[:12]}…, and is {found[:12]}…",
        )


def _error(path, problem):
    return DatasetError(
        f"MNIST could not be loaded from {path}: {problem}. Restore the file "
        "with 'git checkout -- helpers/mnist', or clone the project again."
    )


def prepare_images(images):
    """Scale gray pictures to [0, 1] and give them a channel axis.

    Parameters
    ----------
    images : array of shape (count, height, width), uint8
        Gray pictures, 0 for black to 255 for white.

    Returns
    -------
    array of shape (count, height, width, 1), float32
        The same pictures, 0.0 for black to 1.0 for white.

    Raises
    ------
    TypeError
        If ``images`` is not a uint8 array: dividing pictures by 255 that
        were divided before would turn them black.
    ValueError
        If ``images`` has not three axes.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(
            f"prepare_images takes uint8 pictures (0 to 255), and got "
            f"{images.dtype}. Were they prepared already?"
        )
    if images.ndim != 3:
        raise ValueError(
            f"prepare_images takes an array of shape (count, height, width), "
            f"and got {images.shape}. One picture alone needs a first axis: "
            "image[np.newaxis]."
        )
    return images[..., np.newaxis].astype(np.float32) / np.float32(255)


def split_validation(x, y, size=5000, seed=0):
    """Hold out pictures for validation, keeping the share of each class.

    Parameters
    ----------
    x : array of shape (count, ...)
        The pictures.
    y : array of shape (count,)
        Their labels.
    size : int
        How many pictures to hold out.
    seed : int
        Which ones: the same seed holds out the same pictures.

    Returns
    -------
    (x_train, y_train), (x_val, y_val) : tuple of tuples of arrays
        The two parts, each shuffled. No picture is in both.

    Raises
    ------
    ValueError
        If ``x`` and ``y`` differ in length, or ``size`` leaves a part with
        too few pictures to hold every class.

    Notes
    -----
    A stratified split by ``sklearn.model_selection.train_test_split``.
    """
    x_train, x_val, y_train, y_val = train_test_split(
        x, y, test_size=size, stratify=y, random_state=seed
    )
    return (x_train, y_train), (x_val, y_val)
