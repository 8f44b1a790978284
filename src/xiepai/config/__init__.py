"""Settings, URLs, the command line and the servers: the only room that may import every other."""
