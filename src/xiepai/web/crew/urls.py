"""Addresses of bookings and needs: crews act on them, keepers answer."""

from __future__ import annotations

from django.urls import path

from xiepai.web.crew import bookings, needs

app_name = "crew"

urlpatterns = [
    path("bookings/", bookings.listing, name="bookings"),
    path("bookings.csv", bookings.as_csv, name="bookings_csv"),
    path("bookings/<int:booking_id>/", bookings.booking, name="booking"),
    path("bookings/<int:booking_id>/confirm/", bookings.confirm, name="booking_confirm"),
    path("bookings/<int:booking_id>/cancel/", bookings.cancel, name="booking_cancel"),
    path("bookings/<int:booking_id>/change/", bookings.change, name="booking_change"),
    path("bookings/<int:booking_id>/approve/", bookings.approve, name="booking_approve"),
    path("bookings/<int:booking_id>/decline/", bookings.decline, name="booking_decline"),
    path("bookings/<int:booking_id>/hand-over/", bookings.hand_over, name="booking_hand_over"),
    path("bookings/<int:booking_id>/take-back/", bookings.take_back, name="booking_take_back"),
    path("bookings/<int:booking_id>/no-show/", bookings.no_show, name="booking_no_show"),
    path("bookings/<int:booking_id>/settle/", bookings.settle, name="booking_settle"),
    path("bookings/<int:booking_id>/settlement.<str:form>", bookings.settlement, name="settlement"),
    path("places/<int:place_id>/hold/", bookings.hold, name="hold"),
    path("waiting/<int:entry_id>/", bookings.waiting, name="waiting"),
    path("needs/", needs.needs, name="needs"),
    path("needs/<int:list_id>/", needs.need_list, name="need_list"),
]
