"""Keep TensorFlow's start-up log out of the lesson, unless it fails."""

import os
import sys
import tempfile
from contextlib import contextmanager


@contextmanager
def quiet_start():
    """Hold back what TensorFlow's C++ code writes while it starts.

    Import TensorFlow and ask for its devices inside this block. If it raises,
    what was held back is shown before the error. After the block, C++ tells
    only what ends the process: its log calls some things errors that stop
    nothing. If the process dies inside, ``python -c "import tensorflow"``
    shows why.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    usual = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(usual, held.read())
            raise
        finally:
            os.dup2(usual, 2)
            os.close(usual)
