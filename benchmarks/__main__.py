"""All benchmarks, one after the other: `./dev bench [NAME…]`; the last line sums them up."""

import json
import subprocess
import sys

from benchmarks import ground

NAMES = (
    *("engine", "browser", "profiles", "api", "start", "imports", "planner", "campaign"),
    *("webhooks", "race_window"),
)


def run(name: str) -> dict[str, object]:
    """One benchmark in a process of its own; its last line of stdout."""
    ground.screen.rule(name)
    shown = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ground.ROOT,
        check=False,
    )
    lines = shown.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {"benchmark": name, "met": False, "error": f"ended with {shown.returncode} and no result"}
    result: dict[str, object] = json.loads(lines[-1])
    ground.screen.print_json(lines[-1])
    return result


def main(argv: list[str]) -> int:
    """Run those named, or all."""
    unknown = [name for name in argv if name not in NAMES]
    if unknown:
        ground.screen.print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}.")
        return 2
    results = {name: run(name) for name in argv or NAMES}
    missed = [name for name, result in results.items() if not result.get("met")]
    ground.report(
        {"benchmarks": len(results), "met": len(results) - len(missed), "missed": missed, "results": results}
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
