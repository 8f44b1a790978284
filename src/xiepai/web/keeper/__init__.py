"""The face of who keeps places: the list, one place's pages, files in and out. Rules live in ``places``."""
