"""Which axis this installation is connected to, and how it is spoken to: `config` names both."""

import ssl
from datetime import timedelta
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.bkav import BkavGateway
from chauban.exchange.adapters.e_doc_v1 import EDocV1Gateway
from chauban.exchange.adapters.http import tls_context
from chauban.exchange.adapters.http_gateway import HTTPSettings
from chauban.exchange.adapters.lang_son import LangSonGateway
from chauban.exchange.adapters.quang_nam import QuangNamGateway
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import Gateway


@cache
def current_gateway() -> Gateway:
    return cast(Gateway, import_string(settings.GATEWAY)())


def over_http() -> Gateway:
    """The axis at `axis_url`, spoken to as `axis_interface` says (edxml.md 11, 12)."""
    environment = settings.ENVIRONMENT
    url, accounts = environment.axis_url, environment.axis_account_map()
    system_id, secret = environment.axis_system_id, environment.axis_secret
    common = HTTPSettings(
        limit_bytes=environment.max_message_mb * 1_000_000,
        tls=our_tls(),
        poll_every=timedelta(seconds=environment.axis_poll_seconds),
    )
    match environment.axis_interface:
        case "bkav":
            return BkavGateway(url, accounts=accounts, **common)
        case "e-doc-v1":
            return EDocV1Gateway(url, accounts=accounts, **common)
        case "lang-son":
            return LangSonGateway(url, accounts=accounts, **common)
        case "quang-nam":
            consumer = Account(system_id, secret)
            return QuangNamGateway(url, consumer=consumer, accounts=accounts, **common)
        case _:
            return VXPGateway(url, system_id=system_id, secret=secret, **common)


def our_tls() -> ssl.SSLContext:
    """Whom this node believes, and what it shows, where it calls an axis over HTTPS."""
    environment = settings.ENVIRONMENT
    return tls_context(
        ca=environment.axis_ca,
        certificate=environment.axis_client_certificate,
        key=environment.axis_client_key,
    )
