"""Refuse texts that are too weak to sign links: whoever guesses one can act for every reader."""

from __future__ import annotations

from itertools import pairwise

from pydantic import SecretStr

SHORTEST = 16
FEWEST_LETTERS = 6
"""Different characters in a key. Sixteen random hexadecimal digits have fewer once in 10,000 keys."""

SAMPLES = (
    "a long random text",
    "openssl rand",
    "the-previous-secret-key",
    "changeme",
    "change-me",
)
"""Parts of what samples and manuals show in place of a key, which everybody knows."""


def fit_key(key: SecretStr) -> SecretStr:
    """The key. Raises `ValueError` that says why it will not do, and never repeats it."""
    if fault := weakness(key.get_secret_value()):
        raise ValueError(fault)
    return key


def fit_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """The keys. Raises `ValueError` for the first that will not do, by its place."""
    for place, key in enumerate(keys, start=1):
        if fault := weakness(key.get_secret_value()):
            raise ValueError(f"key {place} of {len(keys)} {fault}")
    return keys


def weakness(key: str) -> str:
    """Tell why that text would not keep a secret; ``""`` if nothing speaks against it."""
    key = key.strip()
    if any(sample in key.lower() for sample in SAMPLES):
        return "is a sample's value, which everybody knows"
    if len(key) < SHORTEST:
        return f"should have at least {SHORTEST} characters"
    steps = [abs(ord(after) - ord(before)) for before, after in pairwise(key)]
    repeats = key in (key + key)[1:-1]
    if len(set(key)) < FEWEST_LETTERS or repeats or 2 * sum(step < 2 for step in steps) > len(key):
        return "is too easy to guess"
    return ""
