"""What may be done to scripts, plans and call sheets; one module an aggregate."""
