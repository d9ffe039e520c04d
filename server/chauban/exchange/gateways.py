"""Which axis this installation is connected to: the one `config` names."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import Gateway


@cache
def current_gateway() -> Gateway:
    environment = settings.ENVIRONMENT
    make = import_string(settings.GATEWAY)
    if make is VXPGateway:
        gateway: Gateway = VXPGateway(
            environment.axis_url,
            system_id=environment.axis_system_id,
            secret=environment.axis_secret,
            limit_bytes=environment.max_message_mb * 1_000_000,
        )
        return gateway
    gateway = make()
    return gateway
