"""Sign a file of 2 GiB and say what it took: `python -m chauban.bench.signing_large [GIB]`.

The file is a letter with one more object, a stream of that size. It is signed in a process of
its own after a small one, so that the figure is what the size adds; qpdf and pdfsig check it.
"""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chauban.bench.material import PASSWORD, letter
from chauban_pades import reserve
from chauban_pades.originals import open_original
from chauban_pki.demo.authority import DemoAuthority

GIB = 1024**3
PIECE = bytes(range(256)) * 4096

_SIGN = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from chauban_pades import sign_file
from chauban_pki.credentials import KeyCredential

folder, password = Path(sys.argv[1]), sys.argv[2]
credential = KeyCredential.load((folder / "key.p12").read_bytes(), password)

def sign(name):
    sign_file(folder / f"{name}.pdf", folder / f"{name}-signed.pdf", field="signatory-1",
              credential=credential, timestamp=None, now=datetime.now(UTC))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

small, start, cpu = sign("small"), time.monotonic(), time.process_time()
large = sign("large")
print(json.dumps({
    "extra_memory_mib": round((large - small) / 1024, 1),
    "cpu_seconds": round(time.process_time() - cpu, 2),
    "elapsed_seconds": round(time.monotonic() - start, 2),
}))
"""


def measure(size_bytes: int) -> dict[str, object]:
    """Memory beyond that of signing a small file, CPU and elapsed time, and the verdicts."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = DemoAuthority.create(folder / "pki", now - timedelta(days=1))
        keystore = authority.issue_person(
            "Nguyễn Văn Bình",
            "Phó Chủ tịch",
            "Ủy ban nhân dân thành phố Huế",
            password=PASSWORD,
            valid_from=now - timedelta(days=1),
            valid_to=now + timedelta(days=300),
        )
        (folder / "key.p12").write_bytes(keystore)
        small = reserve(letter(now))
        (folder / "small.pdf").write_bytes(small)
        _write_large(folder / "large.pdf", small, size_bytes)
        argv = [sys.executable, "-c", _SIGN, str(folder), PASSWORD]
        done = subprocess.run(argv, capture_output=True, check=True)
        signed = folder / "large-signed.pdf"
        return {
            "file_mib": round((folder / "large.pdf").stat().st_size / 1024**2, 1),
            **json.loads(done.stdout),
            "qpdf": _says(["qpdf", "--check", str(signed)], "No syntax or stream encoding errors"),
            "pdfsig": _says(["pdfsig", "-nocert", str(signed)], "Signature is Valid"),
        }


def _write_large(path: Path, small: bytes, size_bytes: int) -> None:
    """Append a revision with one stream of about that size, piece by piece."""
    pieces = size_bytes // len(PIECE)
    original = open_original(small)
    number = original.size
    head = b"%d 0 obj\n<< /Length %d >>\nstream\n" % (number, pieces * len(PIECE))
    with path.open("wb") as file:
        file.write(small)
        at = file.tell()
        file.write(head)
        for _ in range(pieces):
            file.write(PIECE)
        file.write(b"\nendstream\nendobj\n")
        startxref = file.tell()
        trailer = original.trailer.text(
            {b"/Size": b"%d" % (number + 1), b"/Prev": b"%d" % original.startxref}
        )
        file.write(b"xref\n%d 1\n%010d 00000 n \ntrailer\n%b\n" % (number, at, trailer))
        file.write(b"startxref\n%d\n%%%%EOF\n" % startxref)


def _says(argv: list[str], expected: str) -> bool:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return expected in done.stdout


if __name__ == "__main__":
    gib = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    print(json.dumps(measure(round(gib * GIB)), indent=1))
