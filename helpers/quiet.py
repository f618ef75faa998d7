"""Keep TensorFlow's start-up log out of the lesson, unless it fails."""

import os
import sys
import tempfile
from contextlib import contextmanager


@contextmanager
def quiet_start():
    """Hold back what TensorFlow's C++ code writes while it starts.

    TensorFlow reports the processor's features and looks for a graphics card
    when it is imported, on the standard error stream, which notebooks show
    in red. None of it is an error. Import TensorFlow and ask for its devices
    inside this block, and the page stays clean. If the block raises, all that
    was held back is shown first. After the block nothing is hidden but
    TensorFlow's notes and warnings from C++ (``TF_CPP_MIN_LOG_LEVEL=2``, if
    you have not set it); its errors, and all that Python reports, come
    through. If the whole process dies inside the block (TensorFlow does that
    on a processor that lacks instructions it needs), the log dies with it:
    run ``python -c "import tensorflow"`` to see it.

    Raises
    ------
    Whatever the block raises.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    usual = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            _restore(usual)
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
        else:
            _restore(usual)


def _restore(usual):
    os.dup2(usual, 2)
    os.close(usual)
