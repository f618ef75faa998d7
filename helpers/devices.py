"""Train one network on one device and on two, with ``tf.distribute``.

``python -m helpers.devices`` splits the processor into two logical devices
and prints how both ways of training end. It is a program of its own,
because TensorFlow fixes its devices when it starts.
"""

import contextlib

import numpy as np

from helpers.data import load_mnist, prepare_images, split_validation
from helpers.quiet import quiet_start

with quiet_start():
    import tensorflow as tf

    tf.config.list_physical_devices()
import keras
from keras import layers


def split_processor(devices=2):
    """Make several logical devices of the processor.

    Parameters
    ----------
    devices : int
        How many, at least 1.

    Returns
    -------
    list of str
        Their names, such as ``"CPU:0"``.

    Raises
    ------
    RuntimeError
        If TensorFlow has used the processor already.
    """
    processor = tf.config.list_physical_devices("CPU")[0]
    part = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(processor, [part] * devices)
    return [f"CPU:{number}" for number in range(devices)]


def train(x, y, seed, strategy=None, batch_size=256):
    """Train a small network for one epoch.

    Parameters
    ----------
    x : numpy.ndarray of float32, shape (N, 28, 28, 1)
        Pictures with values in [0, 1].
    y : numpy.ndarray of int, shape (N,)
        Labels from 0 to 9.
    seed : int
        Seed of the first weights and of the order of the pictures.
    strategy : tf.distribute.Strategy, optional
        Where to train; left out, on one device.
    batch_size : int
        Pictures in one step, over all devices together. Pictures that do
        not fill a last batch are left out: Keras 3 fails where a device
        gets no picture, or in the first batch fewer than another device.

    Returns
    -------
    keras.Model
        The trained network.

    Raises
    ------
    ValueError
        If a batch cannot be shared out evenly.
    """
    replicas = strategy.num_replicas_in_sync if strategy else 1
    if batch_size % replicas:
        raise ValueError(
            f"A batch of {batch_size} pictures cannot be shared out evenly "
            f"among {replicas} devices. Choose a multiple of {replicas}."
        )
    keras.utils.set_random_seed(seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(16, 5, strides=2, activation="relu"),
                layers.Conv2D(32, 3, strides=2, activation="relu"),
                layers.Flatten(),
                layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(
            keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy"
        )
    order = np.random.default_rng(seed).permutation(len(x))
    data = tf.data.Dataset.from_tensor_slices((x[order], y[order]))
    model.fit(data.batch(batch_size, True), shuffle=False, verbose=0)
    return model


def main():
    """Train from three seeds in both ways, and print how they end."""
    names = split_processor()
    tf.get_logger().setLevel("ERROR")
    strategy = tf.distribute.MirroredStrategy(names)
    print("devices:", strategy.num_replicas_in_sync)
    (x_train, y_train), _ = load_mnist()
    (x_fit, y_fit), (x_val, y_val) = split_validation(x_train, y_train, seed=0)
    x, y = prepare_images(x_fit[:10240]), y_fit[:10240]
    x_val = prepare_images(x_val)
    for seed in range(3):
        alone, together = (
            train(x, y, seed, where)(x_val, training=False).numpy()
            for where in (None, strategy)
        )
        right = [
            100 * (rows.argmax(axis=1) == y_val).mean()
            for rows in (alone, together)
        ]
        print(
            f"seed {seed}: one device {right[0]:.1f} % right, two devices "
            f"{right[1]:.1f} % right, largest difference of a probability "
            f"{np.abs(alone - together).max():.3f}"
        )


if __name__ == "__main__":
    main()
