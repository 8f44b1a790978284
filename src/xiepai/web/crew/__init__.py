"""Pages of producers and schedulers."""
