"""Django settings. The only place that knows every app."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from chauban.config.environment import Environment, environment
from chauban.config.packing import digest_of

ENVIRONMENT = environment()
PACKAGE = Path(__file__).resolve().parent.parent


def _kept_secret(env: Environment) -> str:
    if env.secret_key:
        return env.secret_key
    kept = env.data / "secret.key"
    if not kept.exists():
        env.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(kept, secrets.token_urlsafe(50))
    return kept.read_text("ascii")


def _write_once(path: Path, text: str) -> None:
    """Write a whole file that only its owner may read; of two processes at once, one does."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
        file.write(text)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


SECRET_KEY = _kept_secret(ENVIRONMENT)
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.allowed_hosts.split(",")]
ROOT_URLCONF = "chauban.config.urls"
WSGI_APPLICATION = "chauban.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"

# The order is that of the design's section 1; import-linter holds it.
APPS = [
    "chauban.ui",
    "chauban.journal",
    "chauban.blobs",
    "chauban.directory",
    "chauban.accounts",
    "chauban.trust",
    "chauban.registers",
    "chauban.workflow",
    "chauban.exchange",
    "chauban.axis",
    "chauban.office",
    "chauban.api",
]
INSTALLED_APPS = [
    *APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chauban.config.middleware.HouseHeaders",
    "chauban.ui.middleware.ContentSecurityPolicy",
    "chauban.config.middleware.StaticFiles",
    "chauban.config.middleware.PackedPages",
    "chauban.office.live.Unchanged",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chauban.ui.middleware.SentByScript",
    "chauban.ui.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "chauban.config.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chauban.accounts.middleware.OfficerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "chauban.ui.context.frame",
                "chauban.office.context.desk",
            ],
            "builtins": ["chauban.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "chauban.ui.forms.HouseRenderer"
DATABASES = {"default": ENVIRONMENT.database()}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTHENTICATION_BACKENDS = ["chauban.accounts.backends.PersonBackend"]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "office:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

# allauth: user names without e-mail addresses; nobody opens an account for himself. Wrong proofs
# are counted by `accounts.tries`, in the database, so that every process counts alike.
ACCOUNT_ADAPTER = "chauban.accounts.flows.Accounts"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"reauthenticate": "chauban.accounts.proof_forms.PasswordAgain"}
MFA_ADAPTER = "chauban.accounts.flows.Factors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_TOTP_ISSUER = "Châu Bản"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones; each code counts once all the same
MFA_FORMS = {
    "authenticate": "chauban.accounts.proof_forms.Code",
    "reauthenticate": "chauban.accounts.proof_forms.CodeAgain",
    "activate_totp": "chauban.accounts.proof_forms.FirstCode",
    "authenticate_webauthn": "chauban.accounts.proof_forms.Passkey",
    "reauthenticate_webauthn": "chauban.accounts.proof_forms.PasskeyAgain",
    "login_webauthn": "chauban.accounts.proof_forms.PasskeyAlone",
    "add_webauthn": "chauban.accounts.proof_forms.NewPasskey",
}
SOCIALACCOUNT_ADAPTER = "chauban.accounts.single_sign_on.SingleSignOn"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = ENVIRONMENT.single_sign_on()

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Ho_Chi_Minh"  # what people read; rows hold UTC
USE_TZ = True

STATIC_FOLDERS = [
    folder for app in APPS if (folder := PACKAGE / app.rpartition(".")[2] / "static").is_dir()
]
STATIC_SET = digest_of(STATIC_FOLDERS)
STATIC_URL = f"/static/{STATIC_SET}/"
STATIC_ROOT = ENVIRONMENT.data / "static"
WHITENOISE_STATIC_PREFIX = "/static/"
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/[0-9a-f]+/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# A form's fields tell of state secrets: until they are read, nothing that came with them is
# written, temporary files included (Luật 117/2025/QH15 Điều 5). Only where an operator allows
# larger uploads are those written meanwhile.
FILE_UPLOAD_MAX_MEMORY_SIZE = 64_000_000
FILE_UPLOAD_HANDLERS = [
    "chauban.workflow.uploads.MarkedNames",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
IS_HTTPS = ENVIRONMENT.base_url.startswith("https:")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url]
CSRF_FAILURE_VIEW = "chauban.ui.views.not_from_here"

# What the apps need to know of this installation.
BLOB_FOLDER = ENVIRONMENT.data / "blobs"
BASE_URL = ENVIRONMENT.base_url.rstrip("/")
DEMO = ENVIRONMENT.demo
INSIDE_NETWORKS = ENVIRONMENT.inside_network_list()
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxy_list()
DEMO_PKI_FOLDER = ENVIRONMENT.data / "pki"
MAX_MESSAGE_BYTES = ENVIRONMENT.max_message_mb * 1_000_000
MAX_ATTACHMENT_BYTES = ENVIRONMENT.max_attachment_mb * 1_000_000
MAX_UPLOAD_BYTES = ENVIRONMENT.max_upload_mb * 1_000_000
TSA_URLS = ENVIRONMENT.tsa_list()
PKCS11_LIBRARY = ENVIRONMENT.pkcs11_library
SIGNING_SERVICES = ENVIRONMENT.signing_service_map()
SIGNING_TOKEN_FOLDER = ENVIRONMENT.data / "signing-services"  # one NAME.token for each
SERVICE_KEY = Path(ENVIRONMENT.service_key or ENVIRONMENT.data / "service.p12")
SERVICE_KEY_PASSWORD_FILE = Path(
    ENVIRONMENT.service_key_password_file or ENVIRONMENT.data / "service.password"
)
PUSH_CONTACT = ENVIRONMENT.push_contact
PUSH_KEY = ENVIRONMENT.data / "push.pem"  # made when first needed
AXIS_EXPIRY_DAYS = ENVIRONMENT.axis_expiry_days
API_CALLS_PER_MINUTE = ENVIRONMENT.api_calls_per_minute
WEBHOOK_HOSTS = ENVIRONMENT.webhook_host_list()
ADDRESSES = ENVIRONMENT.address_map()
RECALL_BY_DOCUMENT = ENVIRONMENT.recalled_by_document()
# What the public page says of a file's document besides its signatures; `trust` stands below.
STANDING_OF = "chauban.registers.standing.standing_of"
# What the pages of a draft and of an incoming document say of its exchange; `workflow` is below.
SURROUNDINGS_OF = "chauban.exchange.surroundings.surroundings_of"

# Ports and what stands behind them: only `config` knows both.
GATEWAY = (
    "chauban.exchange.gateways.over_http"
    if ENVIRONMENT.axis_url
    else "chauban.axis.adapters.local.LocalGateway"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"chauban": {"level": "INFO"}},
}
