"""The how-to of campaigns by API is one script that works from a clean start, against the sandbox."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-a-campaign-by-api.md"


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the script needs curl and jq")
def test_the_script_of_the_how_to_works_from_a_clean_start(tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S))
    data = tmp_path / "data"
    data.mkdir()
    tmp_path.chmod(0o711)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
    environment |= {
        "OVERTURE_DATA_DIR": str(data),
        "OVERTURE_PORT": free_port(),
        "SITE_PORT": free_port(),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=400,
        check=False,
    )

    log = (data / "server.log").read_text()[-2000:] if (data / "server.log").exists() else ""
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{log}"
    assert '"created":2' in done.stdout
    assert "invite: Hi Prisca, may I ask you about wells?" in done.stdout
    assert '{"total":2,"enrolled":2,"ignored":0,"skipped":{}}' in done.stdout
    assert '"code":"waiting_accept"' in done.stdout
    assert '"state":"paused","state_reason":"lunch"' in done.stdout
