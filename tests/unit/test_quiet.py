"""TensorFlow starts without a word, and a failure is told whole."""

import os
import subprocess
import sys

import pytest

from mnist_digit_recognizer import PROJECT

pytestmark = pytest.mark.long


def run(code):
    """Run code in a Python of its own; return its exit code and its words."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


START = "from helpers.quiet import quiet_start\nwith quiet_start():\n    "


@pytest.mark.skipif(sys.platform != "linux", reason="it is silent there")
def test_without_it_tensorflow_does_write():
    assert "oneDNN" in run("import tensorflow")[1]


def test_what_was_held_back_is_shown_when_the_start_fails():
    code, errors = run(
        START + "import os; os.write(2, b'the reason\\n'); import no_such_one")
    assert code == 1 and errors.index("the reason") < errors.index(
        "No module named 'no_such_one'")


def test_afterwards_errors_come_through():
    code = "pass\nimport os; os.write(2, b'below')"
    assert run(START + code) == (0, "below")
