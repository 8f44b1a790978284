"""Django settings of a Xiepai installation; everything a city may change comes from the environment.

Deny by default: a URL that does not stand in ``config.access`` is refused by the middleware, cookies
are strict, pages carry a content security policy without inline script, and the database connection
stays at READ COMMITTED because the booking core is proven for that level only.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from psycopg import IsolationLevel

from xiepai.config import env

PACKAGE = Path(__file__).resolve().parent.parent
HOME = env.folder("XIEPAI_HOME", "var", "folder for the private database, uploads and logs")
POLICIES = env.folder("XIEPAI_POLICIES", "policies", "folder of the cities' policy files and calculator.toml")

DEBUG = env.flag("XIEPAI_DEBUG", "0", "show error pages with details; never on a public server")
ALLOWED_HOSTS = env.words("XIEPAI_HOSTS", "127.0.0.1,localhost,[::1]", "host names this server answers to")
CSRF_TRUSTED_ORIGINS = env.words("XIEPAI_ORIGINS", "", "trusted origins behind a proxy, with scheme")
PUBLIC_URL = env.text("XIEPAI_PUBLIC_URL", "http://127.0.0.1:8000", "address that mails and feeds link to")
HTTPS = env.flag("XIEPAI_HTTPS", "0", "served over https: secure cookies, HSTS and redirect")


def _secret_key() -> str:
    """The key from the environment, else one kept in the home folder (made on first use)."""
    given = env.text("XIEPAI_SECRET_KEY", "", "signing key; empty: one is made and kept in the home folder")
    if given:
        return given
    HOME.mkdir(parents=True, exist_ok=True)
    kept = HOME / "secret_key"
    if not kept.exists():
        fresh = HOME / f"secret_key.{secrets.token_hex(4)}"
        fresh.write_text(secrets.token_urlsafe(50))
        fresh.chmod(0o600)
        with suppress(FileExistsError):  # atomic: of two starters the first one's key stays
            kept.hardlink_to(fresh)
        fresh.unlink()
    return kept.read_text().strip()


SECRET_KEY = _secret_key()


def _files_of(package: str, folder: str) -> Path:
    """A folder of files that another package ships."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"the package {package} is not installed; run make setup")
    return Path(found.origin).parent / folder


def _provider(name: str) -> dict[str, dict[str, object]]:
    """A third-party sign-in, switched on by giving its client id and secret."""
    upper = name.upper()
    client = env.text(f"XIEPAI_{upper}_ID", "", f"client id of {name} sign-in; empty: not offered")
    secret = env.text(f"XIEPAI_{upper}_SECRET", "", f"client secret of {name} sign-in")
    return {name: {"APPS": [{"client_id": client, "secret": secret, "key": ""}]}} if client else {}


SOCIALACCOUNT_PROVIDERS = {**_provider("weixin"), **_provider("dingtalk"), **_provider("feishu")}
if "weixin" in SOCIALACCOUNT_PROVIDERS:
    SOCIALACCOUNT_PROVIDERS["weixin"]["provider_class"] = "xiepai.web.providers.WeixinByUnionId"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "xiepai.config.admin.XiepaiAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    *(f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS),
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
    "xiepai.kernel",
    "xiepai.parties",
    "xiepai.places",
    "xiepai.productions",
    "xiepai.bookings",
    "xiepai.shoots",
    "xiepai.grants",
    "xiepai.api",
    "xiepai.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "xiepai.config.middleware.ContextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "xiepai.config.shelf.ShelfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "xiepai.config.middleware.AccessMiddleware",
    "xiepai.config.middleware.ErrorMiddleware",
]

