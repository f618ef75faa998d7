"""A file of tests for each module; nothing that executes a lesson."""
