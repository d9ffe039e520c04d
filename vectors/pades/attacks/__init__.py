"""Files that attack a signed letter, each made when asked for; see ../README.md."""

from . import (
    after_the_seal,
    bombs,
    certificates,
    cross_references,
    damage,
    forgery,
    revocation,
    saving,
    sealed_fields,
    shadow,
    signed_data,
    timestamps,
)
from .declaring import ATTACKS, Attack, Workshop

__all__ = [
    "ATTACKS",
    "Attack",
    "Workshop",
    "after_the_seal",
    "bombs",
    "certificates",
    "cross_references",
    "damage",
    "forgery",
    "revocation",
    "saving",
    "sealed_fields",
    "shadow",
    "signed_data",
    "timestamps",
]
