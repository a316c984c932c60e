"""Django's settings, all derived from the environment; everything else reads them through django.conf."""

from __future__ import annotations

import secrets
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from kairo.config.env import InvalidEnvironment, JobsEngine, environment
from kairo.platform.database.embedded import default_data_directory
from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE

_env = environment()

BASE_DIR = Path(__file__).resolve().parent.parent
# A process that serves nobody (a command) needs no lasting key; `kairo run` hands its own down.
SECRET_KEY = _env.KAIRO_SECRET_KEY or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in _env.KAIRO_ALLOWED_HOSTS.split(",") if host.strip()]
ROOT_URLCONF = "kairo.config.urls"
ASGI_APPLICATION = "kairo.config.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "kairo.platform.database",
    "kairo.platform.telemetry",
    "kairo.platform.tenancy",
    "kairo.platform.jobs",
    "kairo.platform.outbound",
    "kairo.platform.live",
    "kairo.platform.flags",
    "kairo.platform.llm",
    "kairo.stages.brands",
    "kairo.stages.evidence",
    "kairo.stages.insights",
    "kairo.stages.knowledge",
    "kairo.stages.opportunities",
    "kairo.stages.content",
    "kairo.stages.ads",
    "kairo.stages.revenue",
    "kairo.stages.learning",
    "kairo.interfaces.web",
    "kairo.interfaces.telegram",
    "kairo.config",
]

MIDDLEWARE = [
    # What adds headers comes before what answers by itself: no answer goes without them.
    "kairo.platform.telemetry.middleware.RunMiddleware",
    "kairo.interfaces.api.http_metrics.HttpMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kairo.interfaces.api.outage.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kairo.platform.tenancy.middleware.PrincipalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]


def _database(url: str | None, role: str) -> dict[str, object]:
    """Return Django's form of a connection URL, acting as `role`: a login of another name takes the role on."""
    try:
        parts = conninfo_to_dict(url or "")
    except ProgrammingError:
        # Not chained: the error quotes the URL, and that holds a password.
        raise InvalidEnvironment("DATABASE_URL is not an address of the form postgresql://USER@HOST/NAME.") from None
    options: dict[str, object] = {
        name: value for name, value in parts.items() if name not in {"host", "port", "user", "password", "dbname"}
    }
    session = [str(parts.get("options") or "")]
    if parts.get("user") != role:
        # Not Django's assume_role: with a connection pool it waits for a connection of the pool that it is filling.
        session.append(f"-c role={role}")
    if _env.KAIRO_VIRTUAL_CLOCK:
        session.append("-c kairo.virtual_clock=on")
    if any(session):
        options["options"] = " ".join(filter(None, session))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname") or "kairo",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": str(parts.get("port") or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # pgbouncer hands each transaction another connection
    }


DATABASES = {
    "default": _database(_env.DATABASE_URL, APP_ROLE),
    "owner": _database(_env.KAIRO_OWNER_DATABASE_URL or _env.DATABASE_URL, OWNER_ROLE),
}

if _env.KAIRO_WEB:
    # Each request runs on a thread of its own: only a pool keeps connections from one to the next.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 16, "timeout": 5}  # type: ignore[index]
else:
    DATABASES["default"]["CONN_MAX_AGE"] = None

AUTH_USER_MODEL = "tenancy.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

# A browser takes a __Host- cookie from this very host over TLS only: no other host of the domain can plant one.
_COOKIE_PREFIX = "__Host-" if _env.KAIRO_HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}kairo_session"
SESSION_ENGINE = "kairo.platform.tenancy.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _env.KAIRO_HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}kairo_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = _env.KAIRO_HTTPS
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = _env.KAIRO_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kairo.interfaces.web.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _env.KAIRO_HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

KAIRO_DATA_DIR = _env.KAIRO_DATA_DIR or default_data_directory()
# Asked by whoever watches over the process, most of all when the database is away.
KAIRO_PATHS_FOR_PROBES = {"/healthz", "/readyz"}
KAIRO_HTTPS = _env.KAIRO_HTTPS
KAIRO_TRUSTED_PROXIES = _env.KAIRO_TRUSTED_PROXIES
KAIRO_MAX_REQUEST_BYTES = _env.KAIRO_MAX_REQUEST_MB * 1_000_000
KAIRO_JOBS_ENGINE = _env.KAIRO_JOBS_ENGINE
CELERY_BROKER_URL = _env.CELERY_BROKER_URL
if KAIRO_JOBS_ENGINE is JobsEngine.CELERY and not CELERY_BROKER_URL:
    raise InvalidEnvironment(
        "KAIRO_JOBS_ENGINE=celery needs CELERY_BROKER_URL: redis://HOST/N or amqp://USER:PASSWORD@HOST/VHOST."
    )
