"""The other formats of citations: a RIS parser, CSL's rules, and what pages carry for programs."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from factories import paper
from hypothesis import given
from hypothesis import strategies as st

from digest.citations.embedded import coins, highwire_tags
from digest.citations.formats import CITATION_FORMATS
from digest.citations.reference import reference_of
from digest.model import Paper, PaperDetails

PUBLISHED = paper(
    1,
    "Tidal Attention in Zürich",
    "We present it.\nIt works.",
    external_id="2606.01234",
    authors=("Ada Lovelace", "Ludwig van der Berg", "Google Research, Zürich"),
    published=date(2026, 6, 3),
    details=PaperDetails(venue="Journal of Tides 3", doi="10.1000/tides.1"),
)
PREPRINT = paper(2, "A Quiet Sea", external_id="math/0309136")
BARE = paper(3, "Neither Here nor There")


def ris(papers: list[Paper]) -> list[dict[str, Any]]:
    """The records of the papers' RIS file as rispy reads them."""
    rispy: Any = pytest.importorskip("rispy", reason="needs the dev extra")
    text = CITATION_FORMATS["ris"].text([reference_of(one) for one in papers])
    records: list[dict[str, Any]] = rispy.loads(text)
    assert all("unknown_tag" not in record for record in records)
    return records


def test_a_ris_file_is_read_by_another_program() -> None:
    first, second, third = ris([PUBLISHED, PREPRINT, BARE])
    assert first["type_of_reference"] == "JOUR"
    assert first["title"] == "Tidal Attention in Zürich"
    assert first["authors"] == ["Lovelace, Ada", "van der Berg, Ludwig", "Google Research, Zürich"]
    assert (first["year"], first["date"]) == ("2026", "2026/06/03")
    assert first["doi"] == "10.1000/tides.1"
    assert first["abstract"] == "We present it. It works."
    assert (second["type_of_reference"], second["year"]) == ("UNPB", "2003")
    assert second["urls"] == ["https://arxiv.org/abs/math/0309136"]
    assert "year" not in third
    assert "urls" not in third


@given(st.text(st.sampled_from("ab Z09-\n\r\u2028\x85ER TY  - \t\x00é深"), max_size=60))
def test_no_text_can_begin_a_field_or_a_record_of_its_own(text: str) -> None:
    hostile = paper(1, f"T{text}T", f"A{text}A", authors=(f"N{text}N",), details=PaperDetails(venue=f"V{text}V"))  # fmt: skip
    (record,) = ris([hostile])
    assert record["title"] == reference_of(hostile).title
    assert record["abstract"] == reference_of(hostile).abstract
    assert len(record["authors"]) == 1


def test_json_is_csl_that_programs_know() -> None:
    text = CITATION_FORMATS["json"].text(list(map(reference_of, [PUBLISHED, PREPRINT, BARE])))
    first, second, third = json.loads(text)
    assert first == {
        "id": "lovelace2026tidal",
        "type": "article-journal",
        "title": "Tidal Attention in Zürich",
        "author": [
            {"family": "Lovelace", "given": "Ada"},
            {"family": "van der Berg", "given": "Ludwig"},
            {"literal": "Google Research, Zürich"},
        ],
        "issued": {"date-parts": [[2026, 6, 3]]},
        "container-title": "Journal of Tides 3",
        "number": "arXiv:2606.01234",
        "abstract": "We present it. It works.",
        "DOI": "10.1000/tides.1",
        "URL": "https://arxiv.org/abs/2606.01234",
    }
    assert second["issued"] == {"date-parts": [[2003, 9]]}
    assert second["publisher"] == "arXiv"
    assert third["id"] == "neither"
    assert "issued" not in third


def test_a_page_tells_programs_what_it_is_about() -> None:
    tags = highwire_tags(reference_of(PUBLISHED))
    assert tags[0] == ("citation_title", "Tidal Attention in Zürich")
    assert [value for name, value in tags if name == "citation_author"][1] == "Ludwig van der Berg"
    assert dict(tags)["citation_publication_date"] == "2026/06/03"
    assert dict(tags)["citation_journal_title"] == "Journal of Tides 3"
    assert dict(tags)["citation_pdf_url"] == "https://arxiv.org/pdf/2606.01234"
    pairs = parse_qsl(coins(reference_of(PUBLISHED)), strict_parsing=True)
    assert ("rft.atitle", "Tidal Attention in Zürich") in pairs
    assert ("rft_id", "info:doi/10.1000/tides.1") in pairs
    assert next(value for name, value in pairs if name == "rft.au") == "Ada Lovelace"
    assert ("rft.genre", "preprint") in parse_qsl(coins(reference_of(PREPRINT)))


def test_an_address_that_is_none_is_not_cited() -> None:
    for url in ("javascript:alert(1)", "https://", "http://a b", "x" * 2_000):
        assert reference_of(paper(1, url=url)).url == ""
    assert reference_of(paper(1, url="https://a.org/é{x}")).url == "https://a.org/%C3%A9%7Bx%7D"
    doi = PaperDetails(doi="10.48550/arXiv.2606.01234")
    assert reference_of(paper(1, details=doi)).arxiv == "2606.01234"
