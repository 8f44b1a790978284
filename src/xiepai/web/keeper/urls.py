"""Addresses of who keeps places. Who may open which stands in ``config.access``."""

from __future__ import annotations

from django.urls import path

from xiepai.web.keeper import calendar, calls, home, imports, outside, places, structure, tariffs

app_name = "keeper"

urlpatterns = [
    path("", home.home, name="home"),
    path("export/", home.export, name="export"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<int:call_id>/", calls.call, name="call"),
    path("calls/<int:call_id>/offers/<int:offer_id>/withdraw/", calls.withdraw, name="offer_withdraw"),
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:import_id>/", imports.one, name="import"),
    path("imports/<int:import_id>/decide/", imports.decide, name="import_decide"),
    path("imports/<int:import_id>/errors.csv", imports.errors, name="import_errors"),
    path("places/new/", places.new, name="new"),
    path("places/<int:place_id>/", places.details, name="place"),
    path("places/<int:place_id>/photos/", places.photos, name="photos"),
    path("places/<int:place_id>/photos/<int:photo_id>/", places.photo, name="photo"),
    path("places/<int:place_id>/contacts/", places.contacts, name="contacts"),
    path("places/<int:place_id>/contacts/<int:contact_id>/remove/", places.contact_remove, name="contact_remove"),
    path("places/<int:place_id>/structure/", structure.structure, name="structure"),
    path("places/<int:place_id>/structure/publish/", structure.publish, name="publish"),
    path("places/<int:place_id>/structure/move/", structure.move, name="move"),
    path("places/<int:place_id>/structure/divide/", structure.divide, name="divide"),
    path("places/<int:place_id>/structure/retire/", structure.retire, name="retire"),
    path("places/<int:place_id>/calendar/", calendar.calendar, name="calendar"),
    path("places/<int:place_id>/calendar/hours/", calendar.hours, name="hours"),
    path("places/<int:place_id>/calendar/closed/", calendar.closed, name="closed"),
    path("places/<int:place_id>/calendar/block/", calendar.block, name="block"),
    path("places/<int:place_id>/calendar/block/<int:blocking_id>/", calendar.unblock, name="unblock"),
    path("places/<int:place_id>/calendar/rules/", calendar.rules, name="rules"),
    path("places/<int:place_id>/outside/", outside.outside_calendars, name="outside"),
    path("places/<int:place_id>/outside/<int:calendar_id>/remove/", outside.remove, name="outside_remove"),
    path("places/<int:place_id>/tariffs/", tariffs.tariffs, name="tariffs"),
    path("places/<int:place_id>/tariffs/example/", tariffs.example, name="tariff_example"),
    path("places/<int:place_id>/tariffs/<int:tariff_id>/withdraw/", tariffs.withdraw, name="tariff_withdraw"),
]
