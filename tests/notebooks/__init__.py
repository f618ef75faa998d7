"""What holds the lessons to their outputs and form; no tests of helpers."""
