"""What pyHanko says of PDFs, in a process of its own: one path a line in, one JSON line out.

Behind a tab, "timestamps" asks for the document time-stamps in place of the signatures.

It is given the root and the moment, and nothing else: certificates and revocation come from
the document. Documents with a security store are judged with revocation hard-fail.
"""

import json
import logging
import sys
from datetime import datetime

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko_certvalidator import ValidationContext


def judge(
    path: str, kind: str, root: x509.Certificate, moment: datetime
) -> list[dict[str, object]]:
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        if kind == "timestamps":
            stamps = reader.embedded_timestamp_signatures
            return [_stamp_verdict(reader, each, root, moment) for each in stamps]
        signatures = reader.embedded_regular_signatures
        return [_verdict(reader, signature, root, moment) for signature in signatures]


def _context(reader, root, moment):
    settings = {"trust_roots": [root], "allow_fetching": False, "moment": moment}
    if "/DSS" in reader.root:
        store = DocumentSecurityStore.read_dss(reader)
        return store.as_validation_context({**settings, "revocation_mode": "hard-fail"})
    return ValidationContext(**settings)


def _stamp_verdict(reader, stamp, root, moment) -> dict[str, object]:
    status = validate_pdf_timestamp(stamp, _context(reader, root, moment))
    return {
        "field": stamp.field_name,
        "valid": status.valid and status.intact and status.trusted,
        "coverage": status.coverage.name,
    }


def _verdict(reader, signature, root, moment) -> dict[str, object]:
    status = validate_pdf_signature(signature, _context(reader, root, moment))
    return {
        "field": signature.field_name,
        "valid": status.bottom_line,
        "trusted": status.trusted,
        "coverage": status.coverage.name,
        "changes": status.modification_level.name,
        "timestamped": status.timestamp_validity is not None and status.timestamp_validity.valid,
    }


def main() -> None:
    logging.disable(logging.CRITICAL)
    with open(sys.argv[1], "rb") as file:
        _, _, der = pem.unarmor(file.read())
    root = x509.Certificate.load(der)
    moment = datetime.fromisoformat(sys.argv[2])
    for line in sys.stdin:
        path, _, kind = line.strip().partition("\t")
        try:
            answer: object = judge(path, kind, root, moment)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
