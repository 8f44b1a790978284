"""Addresses of the crews' pages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "crew"

urlpatterns: list[URLPattern] = []
