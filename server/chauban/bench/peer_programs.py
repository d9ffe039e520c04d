"""The other libraries of the benchmarks of signing and verifying, in a process of its own.

Run by the Python of a throw-away environment, so it imports nothing of ours: one JSON request
a line in, one JSON answer a line out. CPU time is counted here, without start-up or warm-up.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Request = dict[str, str]
Act = Callable[[], object]


def pdfsignerpy(request: Request) -> Act:
    """Signs from file to file and opens the keystore each time: it has no other call."""
    import pdfsigner

    target = Path(tempfile.mkdtemp()) / "signed.pdf"
    options = {"level": request["level"]}
    if request["level"] != "bb":
        options["tsa_url"] = request["tsa"]
    given = (request["pdf"], str(target), request["p12"], request["password"])
    return lambda: pdfsigner.sign_pdf(*given, **options)


def rustpdf(request: Request) -> Act:
    """B-B with an RSA key, no chain: it takes a key and one certificate."""
    import rustpdf as library
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    _require_b_b(request)
    key, certificate, _ = _keystore(request)
    pdf = Path(request["pdf"]).read_bytes()
    key_der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate_der = certificate.public_bytes(Encoding.DER)
    return lambda: library.sign(pdf, key_der, certificate_der, pades=True)


def endesive(request: Request) -> Act:
    from endesive.pdf import cms

    _require_b_b(request)
    key, certificate, others = _keystore(request)
    pdf = Path(request["pdf"]).read_bytes()
    options = {
        "sigflags": 3,
        "contact": "",
        "location": "",
        "signingdate": "D:20261123090000+07'00'",
        "reason": "",
        "aligned": 16384,
    }
    return lambda: cms.sign(pdf, options, key, certificate, others, "sha256")


def _require_b_b(request: Request) -> None:
    if request["level"] != "bb":
        raise ValueError("no such level")


def _keystore(request: Request):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.serialization import pkcs12

    data = Path(request["p12"]).read_bytes()
    return pkcs12.load_key_and_certificates(data, request["password"].encode())


def pdfsignerpy_verify(request: Request) -> Act:
    """Bytes, signature, time-stamp and chains; says nothing of revocation."""
    import pdfsigner

    return lambda: _checked(
        pdfsigner.verify_pdf_report(request["pdf"], request["roots"])["all_trusted"]
    )


def rustpdf_verify(request: Request) -> Act:
    """Bytes and signature values; no chain, no revocation, no time-stamp."""
    import rustpdf as library

    pdf = Path(request["pdf"])

    def act() -> None:
        found = library.verify_signatures(pdf.read_bytes())
        _checked(bool(found) and all(each["is_valid"] for each in found))

    return act


def endesive_verify(request: Request) -> Act:
    """Bytes, signature and chain of the last signature."""
    from endesive.pdf import verify

    pdf, roots = Path(request["pdf"]), Path(request["roots"]).read_bytes()
    return lambda: _checked(all(all(each) for each in verify(pdf.read_bytes(), [roots])))


def _checked(is_valid: bool) -> None:
    if not is_valid:
        raise ValueError("does not find it valid")


SIGNING = {"pdfsignerpy": pdfsignerpy, "rustpdf": rustpdf, "endesive": endesive}
VERIFYING = {
    "pdfsignerpy": pdfsignerpy_verify,
    "rustpdf": rustpdf_verify,
    "endesive": endesive_verify,
}
ACTS = {"sign": SIGNING, "verify": VERIFYING}


def main() -> None:
    acts: dict[str, Act] = {}
    for line in sys.stdin:
        request: Request = json.loads(line)
        try:
            if line not in acts:
                acts[line] = ACTS[request["act"]][request["library"]](request)
                acts[line]()
            times = int(request["times"])
            start = time.process_time()
            for _ in range(times):
                acts[line]()
            answer: dict[str, object] = {"seconds": (time.process_time() - start) / times}
        except BaseException as error:  # a library may panic; that is an answer too
            answer = {"error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
