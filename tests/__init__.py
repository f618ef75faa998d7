"""All that checks the project; nothing that helpers or notebooks import."""
