"""What `make` calls to write or count files; nothing that tests."""
