"""Tasks of bookings."""
