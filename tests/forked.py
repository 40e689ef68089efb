"""The program as processes of its own, without the seconds each would spend on its imports.

One process loads the product and then forks for every command. The child has the environment, the folder and
the streams it is given, and ends with the program's own exit code, like `overture …` in a shell.
`python -m forked` is that process; `Shell` talks to it.
"""

import contextlib
import gc
import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

TESTS = Path(__file__).parent
LIMIT_S = 60.0
STREAMS = ("stdin", "stdout", "stderr")


class Shell:
    """Runs commands of `overture`; started with the first of them."""

    def __init__(self) -> None:
        self._loaded: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loaded is not None:
            self._loaded.communicate(timeout=LIMIT_S)  # its input ends, and so does it

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """One command from its start to its end."""
        with TemporaryDirectory(prefix="overture-shell-") as name:
            files = {stream: str(Path(name, stream)) for stream in STREAMS}
            Path(files["stdin"]).write_text(stdin)
            order = {"arguments": arguments, "environment": {**environment}, "folder": str(folder), **files}
            code = self._ask(order)
            out, err = (Path(files[stream]).read_text() for stream in STREAMS[1:])
        return subprocess.CompletedProcess(list(arguments), code, out, err)

    def _ask(self, order: dict[str, Any]) -> int:
        """The exit code; a command that never ends is an error of the test."""
        if self._loaded is None:
            self._loaded = subprocess.Popen(
                [sys.executable, "-m", "forked"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=TESTS,
            )
        assert self._loaded.stdin is not None
        assert self._loaded.stdout is not None
        self._loaded.stdin.write(json.dumps(order) + "\n")
        self._loaded.stdin.flush()
        if not select.select([self._loaded.stdout], [], [], LIMIT_S)[0]:
            self._loaded.kill()
            raise TimeoutError(f"overture {' '.join(order['arguments'])} did not end in {LIMIT_S:.0f} s")
        return int(self._loaded.stdout.readline())


def be_command(order: dict[str, Any]) -> None:
    """The child: everything of its own, then the program, which ends by `SystemExit`."""
    from overture.entrypoints.cli import main

    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, stream in enumerate(STREAMS):
        file = os.open(order[stream], os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate(("r", "w", "w")))  # noqa: PTH123, SIM115
    main(order["arguments"])


def fork(order: dict[str, Any]) -> int:
    """Play one command in a fork of this process; its exit code."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        be_command(order)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    """Load the program, then fork for every order until there are no more."""
    import fakes
    import overture.entrypoints.cli
    import overture.providers.linkedin_browser
    import overture.providers.unipile.provider  # the program imports its providers when it opens the product

    assert fakes
    assert overture.entrypoints.cli
    assert overture.providers.linkedin_browser
    assert overture.providers.unipile.provider
    gc.freeze()  # or the children's collections would copy all of it
    for line in sys.stdin:
        code = fork(json.loads(line))
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
