"""Places: sites, buildings, sets and counted resources; calendars, tariffs, media and search."""
