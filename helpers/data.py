"""MNIST, read from the file that comes with the project."""

import hashlib
import lzma
import zipfile
import zlib
from pathlib import Path

import numpy as np

MNIST_FILE = Path(__file__).with_name("mnist.npz")

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
        "with 'git checkout -- helpers/mnist.npz', or clone the project again."
    )
