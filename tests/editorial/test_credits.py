"""Credits of a paper: who wrote it, where, and where it appears."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from factories import candidate
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.arrangement import EditionFrame
from digest.editorial.credits import Credits, credits_of, venue
from digest.editorial.edition import compose_edition, plainly
from digest.model import PaperDetails, Topic


def credits(*authors: str, count: int | None = None, **facts: Any) -> Credits:
    return credits_of(candidate(authors=authors, author_count=count, **facts).paper)


def test_four_authors_are_all_named() -> None:
    assert credits("Mira Holm", "Jon Teig", "Ana Sil", "Bo Ek").authors == (
        "Mira Holm",
        "Jon Teig",
        "Ana Sil",
        "Bo Ek",
    )


def test_of_more_authors_the_first_three_and_the_last_are_named() -> None:
    found = credits("A. Rao", "B. Sun", "C. Li", "D. Ash", "Z. Wu")
    assert found.authors == ("A. Rao", "B. Sun", "C. Li", "Z. Wu")
    assert found.author_count == 5


def test_the_last_of_a_shortened_list_is_not_taken_for_the_last_author() -> None:
    found = credits("A. Rao", "B. Sun", "C. Li", "D. Ash", count=14)
    assert found.authors == ("A. Rao", "B. Sun", "C. Li")
    assert found.author_count == 14


def test_a_count_alone_is_kept() -> None:
    assert credits(count=9) == Credits((), 9)


def test_names_are_made_readable_and_what_is_no_name_is_only_counted() -> None:
    found = credits('Kurt G\\"odel', "x" * 10_000, "", "Emmy Noether")
    assert found.authors == ("Kurt Gödel", "Emmy Noether")
    assert found.author_count == 4


def test_five_thousand_authors_are_counted() -> None:
    found = credits(*(f"Author {number}" for number in range(5_000)))
    assert found.authors == ("Author 0", "Author 1", "Author 2", "Author 4999")
    assert found.author_count == 5_000


def test_the_institution_is_the_organization_or_the_only_affiliation() -> None:
    assert credits(organization="Harbour Lab").institution == "Harbour Lab"
    assert credits(details=PaperDetails(affiliations=("Moss Institute",))).institution == (
        "Moss Institute"
    )
    assert credits(details=PaperDetails(affiliations=("One", "Two"))).institution == ""
    assert credits(organization="x " * 200).institution == ""


@pytest.mark.parametrize(
    ("comment", "named"),
    [
        ("Accepted at ICLR 2027", "ICLR 2027"),
        ("12 pages, 4 figures. Accepted to NeurIPS 2026 (spotlight)", "NeurIPS 2026 spotlight"),
        ("ICML2026", "ICML 2026"),
        ("CVPR '27, oral", "CVPR 2027"),
        ("CVPR 2027 oral", "CVPR 2027 oral"),
        ("To appear in Findings of EMNLP 2026", "EMNLP 2026 Findings"),
        ("ICML 2026 Workshop on Moss, 9 pages", ""),
        ("Accepted at the ICML 2026 Workshop on Moss", "ICML 2026 workshop"),
        ("Published in TMLR; code at https://example.org/x", "TMLR"),
        ("39th Conference on Neural Information Processing Systems (NeurIPS 2025)", "NeurIPS 2025"),
        ("Submitted to ICLR 2027", ""),
        ("Under review at ICML 2026", ""),
        ("Extended version of our CVPR 2025 paper", ""),
        ("Winning entry of the KDD 2026 challenge", ""),
        ("Rejected from ICLR 2026", ""),
        ("Code for the ICLR 2026 reviewers", ""),
        ("Uses the NeurIPS 2026 style", ""),
        ("Work in progress", ""),
        ("9 pages", ""),
        ("ACL", ""),
        ("", ""),
    ],
)
def test_a_comment_names_a_venue_only_where_it_says_so(comment: str, named: str) -> None:
    assert venue(PaperDetails(comment=comment)) == named


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("J. Slow Liq. 144, 124107 (2026)", "J. Slow Liq. 144, 124107 (2026)"),
        ("Proceedings of the 43rd ... (ICML 2026), volume 300, pages 1-9", "ICML 2026"),
        ("doi:10.1000/1", ""),
        ("A journal " * 20, ""),
    ],
)
def test_a_journal_reference_is_the_venue(reference: str, named: str) -> None:
    assert venue(PaperDetails(venue=reference)) == named


def test_an_entry_carries_its_credits_and_a_plain_one_does_not() -> None:
    details = PaperDetails(stars=1_204, comment="Accepted at ICLR 2027")
    paper = candidate(authors=("A. Rao",), organization="Harbour Lab", details=details)
    frame = EditionFrame([Topic("vision", "Vision")], date(2026, 11, 20))
    entry = compose_edition([paper], frame).entries[0]
    assert (entry.authors, entry.author_count) == (("A. Rao",), 1)
    assert (entry.institution, entry.venue, entry.stars) == ("Harbour Lab", "ICLR 2027", 1_204)
    plain = plainly(entry)
    assert (plain.authors, plain.author_count, plain.stars) == ((), 0, None)
    assert plain.institution == plain.venue == ""


@given(
    st.lists(st.text(max_size=80), max_size=20),
    st.text(max_size=200),
    st.one_of(st.none(), st.integers(0, 99)),
)
def test_whatever_a_source_says_the_credits_are_short(
    authors: list[str], words: str, count: int | None
) -> None:
    found = credits(
        *authors,
        count=count,
        organization=words,
        details=PaperDetails(venue=words, comment=words),
    )
    assert len(found.authors) <= 4
    assert all(0 < len(name) <= 60 for name in found.authors)
    assert found.author_count >= len(authors)
    assert len(found.institution) <= 60
    assert len(found.venue) <= 60
