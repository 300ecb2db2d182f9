"""Measure how surely a rise is flagged: many made-up months with a planted rise and planted noise.

    python tests/bench/trending.py [MONTHS]

Prints for how many months the planted topic and the planted phrase were flagged on the first or
second day of their rise, and how many other flags there were, also in months without any rise.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

# In place of this folder, where a module of this very name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from editorial.month import RISES_ON, RISING_PHRASE, RISING_TOPIC, flags, month  # noqa: E402


def main(months: int) -> int:
    began = time.perf_counter()
    in_time = {RISING_TOPIC: 0, RISING_PHRASE: 0}
    false = days = 0
    for seed in range(months):
        for papers, rise in ((50, True), (120, True), (50, False)):
            made = month(1_000 + seed, papers=papers, rise=rise)
            days += len(made) - 7
            found = [(day, name.casefold().removesuffix("s")) for day, name in flags(made)]
            for name in in_time:
                on = min((day for day, flagged in found if flagged == name), default=99)
                in_time[name] += rise and RISES_ON <= on <= RISES_ON + 1
            false += sum(not rise or name not in in_time or day < RISES_ON for day, name in found)
    planted = 2 * months
    print(f"{3 * months} months, {days} days, {time.perf_counter() - began:.1f} s")
    for name, hits in in_time.items():
        print(f"{name}: flagged within two days in {hits} of {planted} months")
    print(f"anything else flagged: {false} times")
    return 0 if false == 0 and all(hits == planted for hits in in_time.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8))
