"""What a preview costs, beside ``python -c pass``: processor time, which other load does not change much.

    python tests/bench/preview.py DUMP [CHECKOUT…]

Each CHECKOUT (default: this one) is run in turn, so that all meet the same machine; its first run, which
fills the cache, is told apart.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 7
HERE = Path(__file__).resolve().parents[2]


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The processor time that a command took, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    dump, *checkouts = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        plain = {name: value for name, value in os.environ.items() if "DIGEST_" not in name}
        nothing = [sys.executable, "-c", "pass"]
        places = [Path(one).resolve() for one in checkouts] or [HERE]
        first: dict[Path, float] = {}
        later: dict[Path, list[float]] = {place: [] for place in places}
        idle = []
        os.chdir(work)
        for run in range(RUNS + 1):
            idle.append(seconds(nothing, plain))
            for number, place in enumerate(places):
                environment = {
                    **plain,
                    "PYTHONPATH": str(place),
                    "XDG_CACHE_HOME": f"{work}/cache{number}",
                    "HOME": work,
                }
                program = "import sys; from digest.cli import main; sys.argv[0] = 'digest'; main()"
                command = [
                    sys.executable,
                    "-c",
                    program,
                    "preview",
                    dump,
                    "--output",
                    f"{work}/out",
                ]
                took = seconds(command, environment)
                if run:
                    later[place].append(took)
                else:
                    first[place] = took
        base = statistics.median(idle)
        print(f"python -c pass: {base * 1000:.0f} ms")
        for place in places:
            usual = statistics.median(later[place])
            print(f"{place}: first {first[place]:.2f} s, then {usual:.2f} s = {usual / base:.0f} x")


if __name__ == "__main__":
    main()
