"""From MNIST's bytes to the arrays that a model takes."""

import numpy as np
from sklearn.model_selection import train_test_split


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
