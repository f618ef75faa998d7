"""What the three notebooks share. Each module has one subject.

Importing this package imports nothing else: ask for the module you need,
for example ``from helpers.data import load_mnist``.
"""
