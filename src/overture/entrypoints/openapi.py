"""`python -m overture.entrypoints.openapi [--check]`: writes the API's schema, codes, reasons and events."""

import json
import sys
from pathlib import Path
from typing import Final

from overture.entrypoints.api.build import describe_api
from overture.entrypoints.api.catalogue import reference
from overture.entrypoints.api.outreach import ROUTERS
from overture.entrypoints.api.outreach.events_page import events_page
from overture.entrypoints.api.outreach.reasons_page import reasons_page

DOCS: Final = Path(__file__).parents[3] / "docs"


def documents() -> dict[Path, str]:
    """Every generated document and what it should hold."""
    schema = json.dumps(describe_api(ROUTERS).openapi(), indent=2, ensure_ascii=False, sort_keys=True)
    return {
        DOCS / "openapi.json": schema + "\n",
        DOCS / "reference" / "problems.md": reference(),
        DOCS / "reference" / "reasons.md": reasons_page(),
        DOCS / "reference" / "events.md": events_page(),
    }


def main(arguments: list[str]) -> int:
    """Write the documents, or with `--check` say which are out of step."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path} is out of step: run `python -m overture.entrypoints.openapi`.\n")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(documents()[path])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
