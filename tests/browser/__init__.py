"""Tests that need JupyterLab and Chromium; nothing that runs without."""
