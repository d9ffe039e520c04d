"""Which axis this installation is connected to: the one `config` names."""

import ssl
from datetime import timedelta
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from chauban.exchange.adapters.http import tls_context
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import Gateway


@cache
def current_gateway() -> Gateway:
    make = import_string(settings.GATEWAY)
    if make is not VXPGateway:
        return cast(Gateway, make())
    environment = settings.ENVIRONMENT
    return VXPGateway(
        environment.axis_url,
        system_id=environment.axis_system_id,
        secret=environment.axis_secret,
        limit_bytes=environment.max_message_mb * 1_000_000,
        tls=our_tls(),
        poll_every=timedelta(seconds=environment.axis_poll_seconds),
    )


def our_tls() -> ssl.SSLContext:
    """Whom this node believes, and what it shows, where it calls an axis over HTTPS."""
    environment = settings.ENVIRONMENT
    return tls_context(
        ca=environment.axis_ca,
        certificate=environment.axis_client_certificate,
        key=environment.axis_client_key,
    )
