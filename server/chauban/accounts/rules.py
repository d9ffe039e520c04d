"""Which role may do what (Điều 6, 12, 13, 14, 18, 21-24, 32): one table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from chauban.directory.models import Role


class Permission(StrEnum):
    """What a post may do in its own agency. Signing needs a mandate as well."""

    VIEW_REGISTERS = "view-registers"
    DRAFT = "draft"
    CHECK_CONTENT = "check-content"  # Điều 12.1: the head of the drafting unit
    CHECK_LAYOUT = "check-layout"  # Điều 12.2: the person appointed for layout
    APPROVE = "approve"  # Điều 11
    SIGN = "sign"  # Điều 13
    NUMBER = "number"  # Điều 15, 16: Văn thư
    SEAL = "seal"  # Điều 32.2.c: Văn thư in person
    ISSUE = "issue"  # Điều 18
    CANCEL_NUMBER = "cancel-number"
    VIEW_DELIVERIES = "view-deliveries"  # what came and is not yet routed to anybody
    REGISTER_INCOMING = "register-incoming"  # Điều 21, 22
    RETURN_DELIVERY = "return-delivery"  # Điều 21.2
    ROUTE = "route"  # Điều 23
    HANDLE_TASK = "handle-task"  # Điều 24
    GRANT_MANDATE = "grant-mandate"
    DECIDE_SERIES = "decide-series"  # Điều 15.1: the head decides, or it is entered for him
    SET_ROUTING_RULES = "set-routing-rules"  # to whom documents are proposed, Điều 23.2
    SET_TEMPLATES = "set-templates"  # texts that drafts begin from
    MANAGE_DIRECTORY = "manage-directory"
    VIEW_JOURNAL = "view-journal"
    VIEW_CERTIFICATES = "view-certificates"  # of the agency: whose, where the key is, until when
    MANAGE_TRUST = "manage-trust"  # of the installation: certificates and anchors
    OPERATE_AXIS = "operate-axis"  # queues, failures, sending again
    DECIDE_DAYS = "decide-days"  # of the installation: days off, and days worked for them


# Not of one agency: the administrator at the top of the province alone.
OF_INSTALLATION = frozenset(
    {Permission.MANAGE_TRUST, Permission.OPERATE_AXIS, Permission.DECIDE_DAYS}
)
# Keys of agency and people are with those who seal and sign (Điều 32, 33); who gives out posts
# and mandates has none (QCVN 12:2026/BCA Q6, Q9).
KEY_HOLDERS = frozenset({Permission.SIGN, Permission.NUMBER, Permission.SEAL})


_EVERYONE = frozenset({Permission.VIEW_REGISTERS, Permission.DRAFT, Permission.HANDLE_TASK})
_HEADS = _EVERYONE | {
    Permission.CHECK_CONTENT,
    Permission.APPROVE,
    Permission.SIGN,
    Permission.ROUTE,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.LEADER: _HEADS
        | {
            Permission.VIEW_DELIVERIES,
            Permission.CANCEL_NUMBER,
            Permission.GRANT_MANDATE,
            Permission.DECIDE_SERIES,
            Permission.SET_ROUTING_RULES,
            Permission.SET_TEMPLATES,
            Permission.VIEW_JOURNAL,
        },
        Role.OFFICE_HEAD: _HEADS
        | {
            Permission.VIEW_DELIVERIES,
            Permission.CANCEL_NUMBER,
            Permission.GRANT_MANDATE,
            Permission.DECIDE_SERIES,
            Permission.SET_ROUTING_RULES,
            Permission.SET_TEMPLATES,
            Permission.VIEW_JOURNAL,
        },
        Role.UNIT_HEAD: _EVERYONE | {Permission.CHECK_CONTENT, Permission.SIGN, Permission.ROUTE},
        Role.OFFICIAL: _EVERYONE,
        Role.ARCHIVIST: _EVERYONE,
        Role.LAYOUT_CHECKER: _EVERYONE | {Permission.CHECK_LAYOUT},
        Role.CLERK: _EVERYONE
        | {
            Permission.NUMBER,
            Permission.SEAL,
            Permission.ISSUE,
            Permission.VIEW_DELIVERIES,
            Permission.REGISTER_INCOMING,
            Permission.RETURN_DELIVERY,
            Permission.ROUTE,
            Permission.VIEW_CERTIFICATES,
        },
        Role.ADMINISTRATOR: frozenset(
            {
                Permission.MANAGE_DIRECTORY,
                Permission.GRANT_MANDATE,
                Permission.DECIDE_SERIES,
                Permission.SET_ROUTING_RULES,
                Permission.SET_TEMPLATES,
                Permission.VIEW_JOURNAL,
                Permission.VIEW_CERTIFICATES,
                Permission.MANAGE_TRUST,
                Permission.OPERATE_AXIS,
                Permission.DECIDE_DAYS,
            }
        ),
    }
)


def holds_keys(role: str) -> bool:
    """Whether a post of that role signs, numbers or seals."""
    return bool(KEY_HOLDERS & PERMISSIONS[Role(role)])
