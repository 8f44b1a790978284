"""People, organisations and the roles that bind them: who may act, for whom."""
