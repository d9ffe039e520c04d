"""`chauban receipt`: checks the signed receipts that a document's page hands out; no database.

Exit codes: 0 every receipt holds; 1 one does not; 2 misuse.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from chauban.exchange.receipts import Receipt, ReceiptInvalid, verify_receipt
from chauban_pki.errors import PKIError
from chauban_pki.trust import Trust
from chauban_pki.words import reason_for

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("receipt")
@click.argument("file", type=EXISTING)
@click.option("--trust", "anchors", multiple=True, required=True, type=EXISTING, help="PEM root.")
@click.option("--parts", type=click.Path(file_okay=False, path_type=Path), help="Write the parts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path, anchors: tuple[Path, ...], parts: Path | None, as_json: bool) -> None:
    """Check the receipts in FILE.

    With --parts each statement and signature is written to a folder, for `openssl cms -verify`.
    """
    trust = Trust.of_pem(*(anchor.read_bytes() for anchor in anchors))
    try:
        given = json.loads(file.read_text("utf-8"))
        receipts = [Receipt.of(one) for one in given] if isinstance(given, list) else []
    except (ValueError, RecursionError, ReceiptInvalid) as error:
        raise click.UsageError(
            f"{file}: không phải tệp biên nhận / no receipts: {error}"
        ) from error
    if not receipts:
        raise click.UsageError(f"{file}: không có biên nhận / no receipts")
    found = [_checked(one, trust) for one in receipts]
    if parts:
        _write(receipts, parts)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for one in found:
            _print(one)
    sys.exit(0 if all(one["holds"] for one in found) else 1)


def _checked(receipt: Receipt, trust: Trust) -> dict[str, Any]:
    try:
        return {**receipt.facts, "holds": True, "stated_by": verify_receipt(receipt, trust=trust)}
    except ReceiptInvalid as error:
        return {**receipt.facts, "holds": False, "problem": str(error)}
    except PKIError as error:
        return {**receipt.facts, "holds": False, "problem": reason_for(error).vi}


def _write(receipts: list[Receipt], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(receipts, start=1):
        (folder / f"{number}.statement.json").write_bytes(one.statement.encode())
        (folder / f"{number}.p7s").write_bytes(one.signature)


def _print(one: dict[str, Any]) -> None:
    mark = "✓" if one["holds"] else "✗"
    who = one.get("stated_by") or one["problem"]
    click.echo(f"{mark} {one['event']}  {one['from']} → {one['to'] or '*'}  {one['at']}  {who}")
    click.echo(f"    SHA-256 {one['sha256']}")
