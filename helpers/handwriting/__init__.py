"""Read handwriting from any picture: one digit, or a line of them.

This folder holds the way from a photo to MNIST's 28 by 28 pixels, the reader
of whole lines, and the command line's ``predict``. It imports the flat core
of ``helpers`` and nothing else of the project.
"""

from helpers.handwriting.pictures import HandwritingError
from helpers.handwriting.reader import Number, read_number
from helpers.handwriting.steps import find_steps, plot_steps, to_mnist

__all__ = ["HandwritingError", "Number", "find_steps", "plot_steps",
           "read_number", "to_mnist"]
