"""How form widgets are drawn: by Jinja2, several times as fast, and by Django's own templates where only those exist.

The back door's widgets (``admin/widgets/…``) and allauth's have no Jinja2 twins.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.forms.renderers import BaseRenderer, DjangoTemplates, Jinja2
from django.template.exceptions import TemplateDoesNotExist


class Renderer(BaseRenderer):
    """The form renderer of every page."""

    @cached_property
    def _usual(self) -> Jinja2:
        return Jinja2()

    @cached_property
    def _other(self) -> DjangoTemplates:
        return DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        """The template by that name, the faster engine first."""
        try:
            return self._usual.get_template(template_name)
        except TemplateDoesNotExist:
            return self._other.get_template(template_name)
