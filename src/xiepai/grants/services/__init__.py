"""What can be done with grants, one function a deed; see ``docs/grants.md``."""
