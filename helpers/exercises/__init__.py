"""Exercises that check themselves: `check`, and one table for each notebook.

A table holds for each exercise a right solution, inputs to try it on, and the
mistakes that are often made: sentences, each with the wrong function or value
that it speaks of. Answers are judged by what they give, not by how they are
written. To add an exercise, add a block to a table; and to the notebook a cell
that ends in ``check("name", answer)``, with its folded solution below.
"""

from helpers.exercises.checking import check

__all__ = ["check"]
