"""The how-to of campaigns by API is one script that works from a clean start, against the sandbox."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-a-campaign-by-api.md"
LIMIT_S = 240


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S + 60)
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

    shell = subprocess.Popen(
        ["bash", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
        start_new_session=True,
    )
    try:
        out, err = shell.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)  # the script's trap stops what it has started
        out, err = shell.communicate()

    log = (data / "server.log").read_text()[-2000:] if (data / "server.log").exists() else ""
    assert shell.returncode == 0, f"{out[-3000:]}\n{err[-3000:]}\n{log}"
    assert '"created":2' in out
    assert "invite: Hi Prisca, may I ask you about wells?" in out
    assert '{"total":2,"enrolled":2,"ignored":0,"skipped":{}}' in out
    wrote = re.findall(r"^ada@sandbox\.test wrote to (\S+): (.*)$", out, re.M)
    assert wrote in (
        [("prisca-hollowell-try", "Thank you, Prisca! What about wells?")],
        [("quentin-marsh-try", "Thank you, Quentin! What about reeds?")],
    )
    assert '"invited":1,"accepted":1,"messaged":1,"replied":1' in out
    assert '{"code":"replied",' in out
    assert '"state":"paused","state_reason":"lunch"' in out
