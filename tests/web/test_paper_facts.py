"""What sources tell of a paper beyond its words stands on its page, whatever it is."""

from __future__ import annotations

import pytest
from factories import paper

from digest.model import PaperDetails
from digest.web.paper_facts import Fact, paper_facts, source_summary


def facts_of(**details: object) -> list[Fact]:
    return paper_facts(paper(details=PaperDetails(**details)))  # type: ignore[arg-type]


def test_each_fact_that_is_known_has_a_name_and_words() -> None:
    assert facts_of(
        doi="10.1000/attic.7",
        categories=("cs.LG", "stat.ML"),
        licence="http://creativecommons.org/licenses/by-sa/4.0/",
        stars=1234,
        venue="Attic Letters 7",
        comment="12 pages",
        affiliations=("Attic Lab", "Cellar Institute"),
    ) == [
        Fact("Published in", "Attic Letters 7"),
        Fact("Authors’ comment", "12 pages"),
        Fact("Categories", "cs.LG, stat.ML"),
        Fact("DOI", "10.1000/attic.7", "https://doi.org/10.1000/attic.7"),
        Fact("Licence", "CC BY-SA 4.0", "http://creativecommons.org/licenses/by-sa/4.0/"),
        Fact("Stars of the code", "1,234"),
        Fact("Affiliations", "Attic Lab; Cellar Institute"),
    ]


def test_a_paper_of_which_nothing_is_told_has_no_facts() -> None:
    assert paper_facts(paper()) == []
    assert facts_of(stars=0, venue=" \u200b ") == []
    assert source_summary(paper()) == ""


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("cc_by_nc", "cc_by_nc"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_licence_is_named_and_leads_only_where_a_page_may_lead(licence: str, words: str) -> None:
    (fact,) = facts_of(licence=licence)
    assert fact.words == words
    assert fact.url in ("", licence)
    assert not fact.url.startswith("javascript")


def test_what_is_no_doi_leads_nowhere_and_long_words_are_cut() -> None:
    (fact,) = facts_of(doi="see the publisher")
    assert fact.url == ""
    (long,) = facts_of(comment="word " * 1000)
    assert len(long.words) <= 301
    assert facts_of(doi="10.1000/a?b#c")[0].url == "https://doi.org/10.1000/a%3Fb%23c"
