"""Write authors' names in the order in which they are spoken."""

from __future__ import annotations


def first_name_first(name: str) -> str:
    """Give ``Last, First`` as ``First Last``; a name without a comma comes back as it is."""
    last, _, first = name.partition(",")
    return f"{first.strip()} {last.strip()}".strip()
