"""Errors, clock, audit, money, jobs: what every domain stands on. Knows no domain word."""
