"""Small pages that are not about the city: health, robots, icon, theme, pictures, and the style page.

Pictures are served by a view and never by the file system's word for it: only images that belong to a place
the reader may see, with a type we name ourselves.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from xiepai.kernel.errors import not_found
from xiepai.places.access import visible_to
from xiepai.places.models import Photo, Place
from xiepai.web.jinja import THEMES
from xiepai.web.public import style_samples
from xiepai.web.requests import Request

PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
#: what search engines should leave alone
CLOSED = (
    "/accounts/",
    "/api/",
    "/calculator/estimate",
    "/compare/",
    "/history/",
    "/invitations/",
    "/me/",
    "/office/",
    "/organisations/",
    "/objections/",
    "/places/export",
    "/s/",
    "/selections/",
)
A_YEAR = 365 * 24 * 3600


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """``ok`` when the database answers: for load balancers and the supervisor."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@cache_control(max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines should leave alone, and where they find the rest."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('public:sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
@cache_control(max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Our mark, for those who ask for the old address."""
    found = finders.find("mark.svg")
    if not found:
        raise not_found()
    with open(found, "rb") as file:  # noqa: PTH123  # the finder gives a string
        return HttpResponse(file.read(), content_type="image/svg+xml")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's choice of system, light or dark in a cookie, and go back to the page."""
    chosen, back = request.POST.get("theme", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    if chosen in THEMES:
        answer.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer


@require_safe
def media(request: Request, name: str) -> HttpResponse | FileResponse:
    """A picture of a place the reader may see."""
    content_type = PICTURES.get(PurePosixPath(name).suffix.lower())
    visible = Place.objects.filter(visible_to(request.actor))
    known = Photo.objects.filter(Q(image=name) | Q(thumbnail=name), place__in=visible)
    if content_type is None or not known.exists():
        raise not_found()
    try:
        file = default_storage.open(name)
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise not_found() from error
    answer = FileResponse(file, content_type=content_type)
    answer["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_safe
def style(request: Request) -> HttpResponse:
    """Every component once, for those who build pages."""
    return render(request, "public/style.html", style_samples.context(request))
