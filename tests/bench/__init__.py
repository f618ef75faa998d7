"""Measurements to run by hand; nothing that passes or fails."""
