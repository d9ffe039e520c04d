"""What programs that are not ours say of the files that we made."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ALONE = Path(__file__).with_name("pyhanko_alone.py")
# What each signature of a document may have seen since, in pyHanko's words (reserved-fields.md).
UNCHANGED = ("NONE", "LTA_UPDATES")
FILLED = (*UNCHANGED, "FORM_FILLING")


def judged(files: Sequence[Path], root: Path) -> dict[Path, list[dict[str, Any]]]:
    """pyHanko's verdicts on the signatures of each file, with the demo's root alone."""
    if not files:
        return {}
    lines = run([sys.executable, ALONE, root, *files]).splitlines()
    return dict(zip(files, map(json.loads, lines), strict=True))


def require_valid(signatures: list[dict[str, Any]], *, is_main: bool) -> None:
    """Signatory then seal on a document, the agency's signature alone on an attachment.

    Since the seal at most validation data were added, since the signatory at most the reserved
    fields filled in; all of it under a valid time-stamp.
    """
    fields = [one["field"] for one in signatures]
    assert fields == (["signatory-1", "seal-1"] if is_main else ["attachment-seal"]), fields
    for one in signatures:
        assert one["valid"], one
        assert one["timestamped"], one
        assert one["changes"] in (FILLED if one["field"] == "signatory-1" else UNCHANGED), one


def require_valid_to_pdfsig(file: Path, *, signatures: int) -> None:
    """poppler and NSS find every signature intact; they know no anchor."""
    said = run(["pdfsig", file])
    assert said.count("Signature Validation: Signature is Valid.") == signatures, said
    assert said.count("Signature Type: ETSI.CAdES.detached") == signatures, said


def require_sound_pdf(file: Path) -> None:
    """qpdf finds no fault in its structure; every font is embedded."""
    assert "No syntax or stream encoding errors" in run(["qpdf", "--check", file])
    fonts = run(["pdffonts", file]).splitlines()[2:]
    assert fonts, file
    for font in fonts:
        embedded, _, _, _, _ = font.split()[-5:]
        assert embedded == "yes", font


def require_valid_beside(file: Path, p7s: Path, root: Path) -> None:
    """OpenSSL verifies the detached signature, with its signing-certificate-v2 (RFC 5035)."""
    verify = ["openssl", "cms", "-verify", "-cades", "-binary", "-purpose", "any"]
    run(
        [
            *verify,
            "-inform",
            "DER",
            "-in",
            p7s,
            "-content",
            file,
            "-CAfile",
            root,
            "-out",
            os.devnull,
        ]
    )


def second_leg(file: Path, root: Path) -> dict[str, Any]:
    """Our adapter of pyHanko, in a process of its own."""
    argv = [sys.executable, "-m", "chauban_pades.second_leg", file, "--trust", root, "--json"]
    return json.loads(run(argv))


def lines_of(file: Path) -> list[str]:
    """The lines of text in the order in which they were set."""
    return [" ".join(line.split()) for line in run(["pdftotext", "-raw", file, "-"]).splitlines()]


def text_of(file: Path) -> str:
    """The text as it stands on the pages, with single spaces."""
    return " ".join(run(["pdftotext", "-layout", file, "-"]).split())


def run(argv: Sequence[str | Path]) -> str:
    ran = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (argv, ran.stdout[-2000:], ran.stderr[-2000:])
    return ran.stdout
