"""Addresses anyone may open."""

from __future__ import annotations

from django.urls import path

from xiepai.web.public import (
    about,
    calculator,
    compare,
    grants,
    home,
    invitations,
    maps,
    notices,
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
    path("programmes/", grants.programmes, name="programmes"),
    path("awards/", grants.awards, name="awards"),
    path("awards.<str:form>", grants.awards_file, name="awards_file"),
    path("awards/statistics/", grants.statistics, name="award_statistics"),
    path("awards/statistics/<slug:by>.csv", grants.statistics_file, name="award_statistics_file"),
    path("public-notices/", notices.listing, name="notices"),
    path("public-notices/<int:notice_id>/", notices.notice, name="notice"),
    path("public-notices/<int:notice_id>/notice.pdf", notices.as_pdf, name="notice_pdf"),
    path("public-notices/<int:notice_id>/notice.csv", notices.as_csv, name="notice_csv"),
    path("public-notices/<int:notice_id>/objections/", notices.object_to, name="notice_object"),
    path("objections/", notices.objection, name="objection"),
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
