"""Train the small recogniser of digits that comes with the project.

``make reader`` does, too. It reads photos until you have trained your own, and
has seen a 1 with an upstroke and a crossed 7, which MNIST lacks.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers
from scipy import ndimage

from helpers.augment import digit_generator
from helpers.data import load_mnist, prepare_images, split_validation
from helpers.handwriting.composer import HANDS, draw
from helpers.handwriting.digits import fit

FILE = Path(__file__).with_name("recogniser.keras")
EPOCHS, BATCH = 12, 128
TIMES = 60  # how often each drawn form is drawn, each time otherwise


def draw_digits(seed):
    """Draw digits as people do whose hands MNIST lacks.

    Returns images of shape (count, 28, 28), uint8, and their digits.
    """
    rng, images, labels = np.random.default_rng(seed), [], []
    for label in range(10):
        for form in HANDS["forms"][str(label)] * TIMES:
            line, pen = draw(form, rng), rng.integers(1, 5)
            images.append(fit(ndimage.binary_dilation(line, iterations=pen)))
            labels.append(label)
    return np.array(images), np.array(labels)


def train(seed=0):
    """Train the recogniser, and save it; return the keras.Model."""
    keras.utils.set_random_seed(seed)
    (x, y), (x_val, y_val) = split_validation(*load_mnist()[0], 10000)
    drawn, labels = draw_digits(seed)
    x = prepare_images(np.concatenate([x, drawn]))
    y = np.concatenate([y, labels])
    parts = [keras.Input((28, 28, 1)), layers.Conv2D(16, 5, 2, "same")]
    for count in 32, 48:
        parts += [layers.BatchNormalization(), layers.ReLU(),
                  layers.Conv2D(count, 3, padding="same"),
                  layers.MaxPooling2D(2)]
    model = keras.Sequential([
        *parts, layers.BatchNormalization(), layers.ReLU(), layers.Flatten(),
        layers.Dropout(0.3), layers.Dense(10, activation="softmax")])
    rate = keras.optimizers.schedules.CosineDecay(
        3e-3, EPOCHS * (len(x) // BATCH))
    model.compile(keras.optimizers.Adam(rate),
                  "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(digit_generator().flow(x, y, BATCH, seed=seed), epochs=EPOCHS,
              verbose=2, validation_data=(prepare_images(x_val), y_val))
    model = keras.Model(model.inputs, model.outputs)  # without its optimiser
    model.save(FILE)
    return model


if __name__ == "__main__":
    train()
