"""Authors tell two papers apart, but only where they are surely others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from editorial.test_identity import paper, record

from digest.editorial.authorship import has_other_authors, shares_an_author

ADA = ("Ada Lovelace", "Charles Babbage")


@pytest.mark.parametrize(
    ("mine", "theirs", "others"),
    [
        (ADA, ("Emmy Noether", "David Hilbert"), True),
        (ADA, ("Ada Lovelace",), False),
        (ADA, ("Lovelace, A.",), False),
        (ADA, ("C. Babbage", "Emmy Noether"), False),
        (("Émilie du Châtelet",), ("Emilie Du Chatelet",), False),
        (ADA, (), False),
        (ADA, ("HeronTeam",), False),
        (("Wei Wang",), ("王伟 李",), False),
    ],
)
def test_authors_are_others_if_no_name_is_in_both_lists(
    mine: tuple[str, ...], theirs: tuple[str, ...], *, others: bool
) -> None:
    one, other = replace(record(), authors=mine), replace(record(), authors=theirs)
    assert has_other_authors(one, paper(other)) is others
    assert has_other_authors(other, paper(one)) is others


def test_two_parts_of_long_lists_say_nothing() -> None:
    one = replace(record(), authors=ADA, author_count=9)
    other = replace(record(), authors=("Emmy Noether",), author_count=9)
    assert not has_other_authors(one, paper(other))
    assert has_other_authors(one, paper(replace(other, author_count=1)))


@pytest.mark.parametrize(
    ("name", "shared"),
    [("Lovelace, Ada", True), ("Ada Byron", False), ("A. Lovelace", False), ("Ada", False)],
)
def test_an_author_is_shared_by_the_full_name_in_any_order(name: str, *, shared: bool) -> None:
    one, other = replace(record(), authors=ADA), replace(record(), authors=(name,))
    assert shares_an_author(one, paper(other)) is shared
