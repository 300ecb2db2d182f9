"""References as BibTeX: a parser that others wrote reads them, and LaTeX prints what was read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from factories import paper
from hypothesis import given
from hypothesis import strategies as st

from digest.citations.bibtex import bibtex_entry, latex
from digest.citations.formats import CITATION_FORMATS
from digest.citations.reference import reference_of
from digest.model import PaperDetails


def parsed(text: str, *, decoded: bool = True) -> list[dict[str, str]]:
    """The entries of a BibTeX file as bibtexparser reads them; it must understand all of it."""
    bibtexparser: Any = pytest.importorskip("bibtexparser", reason="needs the dev extra")
    middleware = (
        [bibtexparser.middlewares.LatexDecodingMiddleware(keep_math_mode=False)] if decoded else []
    )
    library = bibtexparser.parse_string(text, append_middleware=middleware)
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries)
    return [
        {"ENTRYTYPE": entry.entry_type, "ID": entry.key}
        | {field.key: str(field.value) for field in entry.fields}
        for entry in library.entries
    ]


def unbraced(text: str) -> str:
    return text.replace("{", "").replace("}", "")


def test_a_preprint_is_cited_as_the_arxiv_does() -> None:
    text = bibtex_entry(
        reference_of(
            paper(
                7,
                "Tidal Attention for 3D Scenes with BERT",
                external_id="2606.01234",
                authors=("Ada Lovelace", "Ludwig van der Berg"),
                published=date(2026, 6, 3),
                details=PaperDetails(categories=("cs.CV", "cs.LG")),
            )
        )
    )
    assert text == (
        "@misc{lovelace2026tidal,\n"
        "  title         = {Tidal Attention for {3D} Scenes with {BERT}},\n"
        "  author        = {Lovelace, Ada and van der Berg, Ludwig},\n"
        "  year          = {2026},\n"
        "  month         = jun,\n"
        "  eprint        = {2606.01234},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass  = {cs.CV},\n"
        "  url           = {https://arxiv.org/abs/2606.01234},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("50% of R&D costs $5 at #1_a", r"50\% of R\&D costs \$5 at \#1\_a"),
        ("Gödel, Łódź and Çelik", r'G{\"{o}}del, {\L}{\'{o}}d{\'{z}} and {\c{C}}elik'),
        ("α-Stable ≤ 3×", r"$\alpha$-Stable $\leq$ 3$\times$"),
        ("“Quoted” – it’s so…", r"``Quoted'' -- it's so{\ldots}"),
        ("a\\b{c}~d^e", r"a{\textbackslash}b{\textbraceleft}c{\textbraceright}"
         r"{\textasciitilde}d{\textasciicircum}e"),
        ("深度学习", "深度学习"),
    ],
)  # fmt: skip
def test_signs_of_latex_and_of_other_languages_are_written_for_latex(
    title: str, written: str
) -> None:
    assert latex(title) == written


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("LoRA: A Q-Learning View of GPT-4", "{LoRA}: A {Q}-Learning View of {GPT}-4"),
        ("Few-Shot In-Context Learning", "Few-Shot In-Context Learning"),
    ],
)
def test_capitals_inside_words_are_kept_from_styles_that_write_titles_small(
    title: str, written: str
) -> None:
    assert f"title         = {{{written}}}" in bibtex_entry(reference_of(paper(1, title)))


def test_names_are_divided_as_bibtex_does_and_the_missing_are_others() -> None:
    names = ("María José Cohen Jr.", "Plato", "Google Research and Friends", "Wei Zhang")
    reference = reference_of(paper(1, authors=names, author_count=9))
    (entry,) = parsed(bibtex_entry(reference), decoded=False)
    assert entry["author"] == (
        r"Cohen Jr., Mar{\'{i}}a Jos{\'{e}} and {Plato} and {Google Research and Friends}"
        " and Zhang, Wei and others"
    )
    (shown,) = parsed(bibtex_entry(reference, 2), decoded=False)
    assert shown["author"].endswith("{Plato} and others")


@pytest.mark.parametrize(
    ("venue", "doi", "kind", "field"),
    [
        ("Physical Review D 76, 013009", "10.1103/PhysRevD.76.013009", "article", "journal"),
        ("Proceedings of ICML 2025", None, "inproceedings", "booktitle"),
        ("Some Book, pp. 3–9", None, "misc", "howpublished"),
    ],
)
def test_where_it_was_published_decides_the_kind_of_entry(
    venue: str, doi: str | None, kind: str, field: str
) -> None:
    details = PaperDetails(venue=venue, doi=doi)
    (entry,) = parsed(bibtex_entry(reference_of(paper(1, details=details))))
    assert entry["ENTRYTYPE"] == kind
    assert entry[field] == venue


def test_a_file_has_every_paper_under_a_key_of_its_own() -> None:
    papers = [
        paper(n, "Twice Told", authors=("Ann Lee",), external_id="2606.00001") for n in range(60)
    ]
    papers += [paper(99, "???"), paper(98, "深度学习")]
    text = CITATION_FORMATS["bib"].text([reference_of(one) for one in papers])
    keys = [entry["ID"] for entry in parsed(text)]
    assert len(set(keys)) == len(papers)
    assert keys[0] == "lee2026twicea"
    assert keys[-2:] == ["paper99", "paper98"]


HOSTILE = st.text(
    st.sampled_from("ab Z09{}\\\"%&$#_^~@,=<>|'`-\n\té̂ß×α“深\u202e\x00{}"), max_size=60
)


@given(HOSTILE, st.lists(HOSTILE, max_size=4), HOSTILE, HOSTILE)
def test_whatever_a_source_says_it_is_one_entry_with_the_same_title(
    title: str, names: list[str], venue: str, url: str
) -> None:
    details = PaperDetails(venue=venue, doi=url, categories=(venue,))
    given = paper(1, title, authors=tuple(names), details=details, url=f"https://x.org/{url}")
    (entry,) = parsed(bibtex_entry(reference_of(given)), decoded=False)
    assert entry["title"].count("{") == entry["title"].count("}")
    assert unbraced(entry["title"]) == unbraced(latex(reference_of(given).title))


@given(st.text(st.sampled_from("ab Z09{}\\%&$#_~éüñŁß×α≤"), max_size=40))
def test_what_latex_reads_is_what_was_written(text: str) -> None:
    title = " ".join(f"Word {text} end".split())
    details = PaperDetails(venue=f"Journal {text} end")
    reference = reference_of(paper(1, title, details=details))
    (entry,) = parsed(bibtex_entry(reference))
    assert unbraced(entry["howpublished"]) == unbraced(reference.venue)
