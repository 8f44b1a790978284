"""Tasks of the kernel itself."""
