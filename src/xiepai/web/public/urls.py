"""Addresses anyone may open."""

from __future__ import annotations

from django.urls import path

from xiepai.web.public import (
    about,
    calculator,
    compare,
    home,
    invitations,
    maps,
    place,
    places,
    policies,
    selections,
    service,
)

app_name = "public"

urlpatterns = [
    path("", home.home, name="home"),
    path("places/", places.listing, name="places"),
    path("places/export.<str:kind>", places.export, name="places_export"),
    path("places/pins.json", maps.pins_json, name="pins"),
    path("places/outline.json", maps.outline_json, name="outline"),
    path("places/<int:place_id>/", place.place, name="place"),
    path("compare/", compare.compare, name="compare"),
    path("selections/", selections.listing, name="selections"),
    path("selections/<int:selection_id>/", selections.selection, name="selection"),
    path("selections/<int:selection_id>/change/", selections.change, name="selection_change"),
    path("selections/<int:selection_id>/selection.xlsx", selections.as_xlsx, name="selection_xlsx"),
    path("selections/add/<int:place_id>/", selections.pick, name="pick"),
    path("s/<str:secret>/", selections.shared, name="shared"),
    path("s/<str:secret>/selection.xlsx", selections.shared_xlsx, name="shared_xlsx"),
    path("how/", about.how, name="how"),
    path("calculator/", calculator.page, name="calculator"),
    path("calculator/estimate.svg", calculator.as_code, name="estimate_code"),
    path("calculator/estimate.json", calculator.as_json, name="estimate_json"),
    path("calculator/estimate.csv", calculator.as_csv, name="estimate_csv"),
    path("calculator/estimate.pdf", calculator.as_pdf, name="estimate_pdf"),
    path("policies/", policies.listing, name="policies"),
    path("policies/<slug:key>/", policies.policy, name="policy"),
    path("sitemap.xml", about.sitemap, name="sitemap"),
    path("style/", service.style, name="style"),
    path("theme/", service.theme, name="theme"),
    path("healthz", service.health, name="health"),
    path("robots.txt", service.robots, name="robots"),
    path("favicon.ico", service.favicon, name="favicon"),
    path("media/<path:name>", service.media, name="media"),
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
]
