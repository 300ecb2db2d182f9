"""The index follows the papers."""

from __future__ import annotations

from typing import Any

from factories import change
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from store.steps import remember_dump

from digest.latex import readable
from digest.model import Novelty, Record
from digest.store import Store, open_store
from digest.store.search_index import index_all
from digest.store.search_query import read_query
from digest.store.search_words import parts


def contents(unit: Any) -> tuple[list[Any], list[Any]]:
    """All that the index has, of papers and of words that any paper has."""
    papers = unit.connection.execute(text("SELECT * FROM papers_fts ORDER BY 1")).all()
    words = unit.connection.execute(
        text("SELECT * FROM search_words WHERE papers <> 0 OR authors <> 0 ORDER BY word")
    )
    return papers, words.all()


def rebuilt(unit: Any) -> tuple[list[Any], list[Any]]:
    unit.connection.execute(text("DELETE FROM papers_fts"))
    index_all(unit.connection)
    return contents(unit)


def test_an_index_kept_in_step_is_the_one_made_anew(store: Store) -> None:
    with store.begin() as unit:
        first, _ = remember_dump(
            unit,
            change(Record("Gödel's $\\alpha$ rivers", "C++ and k-NN.", authors=("Ada Lovelace",))),
            change(Record("Lakes", "Deep k-NN.", external_id="2606.01234")),
        )
        revised = Record("Seas", "Wide, wide.", authors=("Ada Lovelace", "Kurt Gödel"))
        remember_dump(unit, change(revised, Novelty.REVISED, paper_id=first), name="two")
        kept = contents(unit)
        assert kept == rebuilt(unit)
        assert [row.word for row in kept[1] if row.word in ("rivers", "wide", "godel")] == [
            "godel",
            "wide",
        ]


def test_votes_alone_leave_the_index_alone(store: Store) -> None:
    with store.begin() as unit:
        rivers = Record("Rivers", "Wide.", votes=1)
        (first,) = remember_dump(unit, change(rivers))
        before = contents(unit)
        unit.connection.execute(text("DELETE FROM papers_fts"))
        again = Record("Rivers", "Wide.", votes=9)
        remember_dump(unit, change(again, Novelty.SEEN, paper_id=first), name="two")
        assert contents(unit) == ([], before[1])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_papers_say_is_indexed_and_found_by_each_of_its_words(
    texts: list[tuple[str, str, str]],
) -> None:
    store = open_store("sqlite://")
    store.migrate()
    with store.begin() as unit:
        records = [
            Record(f"title{n} {title}", abstract, authors=(author,))
            for n, (title, abstract, author) in enumerate(texts)
        ]
        ids = remember_dump(unit, *map(change, records))
        assert contents(unit) == rebuilt(unit)
        for paper_id, record in zip(ids, records, strict=True):
            title = readable(record.title)
            for part in list(parts(title))[:3]:
                found = unit.papers.find(read_query(f'"{title[part.start : part.end]}"'))
                assert paper_id in {paper.id for paper in found.papers}
    store.close()
