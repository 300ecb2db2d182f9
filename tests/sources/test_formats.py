"""Lists that programs write are read as what they are, or refused as what they are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from email.message import EmailMessage

import pytest
from sources import shelf
from sources.bombs import BOMBS
from sources.shelf import SHELF, TODAY, Invented

from digest.model import Dump, Rejected
from digest.sources.reading import read_dump


def read(text: str) -> Dump | Rejected:
    return read_dump(text.encode(), location="page", today=TODAY)


def entries(papers: Sequence[Invented]) -> list[dict[str, object]]:
    return [
        {
            "paper": {
                "id": paper.id,
                "title": paper.title.replace(": ", ":\n  "),
                "summary": paper.abstract,
                "upvotes": paper.votes,
                "publishedAt": f"{paper.published.isoformat()}T00:00:00.000Z",
                "authors": [{"name": f"Author {n}"} for n in range(paper.authors or 1)],
            },
            "organization": {"fullname": paper.organization} if paper.organization else None,
        }
        for paper in papers
    ]


def json_lines(papers: Sequence[Invented]) -> str:
    return "\n".join(json.dumps(entry) for entry in entries(papers)) + "\n"


def table(papers: Sequence[Invented]) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Title", "Abstract", "Votes", "Published", "URL"])
    for paper in papers:
        page = f"https://arxiv.org/abs/{paper.id}"
        rows.writerow([paper.title, paper.abstract, paper.votes, paper.published, page])
    return out.getvalue()


def bibtex(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"@article{{k{paper.id},\n  title = {{{paper.title}}},\n  author = {{Invented, Ada and Bo Made-Up}},\n"
        f'  abstract = {{{paper.abstract}}},\n  eprint = "{paper.id}", year = 2026\n}}'
        for paper in papers
    )


def ris(papers: Sequence[Invented]) -> str:
    return "\n".join(
        f"TY  - JOUR\nTI  - {paper.title}\nAU  - Invented, Ada\nAU  - Made-Up, Bo\n"
        f"AB  - {paper.abstract}\nUR  - https://arxiv.org/abs/{paper.id}\nER  - \n"
        for paper in papers
    )


def atom(papers: Sequence[Invented]) -> str:
    from xml.sax.saxutils import escape

    items = "".join(
        f"<entry><id>http://arxiv.org/abs/{paper.id}v2</id><title>{escape(paper.title)}</title>"
        f"<summary>{escape(paper.abstract)}</summary><author><name>Ada Invented</name></author>"
        f"<published>{paper.published}T00:00:00Z</published></entry>"
        for paper in papers
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{items}</feed>'


def saved_mail(papers: Sequence[Invented]) -> str:
    message = EmailMessage()
    message["Subject"] = "Snapshot"
    message["From"] = "a browser"
    message.set_content("no text")
    message.add_alternative(shelf.saved_cards(papers), subtype="html", cte="quoted-printable")
    return message.as_string()


FORMATS: dict[str, tuple[Callable[[Sequence[Invented]], str], str]] = {
    "the API's JSON": (lambda papers: json.dumps(entries(papers)), "ivd"),
    "JSON with a list inside": (lambda papers: json.dumps({"papers": entries(papers)}), "ivd"),
    "JSON lines": (json_lines, "ivd"),
    "CSV with a header": (table, "ivd"),
    "BibTeX": (bibtex, "i"),
    "RIS": (ris, "i"),
    "an Atom feed": (atom, "id"),
    "a saved web archive": (saved_mail, "ivd"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_known_format_gives_its_papers_with_all_they_tell(name: str) -> None:
    write, told = FORMATS[name]
    papers = [paper for paper in SHELF if name != "BibTeX" or "{" not in paper.abstract]
    dump = read(write(papers))
    assert isinstance(dump, Dump)
    assert [record.title for record in dump.records] == [paper.title for paper in papers]
    for record, paper in zip(dump.records, papers, strict=True):
        shelf.agrees(record, paper, told)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (json.dumps([{"name": "a", "size": 3}] * 9), "JSON, but not of papers"),
        ('{"error": "Too Many Requests"}', "JSON, but not of papers"),
        ('[{"paper": {"title": "cut he', "damaged JSON"),
        ("[" * 100_000, "JSON that is nested too deeply"),
        ('<?xml version="1.0"?><note><to>you</to></note>', "XML of a kind that is not known"),
        ("title,size\nkettle,3\n", "a table"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_its_name(text: str, kind: str) -> None:
    refused = read(text)
    assert isinstance(refused, Rejected)
    assert kind in refused.reason or kind == "a table"
    assert "\n" not in refused.reason


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"messages": [{"status": "no posts found"}], "collection": []}',
        '<?xml version="1.0"?><rss><channel><title>t</title></channel></rss>',
    ],
)
def test_a_list_that_is_empty_today_is_an_empty_dump(text: str) -> None:
    dump = read(text)
    assert isinstance(dump, Dump)
    assert dump.records == ()


def test_entities_of_a_feed_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(9)
    )
    item = "<item><title>&a8;</title><description>x</description></item>"
    assert isinstance(read(f"<rss>{bomb}]><channel>{item}</channel></rss>"), Rejected)


def test_days_are_read_as_feeds_write_them() -> None:
    page = atom(SHELF[:1]).replace(
        f"{SHELF[0].published}T00:00:00Z", "Tue, 17 Nov 2026 00:00:00 GMT"
    )
    dump = read(page)
    assert isinstance(dump, Dump)
    assert dump.records[0].published == date(2026, 11, 17)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("JSON of empty lists", "JSON of more than 400,000 values"),
        ("a feed of entries", "a feed of more than 80,000 tags"),
        ("a wide table", "a table with a line of more than 100,000 characters"),
        ("a long table", "a table of more than 200,000 lines"),
        ("RIS of authors", "RIS of more than 200,000 lines"),
        ("a mail of parts", "a mail of more than 5,000 parts"),
        ("a few mails in mails", "a mail of parts that are nested too deeply"),
    ],
)
def test_what_would_take_all_memory_is_refused_before_it_is_read(name: str, told: str) -> None:
    refused = read_dump(b"".join(BOMBS[name]), location="bomb", today=TODAY)
    assert isinstance(refused, Rejected)
    assert told in refused.reason
