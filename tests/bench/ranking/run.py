"""Measure rankers on what readers chose: `python tests/bench/ranking/run.py DATA`. See README.md."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

BASELINES = ("recency", "votes", "TF-IDF mean", "TF-IDF + SVM", "ELAS u4", "LSA", "blend")


def main() -> int:
    """Read the arguments, say what is missing, measure."""
    arguments = _arguments()
    if not (arguments.data / "papers.jsonl.gz").is_file():
        print(
            f"no papers.jsonl.gz in {arguments.data}: README.md says what it has", file=sys.stderr
        )
        return 1
    from bench.ranking.measuring import Plan, measure
    from bench.ranking.ours import WAYS

    names = arguments.only or [*BASELINES, *(WAYS if arguments.ablation else ["digest"])]
    if unknown := [name for name in names if name not in {*BASELINES, *WAYS}]:
        print(f"no ranker {unknown[0]!r}: {', '.join([*BASELINES, *WAYS])}", file=sys.stderr)
        return 2
    if {*names} & {*BASELINES} and not (find_spec("scipy") and find_spec("sklearn")):
        print(
            "baselines need scikit-learn: pip install '.[bench]'; or --only digest", file=sys.stderr
        )
        return 1
    chosen = (arguments.replay, arguments.size, arguments.noise, arguments.history)
    measure(Plan(arguments.data, names, *chosen, arguments.against))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the papers and the readers")
    replays = ["authors", "curators", "mixed"]
    parser.add_argument("--replay", nargs="+", choices=replays, default=replays)
    parser.add_argument("--size", nargs="+", type=int, default=[1, 3, 5, 10, 20, 50])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these rankers only")
    parser.add_argument("--ablation", action="store_true", help="leave out one part at a time")
    parser.add_argument("--noise", type=float, default=0, help="share of a taste that is random")
    parser.add_argument("--history", type=int, default=0, help="only where so much is known")
    parser.add_argument("--against", default="blend", help="the ranker that others are compared to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
