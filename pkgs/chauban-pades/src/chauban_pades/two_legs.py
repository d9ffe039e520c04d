"""The reports of both legs made one: the worse counts (design decision 2)."""

from __future__ import annotations

from dataclasses import replace

from chauban_pki.reasons import worst

from .report import DocumentStatus, Report
from .words import reason

_SEVERITY = (
    DocumentStatus.COMPLETE,
    DocumentStatus.ELECTRONIC_COPY,
    DocumentStatus.ATTACHMENT,
    DocumentStatus.NO_SEAL,
    DocumentStatus.NO_SIGNATURE,
    DocumentStatus.UNSIGNED,
    DocumentStatus.STAMPED_BY_ISSUER,
    DocumentStatus.NOT_ENOUGH_EVIDENCE,
    DocumentStatus.UNREADABLE,
    DocumentStatus.INVALID,
    DocumentStatus.ALTERED,
)


def worse(first: Report, second: Report) -> Report:
    """The first leg's report, made as bad as the second's where the two disagree.

    The worse verdict and document status win; a disagreement is a reason that people see.
    """
    verdict = worst(first.verdict, second.verdict)
    document = max(first.document, second.document, key=_SEVERITY.index)
    if (first.verdict, first.document) == (second.verdict, second.document):
        return first
    differ = reason(
        "legs-disagree",
        detail=f"{first.verdict.value} {first.document} / {second.verdict.value} {second.document}",
    )
    other = {one.field: one for one in second.signatures}
    signatures = tuple(
        replace(
            one,
            verdict=worst(one.verdict, other[one.field].verdict),
            reasons=tuple(dict.fromkeys((*one.reasons, *other[one.field].reasons))),
        )
        if one.field in other
        else one
        for one in first.signatures
    )
    known = {one.code for one in first.reasons}
    added = tuple(one for one in second.reasons if one.code not in known)
    return replace(
        first,
        verdict=verdict,
        document=document,
        signatures=signatures,
        reasons=(*first.reasons, *added, differ),
    )
