"""The shipped lexicon that loads at once is the one that ``topics.toml`` says."""

from __future__ import annotations

from importlib import resources

from digest.editorial.built_lexicon import FILE, SOURCE, decode, encode
from digest.editorial.lexicon import read_lexicon

FOLDER = resources.files("digest.editorial")


def test_the_built_file_is_what_the_topics_and_the_stemmer_make_now() -> None:
    made = encode(read_lexicon(), (FOLDER / SOURCE).read_bytes())
    assert (FOLDER / FILE).read_text(encoding="utf-8") == made, (
        "run: python -m digest.editorial.built_lexicon"
    )


def test_it_says_exactly_what_the_topics_file_says() -> None:
    text = (FOLDER / FILE).read_text(encoding="utf-8")
    assert decode(text, (FOLDER / SOURCE).read_bytes()) == read_lexicon()


def test_a_topics_file_that_was_edited_since_is_not_overridden() -> None:
    text = (FOLDER / FILE).read_text(encoding="utf-8")
    assert decode(text, (FOLDER / SOURCE).read_bytes() + b"\n") is None
