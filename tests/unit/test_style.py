"""The code, in modules and notebooks, is as ruff wants it."""

import subprocess
import sys

from mnist_digit_recognizer import PROJECT


def test_ruff_finds_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", str(PROJECT)],
        text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
