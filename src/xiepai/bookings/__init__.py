"""Holds, reservations and the waiting list: nothing is booked twice, because the database refuses."""
