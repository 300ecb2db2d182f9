"""Two invented days of a papers page, so that the first preview has something to show.

No paper here exists. The second day lists six papers of the first unchanged and two with a revised
abstract; its two files hold the same papers in two layouts. ``other/`` has five papers of the first
day as four more kinds of capture.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def paths() -> tuple[Path, ...]:
    """The dumps in the order of their days: the first day, then the second."""
    return FOLDER / "day-1.txt", FOLDER / "day-2.txt"
