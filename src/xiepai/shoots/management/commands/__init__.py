"""Commands of the shooting plans."""
