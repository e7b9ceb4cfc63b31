"""Every setting, from the environment; docs/production.md explains those an operator sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

from syncapp import environment

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(environment.text("SYNCAPP_DATA_DIR", str(BASE_DIR / ".data")))

DEBUG = environment.flag("SYNCAPP_DEBUG", False)
SECRET_KEY = environment.text("SYNCAPP_SECRET_KEY")
# Fernet keys, newest first: the first encrypts, all decrypt.
ENCRYPTION_KEYS = environment.words("SYNCAPP_ENCRYPTION_KEYS")
IS_PRODUCTION = environment.flag("SYNCAPP_PRODUCTION", False)
if not IS_PRODUCTION:
    SECRET_KEY = SECRET_KEY or "only-for-development-0123456789-0123456789-0123456789"
    ENCRYPTION_KEYS = ENCRYPTION_KEYS or ["b25seS1mb3ItZGV2ZWxvcG1lbnQtMDEyMzQ1Njc4OTA="]
elif not SECRET_KEY or not ENCRYPTION_KEYS:
    raise ImproperlyConfigured(
        "SYNCAPP_PRODUCTION is on: set SYNCAPP_SECRET_KEY and SYNCAPP_ENCRYPTION_KEYS."
    )

ALLOWED_HOSTS = environment.words("SYNCAPP_ALLOWED_HOSTS", "127.0.0.1 localhost [::1]")
CSRF_TRUSTED_ORIGINS = environment.words("SYNCAPP_TRUSTED_ORIGINS")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PRODUCTION else None

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "ui",
    "companies",
    "records",
    "connectors",
    "syncqueue",
    "jobs",
    "syncapp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ui.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "companies.middleware.current_company",
    "ui.middleware.company_time_zone",
    "syncqueue.middleware.acting_user",
]

ROOT_URLCONF = "syncapp.urls"
WSGI_APPLICATION = "syncapp.wsgi.application"
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASES = {
    "default": environment.database("DATABASE_URL")
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
# A browser that prefers none of these gets English.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = environment.text("SYNCAPP_TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = ["syncapp.formats"]

STATIC_URL = "static/"
# Only production collects its files; everywhere else they are found where they are.
STATIC_ROOT = DATA_DIR / "static" if IS_PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

# Celery: a message is a doorbell. PostgreSQL holds the truth, so no results are kept, and a
# message that waits longer than a beat is not worth delivering twice.
REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": False,
    "max_retries": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "ring": {
        "task": "jobs.ring",
        "schedule": environment.number("SYNCAPP_BEAT_SECONDS", 30, least=0.1),
    },
    "tell": {"task": "jobs.tell", "schedule": 60.0},
    "clean": {"task": "jobs.clean", "schedule": 3600.0},
    "keep_alive": {"task": "jobs.keep_alive", "schedule": crontab(hour="4", minute="30")},
    "reconcile": {"task": "jobs.reconcile", "schedule": crontab(hour="3", minute="30")},
}

# The lease of a job: how long a silent worker keeps it, and how often it says it lives.
SYNC_LEASE_SECONDS = environment.number("SYNCAPP_LEASE_SECONDS", 45, least=0.5)
SYNC_HEARTBEAT_SECONDS = environment.number("SYNCAPP_HEARTBEAT_SECONDS", 15, least=0.1)
SYNC_SLICE_SECONDS = environment.number("SYNCAPP_SLICE_SECONDS", 180, least=0.1)
# Replaces the provider's own time-out (seconds); only tests shorten it.
SYNC_PROVIDER_TIMEOUT_SECONDS = environment.number("SYNCAPP_PROVIDER_TIMEOUT_SECONDS", 0) or None

# Retention, in days.
SYNC_KEEP_BODIES_DAYS = environment.number("SYNCAPP_KEEP_BODIES_DAYS", 30, least=1)
SYNC_KEEP_JOURNAL_DAYS = environment.number("SYNCAPP_KEEP_JOURNAL_DAYS", 396, least=1)
SYNC_KEEP_ITEMS_DAYS = environment.number("SYNCAPP_KEEP_ITEMS_DAYS", 30, least=1)
SYNC_KEEP_JOBS_DAYS = environment.number("SYNCAPP_KEEP_JOBS_DAYS", 400, least=1)

# Accounting systems. Each of these addresses is the vendor's unless it is replaced.
QUICKBOOKS_ONLINE: dict[str, Any] = {
    "api_url": environment.text("QUICKBOOKS_ONLINE_API_URL", "https://quickbooks.api.intuit.com"),
    "authorize_url": environment.text(
        "QUICKBOOKS_ONLINE_AUTHORIZE_URL", "https://appcenter.intuit.com/connect/oauth2"
    ),
    "token_url": environment.text(
        "QUICKBOOKS_ONLINE_TOKEN_URL",
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    ),
    "revoke_url": environment.text(
        "QUICKBOOKS_ONLINE_REVOKE_URL",
        "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    ),
    # Times Intuit's published request rates; more than 1 only for a stand-in server.
    "rate_factor": environment.number("QUICKBOOKS_ONLINE_RATE_FACTOR", 1, least=0.1),
    "client_id": environment.text("QUICKBOOKS_ONLINE_CLIENT_ID"),
    "client_secret": environment.text("QUICKBOOKS_ONLINE_CLIENT_SECRET"),
    "webhook_token": environment.text("QUICKBOOKS_ONLINE_WEBHOOK_TOKEN"),
}
# Where the accounting system sends people back to after they approved the connection.
SITE_URL = environment.text("SYNCAPP_SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# Without a mail server, e-mails are written to the log.
_mail = environment.mail("SYNCAPP_EMAIL_URL")
HAS_MAIL_SERVER = bool(_mail.host)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail.host else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.has_starttls, _mail.has_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("SYNCAPP_EMAIL_FROM", "syncapp@localhost")

SESSION_COOKIE_NAME = "syncapp"
SILENCED_SYSTEM_CHECKS: list[str] = []

# To standard error, where whoever hosts it looks; Django's own default only mails its admins.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "[{asctime}] {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DJANGO_TABLES2_TEMPLATE = "ui/table.html"

UNFOLD = {
    "SITE_TITLE": "Syncapp",
    "SITE_HEADER": "Syncapp",
    "SITE_SUBHEADER": "syncapp.navigation.company_name",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("ui/ui.css")],
    "SCRIPTS": [lambda request: static("ui/theme.js"), lambda request: static("ui/ui.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 264)",
            "100": "oklch(93.5% .032 264)",
            "200": "oklch(88% .06 264)",
            "300": "oklch(80.5% .1 264)",
            "400": "oklch(71% .15 264)",
            "500": "oklch(62% .19 264)",
            "600": "oklch(53% .2 264)",
            "700": "oklch(46.5% .19 264)",
            "800": "oklch(40% .16 264)",
            "900": "oklch(35% .13 264)",
            "950": "oklch(26% .09 264)",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "syncapp.navigation.sidebar",
    },
    "COMMAND": {"show_history": True},
}
