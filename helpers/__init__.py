"""What the three notebooks share. Each module has one subject.

The flat core is what lessons import: `data`, `figures`, `quiet`, `augment`
and `recogniser`. Folders beside it hold what would drown it: `exercises`
(checks of the learner's answers), `handwriting` (from photos to digits and
numbers), `pad` (drawing in a notebook), and the data `mnist` and `measured`
(what benchmarks wrote and lessons show). The folders import the core; the
core imports no folder, and nothing here imports tests or notebooks.

Importing this package imports nothing else: ask for the module you need,
for example ``from helpers.data import load_mnist``.
"""
