"""What "When you are stuck" says is what happens.

Each row of the table in notebooks/README.md is reproduced here: the error
with its message, or what the reader sees; and the cure, where it is code.
"""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from matplotlib.colors import Normalize

from helpers.data import load_mnist, prepare_images
from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import code_cells, read

TEXT = (NOTEBOOKS[0].parent / "README.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## When you are stuck")[1].split("\n## ")[0]
ROWS = [row.split(" | ") for row in
        re.findall(r"^\| (.*) \|$", SECTION, re.MULTILINE)[2:]]
CELLS = [cell.source for cell in code_cells(read(NOTEBOOKS[0]))]
GUESS = -np.log(0.1)  # the loss of ten equal probabilities: 2.30
SPARSE = keras.losses.SparseCategoricalCrossentropy
(IMAGES, LABELS), _ = load_mnist()
IMAGES, LABELS = IMAGES[:2000], LABELS[:2000]
READY = prepare_images(IMAGES)


def network(activation="softmax"):
    """A small network that learns MNIST within seconds."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 5, 3, activation="relu"),
        layers.Flatten(), layers.Dense(10, activation=activation)])


def fit(model, x=READY, y=LABELS, epochs=3, rate=0.003, **loss):
    """Train, and return the loss of each epoch."""
    model.compile(keras.optimizers.Adam(rate), loss=SPARSE(**loss))
    return model.fit(x, y, 50, epochs, 0, shuffle=False).history["loss"]


def in_python(*options):
    """Run another Python; raise the error with which it ends."""
    done = subprocess.run([sys.executable, *options], text=True,
                          capture_output=True)
    name, message = done.stderr.splitlines()[-1].split(": ", 1)
    raise type(name, (Exception,), {})(message)


def stranger():
    in_python("-c", "import sys, types; name = 'helpers'; sys.modules[name] = "
              "types.ModuleType(name)\n" + CELLS[0].splitlines()[-1])


def softmax_twice():
    floor = SPARSE(from_logits=True)(LABELS, np.eye(10)[LABELS])
    assert f"`{float(floor):.2f}`" in SECTION
    fit(network(), from_logits=True)


ERRORS = {
    "NameError": lambda: exec(
        next(cell for cell in CELLS if "image = x_train" in cell), {}),
    "No module named": lambda: in_python("-ISc", "import numpy"),
    "ImportError": stranger,
    "got float32": lambda: prepare_images(READY),
    "broadcast": lambda: IMAGES[0] + np.zeros((28, 28, 3), np.uint8),
    "incompatible shape": lambda: network()(READY[0, ..., 0]),
    "expected axis -1": lambda: network()(READY[0]),
    "cardinality": lambda: fit(network(), READY, LABELS[:-1]),
    "rank (ndim)": lambda: fit(network(), READY, np.eye(10)[LABELS]),
    "from_logits": softmax_twice}


@pytest.mark.filterwarnings("error:.*from_logits")
@pytest.mark.parametrize("words", ERRORS)
def test_an_error_reads_as_in_the_table(words):
    (seen,) = [row[0] for row in ROWS if words in row[0]]
    with pytest.raises(Exception) as raised:
        ERRORS[words]()
    said = f"{raised.typename}: {raised.value}".replace("`", "")
    parts = [re.escape(part.strip("` ")) for part in seen.split("…")]
    assert re.match(".*".join(parts), said, re.DOTALL), said


def arrays():
    names = {"image": IMAGES[0]}
    for brightest in (1, 1 / 255):
        exec("image = image / 255", names)
        assert names["image"].max() == brightest
    assert Normalize(0, 255)(READY[0]).max() < 0.01
    assert Normalize(0, 1)(READY[0]).max() == 1
    bright, dark = np.uint8([200]), np.uint8([100])
    assert bright + dark == 44 and np.uint8([0]) - np.uint8([10]) == 246
    assert bright.astype(np.int16) + dark == 300


def inverted():
    means = np.stack([READY[LABELS == d].mean(axis=0) for d in range(10)])
    gaps = (1 - READY[:500])[:, np.newaxis] - means
    nearest = (gaps**2).sum(axis=(2, 3, 4)).argmin(axis=1)
    assert np.bincount(nearest).max() > 0.7 * 500
    model = network()
    fit(model, epochs=6)
    for images, good in [(READY, True), (1 - READY, False)]:
        found = model(images).numpy().argmax(axis=1)
        assert ((found == LABELS).mean() > 0.9) == good


def first_losses():
    model = network()
    first = fit(model)[0]
    assert first < GUESS and fit(model)[0] < 0.5 * first
    assert fit(network(), IMAGES[..., np.newaxis])[0] > 2 * GUESS


def stays_at_a_guess():
    mixed = np.random.default_rng(0).permutation(LABELS)
    for losses in (fit(network(), y=mixed), fit(network(), rate=1.0),
                   fit(network(), READY / 255, epochs=2), fit(network(None))):
        assert abs(losses[-1] - GUESS) < 0.15
    assert fit(network(), rate=0.001)[-1] < 0.5 * GUESS


SEEN = {
    "when you run it again": arrays, "is drawn black": arrays,
    "too small": arrays, "same prediction": inverted,
    "with a low loss": first_losses, "far above": first_losses,
    "stays near": stays_at_a_guess}


@pytest.mark.parametrize("happens", dict.fromkeys(SEEN.values()))
def test_what_a_reader_sees_is_what_happens(happens):
    happens()


def test_each_row_is_reproduced_and_says_what_to_do():
    for row in ROWS:
        assert len(row) == 3 and all(row)
        assert sum(words in row[0] for words in [*ERRORS, *SEEN]) == 1, row[0]
    assert len(ROWS) == len(ERRORS) + len(SEEN)
    assert SECTION.count(f"`{GUESS:.2f}`") == 2
