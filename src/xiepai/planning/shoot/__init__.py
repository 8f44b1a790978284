"""A shooting plan: ``Problem`` → :func:`solve` → ``Result``."""
