"""The code, in modules and notebooks, is as ruff wants it."""

import subprocess
import sys

from mnist_digit_recognizer import PROJECT


def test_ruff_finds_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", str(PROJECT)],
        text=True, capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_would_find_something(tmp_path):
    faulty = tmp_path / "faulty.py"
    faulty.write_text("import os\n")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config",
         str(PROJECT / "pyproject.toml"), str(faulty)],
        text=True, capture_output=True,
    )
    assert done.returncode == 1 and "F401" in done.stdout