SHELF_SECONDS = env.number("XIEPAI_SHELF_SECONDS", "5", "how long public pages are handed out again; 0: made anew")
FORM_RENDERER = "xiepai.web.widgets.Renderer"
ROOT_URLCONF = "xiepai.config.urls"
WSGI_APPLICATION = "xiepai.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "xiepai.web.jinja.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_URL = env.text(
    "DATABASE_URL", "", "PostgreSQL to use (postgresql://user@host/name); empty: a private one is started"
)
DATABASES = {
    "default": {
        **env.database(DATABASE_URL or "postgresql:///xiepai"),
        "CONN_MAX_AGE": env.number(
            "XIEPAI_DB_CONN_MAX_AGE", "600", "seconds a database connection is kept open by a server thread"
        ),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "isolation_level": IsolationLevel.READ_COMMITTED,
            "options": "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=60s",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "parties.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "xiepai.web.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[协拍] "
ACCOUNT_FORMS = {
    "login": "xiepai.web.accounts.SignInForm",
    "reauthenticate": "xiepai.web.accounts.ConfirmForm",
    "signup": "xiepai.web.accounts.CrewSignupForm",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = env.number(
    "XIEPAI_PROXIES", "0", "reverse proxies in front whose X-Forwarded-For is believed, for counting sign-in attempts"
)
CSRF_FAILURE_VIEW = "xiepai.web.errors.csrf_failure"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Xiepai 协拍"


LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Shared by the server's processes: allauth keeps used one-time codes and counted attempts here.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME / "cache"}}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "assets", ("leaflet", _files_of("leaflet", "static/leaflet"))]
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 40
EVIDENCE_CHECKER = env.text(
    "XIEPAI_EVIDENCE_CHECKER",
    "xiepai.grants.checking:structure_only",
    "function (package.module:name) every piece of evidence passes before it is kept, e.g. a virus scanner",
)

OPEN_DATA_PREFIX = env.text(
    "XIEPAI_OPEN_DATA_PREFIX",
    "",
    "publisher prefix registered with 360Giving, e.g. 360G-example; empty: 360G-xiepai, which nobody has registered",
)
OPEN_DATA_LICENCE = env.text(
    "XIEPAI_OPEN_DATA_LICENCE",
    "",
    "address of the licence the list of awards is published under; empty: none is stated",
)

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

EMAIL_HOST = env.text("XIEPAI_SMTP_HOST", "", "mail server; empty: mails are written to the home folder")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_PORT = env.number("XIEPAI_SMTP_PORT", "587", "port of the mail server")
EMAIL_HOST_USER = env.text("XIEPAI_SMTP_USER", "", "user at the mail server")
EMAIL_HOST_PASSWORD = env.text("XIEPAI_SMTP_PASSWORD", "", "password at the mail server")
EMAIL_USE_TLS = env.flag("XIEPAI_SMTP_TLS", "1", "use STARTTLS with the mail server")
EMAIL_FILE_PATH = HOME / "mail"
DEFAULT_FROM_EMAIL = env.text("XIEPAI_MAIL_FROM", "xiepai@localhost", "sender of the system's mails")

PROCRASTINATE_ON_APP_READY = "xiepai.kernel.jobs.on_app_ready"
PROCRASTINATE_IMPORT_PATHS = [
    "xiepai.kernel.tasks",
    "xiepai.parties.tasks",
    "xiepai.productions.tasks",
    "xiepai.bookings.tasks",
    "xiepai.grants.tasks",
]
MAP_TILES = env.text(
    "XIEPAI_MAP_TILES", "", "tile address of the map, with {z} {x} {y} and perhaps {s}; empty: outline and pins only"
)
MAP_SUBDOMAINS = env.text("XIEPAI_MAP_SUBDOMAINS", "1234", "what {s} in the tile address stands for, a letter each")
MAP_ATTRIBUTION = env.text("XIEPAI_MAP_ATTRIBUTION", "", "whose tiles the map shows, as the provider asks for it")
MAP_IS_GCJ02 = env.flag("XIEPAI_MAP_GCJ02", "0", "the tiles are in GCJ-02, as maps published in China are")
MAP_REVIEW_NUMBER = env.text(
    "XIEPAI_MAP_REVIEW_NUMBER", "", "official review number of the map (审图号); without it the map says it has none"
)
MAP_DISTRICT = env.text("XIEPAI_MAP_DISTRICT", "156320412", "code of the district whose outline the map shows")
WEBHOOK_HOSTS = env.words(
    "XIEPAI_WEBHOOK_HOSTS", "", "further hosts (host:port) group chats may be posted to, besides the services' own"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"xiepai": {"level": env.text("XIEPAI_LOG_LEVEL", "INFO", "log level of Xiepai itself")}},
}
