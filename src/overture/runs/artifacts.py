"""Artefacts of a failure, kept as files under the data directory; the run names them by relative path."""

from pathlib import Path

from overture.core.ids import public_id
from overture.runs.tables import Run
from overture.touchpoints import Snapshot


def save_screenshot(root: Path, run: Run, snapshot: Snapshot | None) -> str | None:
    """Write the screen to `run_…/<epoch>.png`; returns that path, or None when there is no screen."""
    if snapshot is None or snapshot.screenshot is None:
        return None
    name = Path(public_id("run", run.id)) / f"{run.epoch}.png"
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(snapshot.screenshot)
    return str(name)
