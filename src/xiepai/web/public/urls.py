"""Addresses anyone may open."""

from __future__ import annotations

from django.urls import path

from xiepai.web.public import home, invitations, places, service

app_name = "public"

urlpatterns = [
    path("", home.home, name="home"),
    path("places/", places.listing, name="places"),
    path("places/<int:place_id>/", places.place, name="place"),
    path("style/", service.style, name="style"),
    path("theme/", service.theme, name="theme"),
    path("healthz", service.health, name="health"),
    path("robots.txt", service.robots, name="robots"),
    path("favicon.ico", service.favicon, name="favicon"),
    path("media/<path:name>", service.media, name="media"),
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
]
