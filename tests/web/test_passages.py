"""What was found is marked, and the passage around it shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.store.search_query import read_query
from digest.web.passages import MarkedPiece, Marker


def shown(pieces: tuple[MarkedPiece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("attention", "Sparse Attentions pay attention.", "Sparse [Attentions] pay [attention]."),
        ("selfattention", "A self-attention.", "A [self-attention]."),
        ("k-NN", "We use k-NN, kNN and k trees.", "We use [k-NN], [kNN] and k trees."),
        ("c++", "C++ is not C.", "[C++] is not C."),
        ('"deep sea"', "The deep sea; deep, blue sea.", "The [deep sea]; deep, blue sea."),
        ("prun*", "Pruned and prune.", "[Pruned] and [prune]."),
        ("cafe", "Le Café", "Le [Café]"),
        ("力", "注意力机制", "注意[力]机制"),
        ("-sea deep", "A deep sea.", "A [deep] sea."),
        ("author:sea", "A deep sea.", "A deep sea."),
        ("<b>", "<b>bold</b> & <i>b</i>", "<[b]>bold</[b]> & <i>[b]</i>"),
    ],
)
def test_what_was_asked_for_is_marked(query: str, text: str, marked: str) -> None:
    assert shown(Marker(read_query(query)).title(text)) == marked


def test_the_passage_is_where_most_of_the_words_are() -> None:
    text = (
        "Rivers rise. " * 60 + "In spring the ice of rivers breaks by night. " + "It melts. " * 60
    )
    passage = shown(Marker(read_query("rivers ice night")).passage(text, 120))
    assert passage.startswith("… ")
    assert passage.endswith(" …")
    assert "the [ice] of [rivers] breaks by [night]." in passage
    assert len(passage) < 160


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=600), st.integers(20, 300))
def test_marking_changes_no_text(query: str, text: str, length: int) -> None:
    marker = Marker(read_query(query))
    assert "".join(piece.text for piece in marker.title(text)) == text
    passage = "".join(piece.text for piece in marker.passage(text, length))
    assert passage.removeprefix("… ").removesuffix(" …") in text
    assert len(passage) <= length + 4
