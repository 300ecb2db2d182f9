"""Short keys under which papers of like text meet, so that nobody has to compare with everybody.

A text is cut into overlapping runs of words (shingles); each is hashed, and only the smallest
hashes are kept (a bottom-k sketch: A. Broder, "On the resemblance and containment of documents",
1997). Two texts that share a part *J* of their shingles share a key with probability about
1 - (1 - J)^k, whatever the size of the memory.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from hashlib import blake2b

KEY_BYTES = 6
"""48 bits a key, 8 characters: among 4 million keys of a kind, a stranger shares one by accident
once in 70 million comparisons, and is then turned away by the comparison of the texts."""

Shingles = frozenset[str]


def signature_key(kind: str, text: str) -> str:
    """A short key, the same on every machine and in every run: the kind, then 48 bits of hash."""
    digest = blake2b(text.encode("utf-8", "replace"), digest_size=KEY_BYTES).digest()
    return kind + base64.urlsafe_b64encode(digest).decode("ascii")


def shingles(words: Sequence[str], width: int) -> Shingles:
    """All runs of ``width`` words; the whole text as one where it is shorter than that."""
    if len(words) <= width:
        return frozenset((" ".join(words),)) if words else frozenset()
    return frozenset(
        " ".join(words[start : start + width]) for start in range(len(words) - width + 1)
    )


def sketch(kind: str, parts: Iterable[str], size: int) -> tuple[str, ...]:
    """The ``size`` parts with the smallest hashes, as keys; fewer where there are fewer parts."""
    digests = {
        blake2b(part.encode("utf-8", "replace"), digest_size=KEY_BYTES).digest() for part in parts
    }
    return tuple(
        kind + base64.urlsafe_b64encode(digest).decode("ascii") for digest in sorted(digests)[:size]
    )


def containment(shingles: Shingles, other: Shingles) -> float:
    """The part of the smaller set that the larger one has too, 0 to 1; 0 if either is empty."""
    smaller = min(len(shingles), len(other))
    return len(shingles & other) / smaller if smaller else 0.0
