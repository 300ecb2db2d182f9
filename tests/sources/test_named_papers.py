"""Papers that a person names are read from ids, links, titles and bibliographies, line by line."""

from __future__ import annotations

from factories import DAY
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Record, Rejected
from digest.sources.named_papers import read_named_papers

BIB = """% exported by a reference manager

@article{hopper,
  title = {Compiling {G\\"odel} Numbers at Sea},
  author = {Hopper, Grace},
  eprint = {2606.01234},
  abstract = {We compile numbers while the ship rolls.},
}
@misc{nothing, note = {to be read}}
@inproceedings{byron, title={Weaving Flowers With An Engine}, doi={10.1000/xyz.7}}
"""
RIS = "TY  - JOUR\r\nTI  - Knitting Proofs of Termination\r\nDO  - 10.1000/abc\r\nER  - \r\n"


def named(text: str) -> list[tuple[str, str | None]]:
    """Title and id of each paper."""
    read = read_named_papers(text, DAY)
    return [(one.title, one.external_id) for one in read if isinstance(one, Record)]


def refused(text: str) -> list[tuple[int, str]]:
    read = read_named_papers(text, DAY)
    return [(one.line, one.reason) for one in read if isinstance(one, Rejected)]


def test_ids_dois_and_links_are_read_in_every_spelling() -> None:
    text = """
    2606.01234v2
    arXiv:2606.01235
    - https://arxiv.org/pdf/2606.01236v1.pdf
    2. <https://www.alphaxiv.org/abs/2606.01237>
    doi:10.1000/abc
    https://doi.org/10.1000/ABC.9
    math/0309136, 2606.01238 2606.01239
    """
    assert named(text) == [
        ("", "2606.01234"),
        ("", "2606.01235"),
        ("", "2606.01236"),
        ("", "2606.01237"),
        ("", "doi:10.1000/abc"),
        ("", "doi:10.1000/abc.9"),
        ("", "math/0309136"),
        ("", "2606.01238"),
        ("", "2606.01239"),
    ]
    assert refused(text) == []


def test_a_title_stands_alone_or_beside_its_link() -> None:
    assert named("1. Weaving Flowers With An Engine") == [("Weaving Flowers With An Engine", None)]
    assert named("[Weaving Flowers With An Engine](https://arxiv.org/abs/2606.01234)") == [
        ("Weaving Flowers With An Engine", "2606.01234")
    ]
    assert named("“Weaving Flowers With An Engine”, arXiv:2606.01234") == [
        ("Weaving Flowers With An Engine", "2606.01234")
    ]


def test_a_bibliography_is_read_entry_by_entry() -> None:
    assert named(BIB) == [
        ("Compiling Gödel Numbers at Sea", "2606.01234"),
        ("Weaving Flowers With An Engine", "doi:10.1000/xyz.7"),
    ]
    assert refused(BIB) == [(2, "this entry has neither a title nor an id")]
    (first, *_) = read_named_papers(BIB, DAY)
    assert isinstance(first, Record)
    assert first.abstract == "We compile numbers while the ship rolls."
    assert named(RIS) == [("Knitting Proofs of Termination", "doi:10.1000/abc")]


def test_a_line_that_names_no_paper_is_refused_with_its_number_and_why() -> None:
    text = "2606.01234\n\nBERT\nhttps://example.org/a-talk\n" + "x" * 2_000
    assert [line for line, _ in refused(text)] == [3, 4, 5]
    reasons = [reason for _, reason in refused(text)]
    assert "title of 3 words or more" in reasons[0]
    assert "give the paper's title" in reasons[1]
    assert "longer than a title" in reasons[2]


@given(st.text(alphabet=st.sampled_from('@{}=",\n TYER-abcdoi:10./[]()\\$2606'), max_size=400))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    for one in read_named_papers(text, DAY):
        assert isinstance(one, Record | Rejected)
        if isinstance(one, Record):
            assert one.title or one.external_id
