"""Django's name card for bookings."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """From the first pencil to the settled account."""

    name = "xiepai.bookings"
    verbose_name = "预订"
