"""Pages of the film-service office and of place keepers."""
