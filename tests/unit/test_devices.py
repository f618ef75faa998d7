"""Tests of helpers.devices."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

USED = """
import numpy as np
from helpers import devices
names = devices.split_processor(3)
strategy = devices.tf.distribute.MirroredStrategy(names)
print(names, strategy.num_replicas_in_sync)
rng = np.random.default_rng(0)
x = rng.random((64, 28, 28, 1), np.float32)
y = rng.integers(0, 10, 64)
alone, other = (devices.train(x, y, seed, batch_size=15) for seed in (0, 1))
together = devices.train(x, y, 0, strategy, batch_size=15)
a, b, c = (model(x, training=False).numpy()
           for model in (alone, other, together))
try:
    devices.train(x, y, 0, strategy, batch_size=16)
except ValueError as error:
    print("refused:", error)
print(np.abs(a - c).max() < 1e-3, np.abs(a - b).max() > 1e-2)
try:
    devices.split_processor()
except RuntimeError as error:
    print("refused:", error)
"""


@pytest.fixture(scope="module")
def printed():
    """What a fresh Python prints that uses the module."""
    finished = subprocess.run(
        [sys.executable, "-c", USED], cwd=PROJECT, capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert not finished.stderr
    return finished.stdout.splitlines()


def test_the_processor_is_split(printed):
    assert printed[0] == "['CPU:0', 'CPU:1', 'CPU:2'] 3"


def test_devices_together_train_the_same_network(printed):
    """Rounding alone between one device and three; another seed differs."""
    assert printed[2] == "True True"


def test_a_batch_that_cannot_be_shared_out_is_refused(printed):
    assert printed[1].startswith("refused: A batch of 16 pictures")
    assert printed[1].endswith("Choose a multiple of 3.")


def test_a_processor_in_use_is_not_split(printed):
    assert printed[3].startswith("refused:")
    assert "initialized" in printed[3]
