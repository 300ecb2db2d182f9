"""A long campaign of SIGKILLs against the sender.

::

    python tests/bench/campaign.py                               # 300 kills, 20,000 readers
    python tests/bench/campaign.py --clock                       # and clocks that are set back
    mount -t tmpfs -o size=48m tmpfs /mnt/small
    python tests/bench/campaign.py --folder /mnt/small --fill    # and a disk that is full at times

Ends with status 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from delivery.campaign import Campaign


class Ballast:
    """Fills the disk for a while, again and again, until told to stop."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.times = 0

    def __enter__(self) -> Ballast:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(4):
            self.times += 1
            with contextlib.suppress(OSError), self._path.open("wb", buffering=0) as file:
                for size in (1 << 20, 4096, 1):
                    with contextlib.suppress(OSError):
                        while file.write(b"\0" * size) == size:
                            pass
            self._stop.wait(1.5)
            self._path.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", action="store_true", help="set the senders' clocks back")
    parser.add_argument("--folder", type=Path, help="where the store lies")
    parser.add_argument("--fill", action="store_true", help="fill that folder's disk at times")
    asked = parser.parse_args()
    started = time.monotonic()

    def report(campaign: Campaign) -> None:
        if campaign.kills % 20 == 0:
            mails = len(campaign.sink.mails)
            print(f"{time.monotonic() - started:7.1f} s {campaign.kills:5} kills {mails:7} mails",
                  flush=True)  # fmt: skip

    with contextlib.ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ballast = stack.enter_context(Ballast(folder)) if asked.fill else None
        verdict = Campaign(
            folder,
            recipients=asked.recipients,
            connections=asked.connections,
            seed=asked.seed,
            clock_goes_back=asked.clock,
        ).run(asked.kills, after_kill=report)
    tally = verdict.tally
    print(f"recipients          {verdict.recipients}")
    print(f"kills               {verdict.kills} in {verdict.seconds:.0f} s")
    print(f"accepted/rejected   {tally.accepted}/{tally.rejected}")
    print(f"unknown             {tally.unknown}, of them {verdict.cuts_after_dot} cut by the relay")
    print(f"most per kill       {verdict.most_unknown_per_kill} of {asked.connections} connections")
    print(f"copies beyond one   {verdict.copies_beyond_one}")
    if ballast is not None:
        print(f"disk full           {ballast.times} times")
    for problem in verdict.problems[:20]:
        print(f"BROKEN: {problem}")
    print("every promise kept" if not verdict.problems else f"{len(verdict.problems)} broken")
    return bool(verdict.problems)


if __name__ == "__main__":
    sys.exit(main())
