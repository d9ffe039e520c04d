"""The other libraries of the signing benchmark, each in a process of its own.

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


LIBRARIES = {"pdfsignerpy": pdfsignerpy, "rustpdf": rustpdf, "endesive": endesive}


def main() -> None:
    acts: dict[str, Act] = {}
    for line in sys.stdin:
        request: Request = json.loads(line)
        try:
            if line not in acts:
                acts[line] = LIBRARIES[request["library"]](request)
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
