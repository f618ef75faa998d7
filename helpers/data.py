"""MNIST, read from the file that comes with the project, and made ready."""

import hashlib
import io
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

MNIST_FILE = Path(__file__).parent / "mnist" / "mnist.npz"
SHA256 = "a7ca5941ed14a4e275a85c70d92dc1ec30216050a9a8efb4cd648939b6ce6b80"


class DatasetError(ValueError):
    """The data file is missing, damaged, or not the one that is expected."""


def load_mnist(path=MNIST_FILE):
    """Return all of MNIST: ``(x_train, y_train), (x_test, y_test)``.

    As ``keras.datasets.mnist.load_data()``, without download or TensorFlow:
    images of shape (60000, 28, 28) and (10000, 28, 28), uint8, 0 for black
    paper to 255 for the brightest ink; and their digits, uint8. Raises
    DatasetError if the file is missing, or has not the expected SHA-256.
    """
    try:
        data = Path(path).read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != SHA256:
            raise ValueError(f"its SHA-256 is {found}, not {SHA256}")
    except (OSError, ValueError) as problem:
        raise DatasetError(
            f"MNIST could not be loaded from {path}: {problem}. Restore it "
            "by 'git checkout -- helpers/mnist', or a new copy.") from problem
    arrays = np.load(io.BytesIO(data))
    return tuple((arrays[f"x_{part}"], arrays[f"y_{part}"])
                 for part in ("train", "test"))


def prepare_images(images):
    """Scale gray images to [0, 1] and give them a channel axis.

    Takes an array of shape (count, height, width), uint8 from 0 for black to
    255 for white; returns one of shape (count, height, width, 1), float32
    from 0.0 to 1.0. Raises TypeError for another dtype, and ValueError unless
    there are three axes.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError("prepare_images takes uint8 images (0 to 255), and "
                        f"got {images.dtype}. Were they prepared already?")
    if images.ndim != 3:
        raise ValueError(
            "prepare_images takes an array of shape (count, height, width), "
            f"and got {images.shape}. One image alone: image[np.newaxis].")
    return images[..., np.newaxis].astype(np.float32) / np.float32(255)


def split_validation(x, y, size=5000, seed=0):
    """Hold out ``size`` images for validation, keeping each class's share.

    Takes arrays of shape (count, ...) and (count,); returns ``(x_train,
    y_train), (x_val, y_val)``, each shuffled. The same seed holds out the
    same. Raises ValueError if ``x`` and ``y`` differ in length, or a part
    cannot hold each class.
    """
    x_train, x_val, y_train, y_val = train_test_split(
        x, y, test_size=size, stratify=y, random_state=seed)
    return (x_train, y_train), (x_val, y_val)
