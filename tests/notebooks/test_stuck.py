"""What notebooks say to readers who are stuck is what happens to them.

Each row of the tables under "When you are stuck" is reproduced here: the
error with its message, or what the reader sees; and the cure, where there is
one in code.
"""

import re
import subprocess
import sys
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers

from helpers.data import load_mnist, prepare_images
from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import code_cells, read

GUESS = -np.log(0.1)  # the loss of ten equal probabilities: 2.30


def rows(path):
    """What a reader sees, by the table of a notebook, and what to do."""
    (cell,) = [cell for cell in read(path).cells
               if cell.source.startswith("## When you are stuck")]
    lines = re.findall(r"^\| (.*) \|$", cell.source, re.MULTILINE)[2:]
    return [re.split(r" \| ", line) for line in lines]


# Two notebooks share most rows. Only a missing name depends on the notebook.
ROWS = {
    (seen, why, cure, path.stem if "NameError" in seen else ""):
    (path, seen, cure) for path in NOTEBOOKS for seen, why, cure in rows(path)
}


@pytest.fixture(scope="module")
def data():
    """Two thousand digits as loaded, prepared, and their labels."""
    (x, y), _ = load_mnist()
    return x[:2000], prepare_images(x[:2000]), y[:2000]


def network(activation="softmax"):
    """A small network that learns MNIST within seconds."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 5, strides=3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation=activation),
    ])


def fit(model, x, y, epochs=3, rate=0.003,
        loss="sparse_categorical_crossentropy"):
    """Train, and return the loss of each epoch."""
    model.compile(keras.optimizers.Adam(rate), loss=loss)
    history = model.fit(x, y, epochs=epochs, batch_size=50, verbose=0,
                        shuffle=False)
    return history.history["loss"]


def says(seen, error):
    """Whether an error, or a warning, reads as its code in a table."""
    name, _, message = re.fullmatch("`(.*)`", seen)[1].partition(": ")
    text = str(getattr(error, "message", error)).replace("`", "")
    kind = getattr(error, "category", type(error)).__name__
    parts = [re.escape(part) for part in message.replace("`", "").split("…")]
    return name == kind and re.search(".*".join(parts), text, re.DOTALL)


def missing_name(path, seen, cure, data):
    name = re.search(r"'(\w+)'", seen)[1]
    found = []
    for cell in code_cells(read(path))[3:]:
        if re.search(rf"\b{name}\b", cell.source):
            try:
                exec(cell.source, {})
            except NameError as error:
                found.append(says(seen, error))
            except Exception:
                continue
    assert any(found)


def missing_package(path, seen, cure, data):
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import numpy"], text=True,
        capture_output=True,
    )
    last = done.stderr.splitlines()[-1]
    assert last == seen.strip("`")


def second_run(path, seen, cure, data):
    cell = "image = image / 255"
    names = {"image": data[0][0]}
    exec(cell, names)
    first = names["image"].max()
    exec(cell, names)
    assert first == 1.0 and names["image"].max() == 1 / 255


def prepared_twice(path, seen, cure, data):
    with pytest.raises(TypeError) as raised:
        prepare_images(data[1])
    assert says(seen, raised.value)


def black_picture(path, seen, cure, data):
    image = data[1][0, ..., 0]
    figure, axis = plt.subplots()
    drawn = axis.imshow(image, cmap="gray", vmin=0, vmax=255)
    assert image.max() == 1 and drawn.to_rgba(image)[..., 0].max() < 0.01
    drawn.set_clim(0, 1)
    assert drawn.to_rgba(image)[..., 0].max() == 1
    plt.close(figure)


def gray_and_colour(path, seen, cure, data):
    with pytest.raises(ValueError) as raised:
        data[0][0] + np.zeros((28, 28, 3), np.uint8)
    assert says(seen, raised.value)


def wrapped(path, seen, cure, data):
    bright, dark = np.uint8([200]), np.uint8([100])
    assert bright + dark == 44
    assert bright.astype(np.int16) + dark == 300
    assert np.uint8([0]) - np.uint8([10]) == 246


def same_answer(path, seen, cure, data):
    images, ready, labels = data
    means = np.stack([ready[labels == d].mean(axis=0) for d in range(10)])

    def answers(given):
        gaps = prepare_images(given)[:, np.newaxis] - means
        return (gaps**2).sum(axis=(2, 3, 4)).argmin(axis=1)

    few = images[:500]
    assert np.bincount(answers(255 - few)).max() > 0.7 * len(few)
    assert np.bincount(answers(255 - (255 - few))).max() < 0.2 * len(few)


def second_fit(path, seen, cure, data):
    model = network()
    first = fit(model, *data[1:], epochs=2)
    assert fit(model, *data[1:], epochs=1)[0] < 0.5 * first[0]
    assert fit(network(), *data[1:], epochs=1)[0] > 0.9 * first[0]


def wrong_shape(path, seen, cure, data):
    with pytest.raises(ValueError) as raised:
        network()(data[1][0, ..., 0])
    assert says(seen, raised.value)
    assert prepare_images(data[0][:1]).shape == (1, 28, 28, 1)
    assert network()(data[1][:1]).shape == (1, 10)


def no_batch(path, seen, cure, data):
    with pytest.raises(ValueError) as raised:
        network()(data[1][0])
    assert says(seen, raised.value)


def other_length(path, seen, cure, data):
    with pytest.raises(ValueError) as raised:
        fit(network(), data[1], data[2][:-1])
    assert says(seen, raised.value)


def one_hot(path, seen, cure, data):
    labels = np.eye(10)[data[2]]
    with pytest.raises(ValueError) as raised:
        fit(network(), data[1], labels)
    assert says(seen, raised.value)
    fit(network(), data[1], labels.argmax(axis=1), epochs=1)


def forgotten_scaling(path, seen, cure, data):
    raw, ready, labels = data
    assert fit(network(), raw[..., np.newaxis], labels, 1)[0] > 2 * GUESS
    assert fit(network(), ready, labels, 1)[0] < GUESS
    assert f"`{GUESS:.2f}`" in seen


def stays_at_a_guess(path, seen, cure, data):
    _, ready, labels = data
    mixed = np.random.default_rng(0).permutation(labels)
    ends = {
        "labels mixed": fit(network(), ready, mixed),
        "rate": fit(network(), ready, labels, rate=1.0),
        "divided twice": fit(network(), ready / 255, labels, 2),
        "no softmax": fit(network(None), ready, labels),
    }
    assert all(abs(loss[-1] - GUESS) < 0.15 for loss in ends.values()), ends
    assert fit(network(), ready, labels, rate=0.001)[-1] < 0.5 * GUESS


def softmax_twice(path, seen, cure, data):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        both = fit(network(), *data[1:], loss=loss)
    assert any(says(seen, warning) for warning in caught)
    assert both == fit(network(), *data[1:])  # Keras leaves one out
    sure = np.eye(10, dtype=np.float32)[data[2]]
    floor = float(loss(data[2], sure))
    (why,) = [why for first, why, _ in rows(path) if first == seen]
    assert f"`{floor:.2f}`" in why


def inverted(path, seen, cure, data):
    raw, ready, labels = data
    model = network()
    fit(model, ready, labels, 6)

    def accuracy(images):
        answers = model(prepare_images(images)).numpy().argmax(axis=1)
        return (answers == labels).mean()

    assert accuracy(raw) > 0.9 and accuracy(255 - raw) < 0.3
    assert accuracy(255 - (255 - raw)) == accuracy(raw)


REPRODUCED = {
    "NameError": missing_name,
    "No module named": missing_package,
    "when you run it again": second_run,
    "got float32": prepared_twice,
    "A picture is black": black_picture,
    "broadcast": gray_and_colour,
    "too small": wrapped,
    "same answer": same_answer,
    "first epoch with a low loss": second_fit,
    "incompatible shape": wrong_shape,
    "expected axis -1": no_batch,
    "cardinality": other_length,
    "rank (ndim)": one_hot,
    "far above": forgotten_scaling,
    "stays near": stays_at_a_guess,
    "from_logits": softmax_twice,
    "your own pictures badly": inverted,
}


@pytest.mark.parametrize(
    "path, seen, cure", ROWS.values(), ids=[row[0] for row in ROWS]
)
def test_what_a_reader_sees_is_what_happens(path, seen, cure, data):
    (reproduce,) = [action for words, action in REPRODUCED.items()
                    if words in seen]
    reproduce(path, seen, cure, data)


def test_each_notebook_has_a_table_and_each_reproduction_a_row():
    for path in NOTEBOOKS:
        assert len(rows(path)) >= 8
        assert all(len(row) == 3 for row in rows(path))
    for words in REPRODUCED:
        assert any(words in seen for seen, *_ in ROWS), words


def test_another_message_would_not_pass():
    error = ValueError("Expected shape (3,), but it has rank 2")
    assert says("`ValueError: Expected shape … rank 2`", error)
    assert not says("`TypeError: Expected shape … rank 2`", error)
    assert not says("`ValueError: Expected form … rank 2`", error)
