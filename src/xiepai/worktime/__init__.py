"""Spans of time and weekly hours, in plain Python: no framework, no database, no clock."""
