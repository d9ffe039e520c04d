"""pyHanko's verdict on files, in a process of its own that imports nothing of this project.

    python pyhanko_alone.py ROOT.pem FILE…     one JSON line for each file

It knows the root and nothing else: certificates and revocation information (hard-fail) must
stand in the document.
"""

import json
import logging
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature


def judge(path, root):
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        settings = {"trust_roots": [root], "allow_fetching": False, "revocation_mode": "hard-fail"}
        context = DocumentSecurityStore.read_dss(reader).as_validation_context(settings)
        return [verdict(reader, one, context) for one in reader.embedded_regular_signatures]


def verdict(reader, signature, context):
    status = validate_pdf_signature(signature, context)
    return {
        "field": signature.field_name,
        "signer": status.signing_cert.subject.native["common_name"],
        "valid": status.bottom_line,
        "changes": status.modification_level.name,
        "timestamped": status.timestamp_validity is not None and status.timestamp_validity.valid,
        "at_top_right": at_top_right(reader, signature.sig_field),
    }


def at_top_right(reader, field):
    """Whether the field's widget stands on page 1, right of its middle, in its top quarter."""
    page = reader.root["/Pages"]["/Kids"][0]
    while page["/Type"] == "/Pages":
        page = page["/Kids"][0]
    places = [annotation.get_object()["/Rect"] for annotation in page.get("/Annots", [])]
    left, low, right, high = (float(one) for one in field["/Rect"])
    _, _, width, height = (float(one) for one in page["/MediaBox"])
    is_on_page = [left, low, right, high] in [[float(one) for one in each] for each in places]
    return is_on_page and left > width / 2 and low > height * 3 / 4


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with open(sys.argv[1], "rb") as file:
        root = x509.Certificate.load(pem.unarmor(file.read())[2])
    for path in sys.argv[2:]:
        print(json.dumps(judge(path, root)))
