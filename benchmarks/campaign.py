"""A campaign of 60 days with 10,000 leads and 20 accounts, lived through on the real database.

`python -m benchmarks.campaign [--leads N] [--accounts N] [--days N]`; the last line is JSON. It is one trial
of `./dev simulate` in which nothing goes wrong but people. What 60 days do not need is left out of it:

- An account's relations and inbox are read once a working day, as it begins, and not every 8 and 4 hours;
  what is answered in between is seen by the last look before each send.
- An invitation is looked for only when the time it is waited for is over (`check_after_h: 384`), and not
  after a week as well: in the list of sent invitations, and by name if it is not on that. Until then the
  relations tell of acceptances.
- The least time between two acts of an account is a second, and not a minute: the world's clock goes on by
  half an hour, and whoever had to wait for the minute was asked twice. The limits of a day and a week, and
  the pace that spreads them over the day, are what they are.

- The accounts are all in one zone, as those of an office are: then a tick of the planner has something to do
  for all of them at once, and at night there is none.

What was sent shows within the time it is looked for. The database vacuums once a virtual day, at a moment the
trial chooses. While it works for one act, acts of other accounts go on (`tests/simulation/abreast.py`), in an
order that is the same for the same seed. What the auditor looks through in the end is not counted.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence

from benchmarks import ground

LIMIT_S = 240.0
SEED = "7"


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--days", type=int, default=60)
    asked = vars(parser.parse_args(argv))
    sizes = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.simulation", "--fine", "--seed", SEED, *sizes]
    shown = subprocess.run(command, cwd=ground.ROOT, stdout=subprocess.PIPE, text=True, check=False)
    lines = shown.stdout.strip().splitlines()
    result: dict[str, object] = json.loads(lines[-1]) if lines else {"failed": ["it did not end"]}
    lived = result.get("lived_s")
    met = not result["failed"] and isinstance(lived, float) and lived < LIMIT_S
    ground.report({"benchmark": "campaign", **asked, **result, "limit_s": LIMIT_S, "met": met})
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
