"""What Lighthouse says of the five homes, in the form of a telephone and of a desk.

Lighthouse comes from npm (`npm install --global lighthouse`) and runs Debian's chromium; where
either is missing the benchmark says so.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which

from chauban.bench.report import Case

BAR = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
FORMS = {"mobile": (), "desktop": ("--preset=desktop",)}
CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
PATIENCE_SECONDS = 240


def cases(url: str, homes: Mapping[str, str]) -> Iterator[Case]:
    """The scores of each home; the names of homes come with the sessions that they are seen by."""
    program, chromium = which("lighthouse"), which("chromium")
    if program is None or chromium is None:
        missing = "npm's lighthouse" if program is None else "chromium"
        yield Case(f"Lighthouse not run: {missing} is not installed", "", 0)
        return
    for home, session in homes.items():
        for form, options in FORMS.items():
            scores, faults = _run(program, chromium, url, session, options)
            for category in CATEGORIES:
                score = scores.get(category)
                why = ", ".join(faults.get(category, ()))
                name = f"Lighthouse, home of the {home}, {form}: {category}"
                yield Case(
                    f"{name} ({why})" if why else name,
                    "points",
                    -1 if score is None else score,
                    bar=f">= {BAR}",
                    met=score is not None and score >= BAR,
                )


def _run(
    program: str, chromium: str, url: str, session: str, options: tuple[str, ...]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The scores by category, and what took points away in each."""
    with tempfile.TemporaryDirectory() as folder:
        kept, headers = Path(folder) / "report.json", Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": f"sessionid={session}"}))
        argv = [
            program, f"{url}/", "--quiet", "--output=json", f"--output-path={kept}",
            f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers}",
            f"--chrome-flags={CHROMIUM}", *options,
        ]  # fmt: skip
        ran = subprocess.run(
            argv,
            env={**os.environ, "CHROME_PATH": chromium},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if ran.returncode or not kept.exists():
            return {}, {category: [ran.stderr.strip()[-200:]] for category in CATEGORIES}
        return read(json.loads(kept.read_text("utf-8")))


def read(report: dict[str, dict[str, dict[str, object]]]) -> tuple[dict[str, int], dict]:
    """The scores of a report, of 100, and by category the audits that are not perfect."""
    scores: dict[str, int] = {}
    faults: dict[str, list[str]] = {}
    for name, category in report["categories"].items():
        if category["score"] is not None:
            scores[name] = round(100 * category["score"])
        faults[name] = [
            audit["id"]
            for audit in category["auditRefs"]
            if audit["weight"] and (report["audits"][audit["id"]]["score"] or 0) < 0.9
        ]
    return scores, faults
