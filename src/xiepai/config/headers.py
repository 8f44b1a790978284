"""What a browser may do with our pages: own scripts, own styles, own pictures, nothing inline.

A part of the city that needs another source (a map's tiles) adds it here, with the reason.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

_SIGN_IN_SITES = {
    "weixin": "https://open.weixin.qq.com",
    "dingtalk": "https://login.dingtalk.com",
    "feishu": "https://open.feishu.cn",
}


def _tile_source() -> tuple[str, ...]:
    """The origin of the map's tiles; ``{s}`` in the first label of its host becomes a star."""
    parts = urlsplit(settings.MAP_TILES)
    if not parts.scheme or not parts.netloc:
        return ()
    host = "*." + parts.netloc.partition(".")[2] if "{" in parts.netloc else parts.netloc
    return (f"{parts.scheme}://{host}",)


POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:", *_tile_source()),  # data: the QR code of an authenticator app
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    # a form that starts third-party sign-in is redirected there
    "form-action": ("'self'", *(_SIGN_IN_SITES[name] for name in settings.SOCIALACCOUNT_PROVIDERS)),
    "base-uri": ("'none'",),
    "object-src": ("'none'",),
    "frame-ancestors": ("'none'",),
}

PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(),"
    " magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()"
)

ON_EVERY_PAGE = {
    "Content-Security-Policy": "; ".join(f"{name} {' '.join(sources)}" for name, sources in POLICY.items()),
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
}
