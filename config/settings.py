"""All settings, from the environment and nothing else (a `.env` file is read too).

Every name may be given as NAME_FILE with the path of a file that holds the value.
`.env.example` explains each one. What is wrong or missing stops the start with a
sentence: here when nothing could load without it, else in `config/checks.py`.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import embedded, logs, schedule, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
_env_file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
if _env_file.is_file():
    environ.Env.read_env(str(_env_file))


def _given(name: str) -> str:
    """Value of a setting without surrounding blanks; an empty one counts as unset."""
    try:
        return str(env.str(name, default="")).strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names a file that cannot be read: {error.strerror}."
        ) from error


def _number(name: str, default: int, *, least: int = 0) -> int:
    text = _given(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        raise ImproperlyConfigured(
            f"{name} must be a whole number, at least {least}; it is “{text}”."
        )
    return int(text)


def _switch(name: str, default: bool = False) -> bool:
    text = _given(name).lower()
    if text in ("", "on", "yes", "true", "1", "off", "no", "false", "0"):
        return default if not text else text in ("on", "yes", "true", "1")
    raise ImproperlyConfigured(f"{name} must be “on” or “off”; it is “{text}”.")


def _words(name: str) -> list[str]:
    return [word.strip() for word in _given(name).split(",") if word.strip()]


# -- Where we are ------------------------------------------------------------------

VAR = embedded.default_var()
SERVICES = embedded.Embedded(VAR)
EMBEDDED_DATABASE = not _given("DATABASE_URL")
EMBEDDED_BROKER = not _given("REDIS_URL")
# The demonstration municipality, its mail page and its printed passwords exist only
# where nothing was configured. A real database is never given a default account.
DEMONSTRATION = EMBEDDED_DATABASE

DEBUG = _switch("DEBUG")
HOST = _given("HOST") or "127.0.0.1"
PORT = _number("PORT", 8000, least=1)
BASE_URL = (_given("BASE_URL") or f"http://localhost:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in ("http", "https") or not _base.hostname:
    raise ImproperlyConfigured(
        "BASE_URL must be the public address, such as https://kanaler.example.org; "
        f"it is “{BASE_URL}”."
    )
HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = _words("ALLOWED_HOSTS") or [
    *dict.fromkeys([_base.hostname, "localhost", "127.0.0.1", "[::1]"])
]

# -- Secrets -----------------------------------------------------------------------

SECRET_KEY = _given("SECRET_KEY")
if not SECRET_KEY:
    if not EMBEDDED_DATABASE:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing. With DATABASE_URL set it must be given, as "
            "SECRET_KEY or as SECRET_KEY_FILE; make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
        )
    SECRET_KEY = secret_key.kept(VAR / "secret-key")
SECRET_KEY_FALLBACKS = _words("SECRET_KEY_FALLBACKS")
# Encrypts the logins of the platforms; empty means: derived from SECRET_KEY.
CREDENTIALS_KEY = _given("CREDENTIALS_KEY")

# -- Applications ------------------------------------------------------------------

# Ours stand before the admin: the first template of a name wins.
INSTALLED_APPS = [
    "channels",
    "moderation",
    "archive",
    "policies",
    "config",
    "config.admin_app.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "simple_history",
    "csp",
]
AUTH_USER_MODEL = "channels.User"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "config.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ContentPolicy",
    "config.middleware.permissions_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- Database, cache, background work ----------------------------------------------

try:
    _database = environ.Env.db_url_config(
        SERVICES.database_url if EMBEDDED_DATABASE else _given("DATABASE_URL")
    )
except ValueError as error:
    raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from error
if _database.get("ENGINE") != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL must be a PostgreSQL address: "
        "postgresql://user:password@host:5432/database."
    )
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "ENGINE": "config.postgresql",
        # A folder of Unix sockets stands percent-encoded in an address.
        "HOST": unquote(_database["HOST"]),
        # Opening a connection costs more than most pages: kept, and checked on use.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **_database.get("OPTIONS", {})},
    }
}

REDIS_URL = SERVICES.redis_url if EMBEDDED_BROKER else _given("REDIS_URL")
if not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured(
        "REDIS_URL must begin with redis://, rediss:// or unix://."
    )
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kanalvakt",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2}
        if not REDIS_URL.startswith("unix://")
        else {"socket_timeout": 2},
    }
}

# The broker carries hints only: every duty lies in PostgreSQL with its due time, and
# the beat sweeps. So tasks are small, without ETA, without results, safe to repeat.
CELERY_BROKER_URL = REDIS_URL
if REDIS_URL.startswith("unix://"):
    _socket = urlsplit(REDIS_URL)
    _number_of_db = dict(parse_qsl(_socket.query)).get("db", "0")
    CELERY_BROKER_URL = f"redis+socket://{_socket.path}?virtual_host={_number_of_db}"
elif REDIS_URL.startswith("rediss://") and "ssl_cert_reqs" not in REDIS_URL:
    # The cache checks the server's certificate by itself; Celery has to be told.
    CELERY_BROKER_URL += ("&" if "?" in REDIS_URL else "?") + "ssl_cert_reqs=required"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, or a slow one would be delivered twice.
    "visibility_timeout": 600,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# A decision must not wait for a broker that is away.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# One more than the two that a capture and an export can keep busy for minutes.
CELERY_WORKER_CONCURRENCY = _number("WORKER_PROCESSES", 3, least=1)
CELERY_TASK_DEFAULT_QUEUE = "kanalvakt"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = schedule.BEAT
HEARTBEAT_MAX_AGE_S = 60
# How often a channel is asked for what is new.
POLL_SECONDS = _number("POLL_SECONDS", 30, least=5)
# An act can be taken back for so long: then its platform is told.
UNDO_SECONDS = _number("UNDO_SECONDS", 10)
# How long a comment outside our channels is kept before its text goes (K-16).
OUTSIDE_KEPT_DAYS = _number("OUTSIDE_KEPT_DAYS", 30)
# Platforms in one's own network are called only where that was asked for: an address
# typed into a form must not become a way in.
ALLOW_PRIVATE_ADDRESSES = _switch("ALLOW_PRIVATE_ADDRESSES", default=DEMONSTRATION)

# -- Language and time -------------------------------------------------------------

LANGUAGE_CODE = _given("LANGUAGE_CODE") or "sv"
LANGUAGES = [("sv", _("Swedish")), ("nb", _("Norwegian")), ("en", _("English"))]
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(
        f"LANGUAGE_CODE must be sv, nb or en; it is “{LANGUAGE_CODE}”."
    )
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
# Of pages without a municipality; deadlines use the municipality's own zone.
TIME_ZONE = _given("TIME_ZONE") or "Europe/Stockholm"
try:
    ZoneInfo(TIME_ZONE)
except (ZoneInfoNotFoundError, ValueError) as error:
    raise ImproperlyConfigured(
        f"TIME_ZONE must be a zone such as Europe/Oslo; it is “{TIME_ZONE}”."
    ) from error

# -- Static files ------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served at the root: browsers and robots ask for them there.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files", "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or not _switch("STATIC_HASHED", default=True)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# -- Archive -----------------------------------------------------------------------

# Signs the log; the database never sees it. Back it up apart from the database.
ARCHIVE_KEY_FILE = Path(_given("ARCHIVE_KEY_FILE") or VAR / "archive-key.pem")
# Checkpoints and tiles for the world; it must not be restored with the database.
ARCHIVE_PUBLIC_DIR = Path(_given("ARCHIVE_PUBLIC_DIR") or VAR / "published")
# Exports that people asked for: web server and worker have to share it.
ARCHIVE_EXPORT_DIR = Path(_given("ARCHIVE_EXPORT_DIR") or VAR / "exports")
# A time-stamping authority (RFC 3161) and the file of its root certificates.
ARCHIVE_TSA_URL = _given("ARCHIVE_TSA_URL")
ARCHIVE_TSA_CERTIFICATES = _given("ARCHIVE_TSA_CERTIFICATES")

# -- Captures ----------------------------------------------------------------------

# Empty: the system's Chromium is looked for.
CAPTURE_BROWSER = _given("CAPTURE_BROWSER")
# Chromium's own sandbox; with it, it does not start as root.
CAPTURE_SANDBOX = _switch("CAPTURE_SANDBOX", default=os.geteuid() != 0)

# -- Mail --------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = _given("DEFAULT_FROM_EMAIL") or f"kanalvakt@{_base.hostname}"
# Where mail that could not be delivered comes back to; "" is the sender's own address.
BOUNCE_ADDRESS = _given("BOUNCE_ADDRESS")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
MAIL_FOLDER = VAR / "mail"
if _given("EMAIL_URL"):
    try:
        _mail = environ.Env.email_url_config(_given("EMAIL_URL"))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://."
        ) from error
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
    EMAIL_PORT = _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
elif DEMONSTRATION:
    EMAIL_BACKEND = "config.mail.FolderBackend"

# -- Accounts and security ---------------------------------------------------------

AUTHENTICATION_BACKENDS = ["config.permissions.OneQueryBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
    }.items()
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Cookies do not tell ports apart: two installations on one machine need two names.
if DEMONSTRATION:
    SESSION_COOKIE_NAME = f"sessionid_{PORT}"
    CSRF_COOKIE_NAME = f"csrftoken_{PORT}"
if HTTPS:
    SECURE_HSTS_SECONDS = _number("HSTS_SECONDS", 31_536_000)
    SECURE_SSL_REDIRECT = not _switch("HTTPS_REDIRECT_BY_PROXY")
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
if _switch("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

LOG_LEVEL = (_given("LOG_LEVEL") or "INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    raise ImproperlyConfigured(
        f"LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR; it is “{LOG_LEVEL}”."
    )
LOGGING_CONFIG = None
logs.configure(LOG_LEVEL)

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
WEB_PROCESSES = _number("WEB_PROCESSES", 4, least=1)
WEB_THREADS = _number("WEB_THREADS", 2, least=1)
