"""Reserve, fill, sign, seal and assess a PDF (PAdES, ETSI EN 319 142-1)."""

from .appearance import Appearance, image_appearance
from .assessing import assess
from .attachments import sign_attachment, sign_attachment_pending
from .detached import assess_detached
from .digests import page_digests
from .document_timestamps import add_document_timestamp
from .errors import PAdESError, reason_for
from .filling_before import fill_before_seal
from .permitted_additions import require_only_signature_added
from .report import Change, DocumentStatus, Report, SignatureReport
from .reserving import Reserved, reserve
from .signing import (
    add_timestamp,
    fill_and_seal,
    fill_and_seal_pending,
    sign,
    sign_pending,
)
from .signing_files import fill_and_seal_file, sign_file
from .two_phase import PreparedSignature, complete, complete_with_value, prepare
from .validation_data import add_validation_data

__all__ = [
    "Appearance",
    "Change",
    "DocumentStatus",
    "PAdESError",
    "PreparedSignature",
    "Report",
    "Reserved",
    "SignatureReport",
    "add_document_timestamp",
    "add_timestamp",
    "add_validation_data",
    "assess",
    "assess_detached",
    "complete",
    "complete_with_value",
    "fill_and_seal",
    "fill_and_seal_file",
    "fill_and_seal_pending",
    "fill_before_seal",
    "image_appearance",
    "page_digests",
    "prepare",
    "reason_for",
    "require_only_signature_added",
    "reserve",
    "sign",
    "sign_attachment",
    "sign_attachment_pending",
    "sign_file",
    "sign_pending",
]
