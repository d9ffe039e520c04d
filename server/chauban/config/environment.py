"""Settings of an installation: read once, typed; a wrong one stops the start by its name.

They come from `CHAUBAN_*` variables; what these leave unset comes from the TOML file that
`CHAUBAN_CONFIG` names, where the keys are the same names in lower case without the prefix.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MATCHES = ("username", "employee_code", "email")
Network = IPv4Network | IPv6Network
KEPT_SECONDS = 60  # how long a thread keeps its connection to the database
INTERFACES = ("vxp", "bkav", "e-doc-v1", "lang-son", "quang-nam")


class WrongSetting(Exception):
    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"CHAUBAN_{name.upper()}: {problem}")
        self.name, self.problem = name, problem


@dataclass(frozen=True)
class Environment:
    """Each field is one setting; its comment is what the operator's guide prints."""

    data: Path = Path("data")  # folder of the database, the files and the keys
    database_url: str = ""  # postgresql://user:password@host:port/name; empty: SQLite in data
    secret_key: str = ""  # signs sessions; empty: kept in data/secret.key, made at first start
    base_url: str = "http://localhost:8000"  # address people type
    allowed_hosts: str = "localhost"  # host names, parted by commas
    max_upload_mb: int = 50  # largest file a person may upload, in MB
    max_message_mb: int = 70  # largest edXML message accepted, in MB
    max_attachment_mb: int = 0  # largest file in a message, in MB; 0: as large as the message
    tsa_urls: str = "http://tsa.chauban.invalid/tsa"  # RFC 3161 services, asked in this order
    addresses: str = ""  # name=url pairs, parted by commas: where .invalid names really are
    pkcs11_library: str = ""  # driver of the key devices at this server; empty: none
    signing_services: str = ""  # name=url pairs, parted by commas: CSC API, up to its version
    axis_url: str = ""  # an axis over HTTP; empty: the one inside this installation
    axis_interface: str = "vxp"  # how it is spoken to: vxp, bkav, e-doc-v1, lang-son, quang-nam
    axis_system_id: str = "002.00.00.H57"  # our id at that axis
    axis_secret: str = ""  # our secret at that axis
    axis_accounts: str = ""  # code=secret pairs, parted by commas: agencies with one of their own
    axis_ca: str = ""  # PEM of the authorities of that axis's TLS certificate; empty: the system's
    axis_client_certificate: str = ""  # PEM of our certificate for mutual TLS; empty: none
    axis_client_key: str = ""  # PEM of its key
    axis_poll_seconds: int = 60  # how often that axis is asked for what waits, in seconds
    recall_by_document: str = ""  # codes asked by edXML type 1 instead of 13, commas; * for all
    service_key: str = ""  # PKCS#12 of the service certificate; empty: service.p12 in data
    service_key_password_file: str = ""  # its password; empty: service.password in data
    api_calls_per_minute: int = 600  # how often a minute an application's token may call
    webhook_hosts: str = ""  # private hosts and networks that webhooks may reach, by commas
    push_contact: str = ""  # e-mail that push services may write to; empty: web push is off
    axis_expiry_days: int = 30  # days after which our axis gives up a message nobody fetched
    inside_networks: str = "127.0.0.0/8,::1"  # the office's networks; others need a second factor
    trusted_proxies: str = ""  # networks of our proxies: their X-Forwarded-For is believed
    oidc_url: str = ""  # issuer of the single sign-on service (OpenID Connect); empty: none
    oidc_client_id: str = ""  # our id there
    oidc_client_secret: str = ""  # our secret there
    oidc_name: str = "SSO"  # what its button on the sign-in page says
    oidc_claim: str = "preferred_username"  # which of its claims says who signs in
    oidc_match: str = "username"  # what that claim holds: username, employee_code or email
    demo: bool = False  # the sign-in page lists the accounts

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """Raises: WrongSetting, which names the setting and says what it should be."""
        file = variables.get("CHAUBAN_CONFIG")
        from_file = tomllib.loads(Path(file).read_text("utf-8")) if file else {}
        known = {field.name: field for field in fields(cls)}
        for name in from_file:
            if name not in known:
                raise WrongSetting(name, "không có cài đặt tên này / no such setting")
        given: dict[str, Any] = {}
        for name, field in known.items():
            text = variables.get(f"CHAUBAN_{name.upper()}", from_file.get(name))
            if text is not None:
                given[name] = _typed(name, field.type, text)
        read = cls(**given)
        if read.axis_interface not in INTERFACES:
            raise WrongSetting("axis_interface", f"phải là / must be {', '.join(INTERFACES)}")
        read.axis_account_map()
        if read.push_contact and not _is_mail_address(read.push_contact):
            raise WrongSetting("push_contact", "phải là / must be name@host")
        read.inside_network_list()
        read.trusted_proxy_list()
        read.require_single_sign_on()
        read.webhook_host_list()
        return read

    def database(self) -> dict[str, Any]:
        """Django's description of the database: SQLite by default, PostgreSQL by URL."""
        if not self.database_url:
            return {
                "ENGINE": "chauban.config.sqlite",
                "NAME": str(self.data / "chauban.sqlite3"),
                # Opened for each page, its schema is read and every statement planned anew.
                "CONN_MAX_AGE": KEPT_SECONDS,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    # recursive_triggers: else INSERT OR REPLACE would pass the journal's guard.
                    "init_command": "PRAGMA recursive_triggers=ON;",
                },
            }
        url = urlsplit(self.database_url)
        if url.scheme not in ("postgres", "postgresql"):
            raise WrongSetting("database_url", "phải là / must be postgresql://…")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": url.username or "",
            "PASSWORD": url.password or "",
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": KEPT_SECONDS,
            # Statements are parsed and planned once a connection, not once a call.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
        }

    def address_map(self) -> dict[str, str]:
        """Names found in certificates → URLs that may be fetched for them (decision 19)."""
        return _pairs("addresses", self.addresses)

    def signing_service_map(self) -> dict[str, str]:
        """Names of remote signing services → their base URLs."""
        return _pairs("signing_services", self.signing_services)

    def axis_account_map(self) -> dict[str, str]:
        """Codes of agencies → their secrets at the axis; ours, where no agency has its own."""
        pairs = [one.strip().partition("=") for one in self.axis_accounts.split(",") if one.strip()]
        # They go into headers.
        texts = [text for code, _, secret in pairs for text in (code, secret)]
        if not all(text and text.isascii() and text.isprintable() for text in texts):
            raise WrongSetting("axis_accounts", "phải là / must be code=secret,code=secret")
        return {code: secret for code, _, secret in pairs} or {
            self.axis_system_id: self.axis_secret
        }

    def inside_network_list(self) -> tuple[Network, ...]:
        """The networks from which no second factor is asked of who is no administrator."""
        return _networks("inside_networks", self.inside_networks)

    def trusted_proxy_list(self) -> tuple[Network, ...]:
        return _networks("trusted_proxies", self.trusted_proxies)

    def require_single_sign_on(self) -> None:
        """Raises: WrongSetting, when the single sign-on service is half described."""
        if self.oidc_match not in MATCHES:
            raise WrongSetting("oidc_match", f"phải là / must be {', '.join(MATCHES)}")
        host = urlsplit(self.oidc_url).hostname or ""
        is_here = host in ("localhost", "127.0.0.1")
        if self.oidc_url and not self.oidc_url.startswith("https://") and not is_here:
            raise WrongSetting("oidc_url", "phải là / must be https://…")
        if self.oidc_url and not self.oidc_client_id:
            raise WrongSetting("oidc_client_id", "phải có cùng / must go with CHAUBAN_OIDC_URL")

    def single_sign_on(self) -> dict[str, Any]:
        """allauth's description of the single sign-on service; empty: there is none."""
        if not self.oidc_url:
            return {}
        app = {
            "provider_id": "sso",
            "name": self.oidc_name,
            "client_id": self.oidc_client_id,
            "secret": self.oidc_client_secret,
            "settings": {
                "server_url": self.oidc_url.rstrip("/"),
                "oauth_pkce_enabled": True,
                "claim": self.oidc_claim,
                "match": self.oidc_match,
            },
        }
        return {"openid_connect": {"APPS": [app]}}

    def webhook_host_list(self) -> tuple[str, ...]:
        """Names and networks that webhooks may be sent to although they are private."""
        listed = tuple(one.strip() for one in self.webhook_hosts.split(",") if one.strip())
        for one in listed:
            try:
                ip_network(one if "/" in one else "0.0.0.0/0")
            except ValueError as error:
                raise WrongSetting(
                    "webhook_hosts", f"{one}: phải là / must be 10.0.0.0/8"
                ) from error
        return listed

    def recalled_by_document(self) -> tuple[str, ...]:
        """The agencies whose systems understand a recall only as a document message."""
        return tuple(one.strip() for one in self.recall_by_document.split(",") if one.strip())

    def tsa_list(self) -> tuple[str, ...]:
        """The time-stamping authorities, first choice first."""
        urls = tuple(url.strip() for url in self.tsa_urls.split(",") if url.strip())
        if not all(url.startswith(("http://", "https://")) for url in urls):
            raise WrongSetting("tsa_urls", "phải là / must be http://…,http://…")
        return urls


def _is_mail_address(text: str) -> bool:
    name, _, host = text.partition("@")
    return text.isascii() and text.isprintable() and bool(name) and "." in host and " " not in text


def _networks(setting: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as error:
        raise WrongSetting(setting, "phải là / must be 10.0.0.0/8,2001:db8::/32") from error


def _pairs(setting: str, text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    for name, _, url in pairs:
        if not url.startswith(("http://", "https://")):
            raise WrongSetting(setting, f"{name}: phải là / must be name=http://…")
    return {name: url for name, _, url in pairs}


def _typed(name: str, kind: Any, value: Any) -> Any:
    if kind is bool:
        if str(value).lower() not in ("0", "1", "true", "false"):
            raise WrongSetting(name, "phải là / must be true, false")
        return str(value).lower() in ("1", "true")
    if kind is int:
        if not str(value).isdigit():
            raise WrongSetting(name, "phải là số nguyên / must be a whole number")
        return int(value)
    return Path(value) if kind is Path else str(value)


def environment() -> Environment:
    return Environment.read(os.environ)