REDIS_URL = _env.REDIS_URL
KAIRO_JOB_LEASE_S = _env.KAIRO_JOB_LEASE_S
KAIRO_JOB_ARCHIVE_AFTER_DAYS = _env.KAIRO_JOB_ARCHIVE_AFTER_DAYS
KAIRO_CRONS = _env.KAIRO_CRONS
KAIRO_VIRTUAL_CLOCK = _env.KAIRO_VIRTUAL_CLOCK
KAIRO_OBS_ENABLED = _env.KAIRO_OBS_ENABLED
KAIRO_OBS_DIR = _env.KAIRO_OBS_DIR
KAIRO_EMBEDDER = _env.KAIRO_EMBEDDER
KAIRO_EMBEDDINGS_URL = _env.KAIRO_EMBEDDINGS_URL
KAIRO_EMBEDDINGS_API_KEY = _env.KAIRO_EMBEDDINGS_API_KEY
KAIRO_OUTBOUND_NETWORKS = tuple(filter(None, (part.strip() for part in _env.KAIRO_OUTBOUND_NETWORKS.split(","))))
TELEGRAM_BOT_TOKEN = _env.TELEGRAM_BOT_TOKEN
KAIRO_TELEGRAM_API_URL = _env.KAIRO_TELEGRAM_API_URL
APIFY_TOKEN = _env.APIFY_TOKEN
HUBSPOT_ACCESS_TOKEN = _env.HUBSPOT_ACCESS_TOKEN
HUBSPOT_CLIENT_SECRET = _env.HUBSPOT_CLIENT_SECRET
KAIRO_HUBSPOT_API_URL = _env.KAIRO_HUBSPOT_API_URL
KAIRO_META_API_URL = _env.KAIRO_META_API_URL
BRAIN_SERVICE_BASE_URL = _env.BRAIN_SERVICE_BASE_URL
BRAIN_SERVICE_API_KEY = _env.BRAIN_SERVICE_API_KEY
PAYLOAD_BASE_URL = _env.PAYLOAD_BASE_URL
PAYLOAD_API_KEY = _env.PAYLOAD_API_KEY
LLM_DISABLED = _env.LLM_DISABLED
KAIRO_LLM_MODEL_FAST = _env.KAIRO_LLM_MODEL_FAST
KAIRO_LLM_MODEL_HEAVY = _env.KAIRO_LLM_MODEL_HEAVY
KAIRO_LLM_BASE_URL = _env.KAIRO_LLM_BASE_URL
KAIRO_LLM_API_KEY = _env.KAIRO_LLM_API_KEY
OPENAI_API_KEY = _env.OPENAI_API_KEY
OPENAI_BASE_URL = _env.OPENAI_BASE_URL
ANTHROPIC_API_KEY = _env.ANTHROPIC_API_KEY
ANTHROPIC_BASE_URL = _env.ANTHROPIC_BASE_URL
GEMINI_API_KEY = _env.GEMINI_API_KEY
GEMINI_BASE_URL = _env.GEMINI_BASE_URL
OPENROUTER_API_KEY = _env.OPENROUTER_API_KEY
OPENROUTER_BASE_URL = _env.OPENROUTER_BASE_URL
EXTERNAL_SIGNALS_MODE = _env.EXTERNAL_SIGNALS_MODE
EXTERNAL_SIGNALS_DIR = _env.EXTERNAL_SIGNALS_DIR
KAIRO_INTERNAL_ADMIN_TOKEN = _env.KAIRO_INTERNAL_ADMIN_TOKEN
LOGGING_CONFIG = "kairo.platform.telemetry.logs.configure_logging"
LOGGING = {"level": _env.KAIRO_LOG_LEVEL, "mask": "kairo.platform.policy.pii.mask_pii"}
