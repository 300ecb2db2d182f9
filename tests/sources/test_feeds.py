"""Feeds tell new papers from old ones, name authors in several ways, and may be hostile."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import AnnounceType, Dump, Rejected
from digest.sources.feeds import NotAFeedError, read_feed
from digest.sources.reading import read_dump

ARXIV = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.LG updates</title>
<item><title>Lanterns in the Attic</title><link>https://arxiv.org/abs/2611.00001</link>
<description>arXiv:2611.00001v1 Announce Type: new
Abstract: We light lanterns where x &lt; y holds.</description>
<guid isPermaLink="false">oai:arXiv.org:2611.00001v1</guid><category>cs.LG</category><category>stat.ML</category>
<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Ada Invented, Ben Made-Up</dc:creator></item>
<item><title>Moths, Revised</title><link>https://arxiv.org/abs/2509.00002</link>
<description>arXiv:2509.00002v3 Announce Type: replace-cross
Abstract: Moths again.</description>
<guid isPermaLink="false">oai:arXiv.org:2509.00002v3</guid><category>cs.LG</category>
<arxiv:announce_type>replace-cross</arxiv:announce_type></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<entry><id>http://arxiv.org/abs/2611.00003v2</id><title>Candles
  on the Stairs</title><summary>  We carry
candles.</summary><published>2026-11-18T17:59:47Z</published><updated>2026-11-19T10:00:00Z</updated>
<author><name>Cleo Fictive</name></author><author><name>Dan Fictive</name></author>
<category term="cs.CV"/><category term="cs.AI"/><arxiv:primary_category term="cs.AI"/>
<arxiv:comment>12 pages</arxiv:comment><arxiv:journal_ref>Attic Letters 7</arxiv:journal_ref>
<arxiv:doi>10.1000/stairs.7</arxiv:doi></entry></feed>"""


def test_arxiv_says_what_is_new_in_which_version_and_under_which_licence() -> None:
    new, replaced = read_feed(ARXIV)
    assert (new.title, new.external_id) == ("Lanterns in the Attic", "2611.00001")
    assert new.abstract == "We light lanterns where x < y holds."
    assert new.authors == ("Ada Invented", "Ben Made-Up")
    assert (new.announced, replaced.announced) == (AnnounceType.NEW, AnnounceType.REPLACE_CROSS)
    assert (new.details.version, replaced.details.version) == (1, 3)
    assert new.details.categories == ("cs.LG", "stat.ML")
    assert new.details.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert new.published == date(2026, 11, 20)


def test_atom_has_comment_venue_doi_and_the_primary_category_first() -> None:
    (paper,) = read_feed(ATOM)
    assert (paper.title, paper.abstract) == ("Candles on the Stairs", "We carry candles.")
    assert (paper.external_id, paper.published) == ("2611.00003", date(2026, 11, 18))
    assert paper.authors == ("Cleo Fictive", "Dan Fictive")
    assert paper.details.categories == ("cs.AI", "cs.CV")
    assert (paper.details.comment, paper.details.venue) == ("12 pages", "Attic Letters 7")
    assert (paper.details.doi, paper.details.version) == ("10.1000/stairs.7", 2)


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("Ada Invented, Ben Made-Up", ("Ada Invented", "Ben Made-Up")),
        ("Invented, A., Made-Up, B. C.", ("A. Invented", "B. C. Made-Up")),
        ("Invented, A.; Made-Up, B.", ("A. Invented", "B. Made-Up")),
        ("Ada Invented", ("Ada Invented",)),
    ],
)
def test_authors_are_told_apart_however_a_feed_joins_them(
    creator: str, names: tuple[str, ...]
) -> None:
    feed = ARXIV.replace("Ada Invented, Ben Made-Up", creator)
    assert read_feed(feed)[0].authors == names


def test_a_feed_of_another_archive_is_known_by_its_doi() -> None:
    feed = ARXIV.replace(
        "https://arxiv.org/abs/2611.00001", "https://pre.invented.io/10.1101/2026.11.1v1?rss=1"
    )
    feed = feed.replace("oai:arXiv.org:2611.00001v1", "x")
    assert read_feed(feed)[0].external_id == "doi:10.1101/2026.11.1v1"


@pytest.mark.parametrize(
    "text",
    ["<rss", "<feed", '<!DOCTYPE x [<!ENTITY a "b">]><rss><channel/></rss>', "<rdf:RDF>"],
)
def test_what_is_no_sound_feed_is_refused(text: str) -> None:
    with pytest.raises(NotAFeedError):
        read_feed(text)


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(0, len(ARXIV)))
def test_a_feed_that_is_cut_or_scrambled_never_does_worse_than_to_be_refused(
    noise: str, place: int
) -> None:
    for text in (ARXIV[:place], ARXIV[:place] + noise + ARXIV[place:]):
        try:
            records = read_feed(text)
        except NotAFeedError:
            continue
        assert all(record.title for record in records)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.biorxiv.org/content/10.1101/2026.11.20.000007v1?rss=1",
        "https://www.medrxiv.org/content/10.64898/2026.11.20.000007v2.full.pdf",
        "https://connect.biorxiv.org/content/10.1101/2026.11.20.000007",
        "https://doi.org/10.1101/2026.11.20.000007v3",
        "https://pre.invented.io/10.64898/2026.11.20.000007v3",
    ],
)
def test_every_version_of_a_preprint_is_one_paper(address: str) -> None:
    feed = ARXIV.replace("https://arxiv.org/abs/2611.00001", address)
    paper = read_feed(feed.replace("oai:arXiv.org:2611.00001v1", "x"))[0]
    prefix = "10.64898" if "10.64898" in address else "10.1101"
    assert paper.external_id == f"doi:{prefix}/2026.11.20.000007"


def test_a_feed_that_ends_in_the_middle_is_no_part_of_a_day() -> None:
    with pytest.raises(NotAFeedError, match="ends in the middle"):
        read_feed(ARXIV[: ARXIV.index("<title>Moths")])


@pytest.mark.parametrize(
    "inside",
    [
        "<item>" * 20_000,
        "<item><title>x</title></item>" * 20_000,
        "<a>" * 39_000 + "</a>" * 39_000,
        "<item " + " ".join(f"a{number}='1'" for number in range(50_000)) + "/>",
    ],
    ids=["unclosed", "many", "deep", "wide"],
)
def test_a_feed_that_would_keep_its_parser_busy_is_refused_before_it(inside: str) -> None:
    begun = time.process_time()
    with pytest.raises(NotAFeedError):
        read_feed(f"<rss version='2.0'><channel>{inside}</channel></rss>")
    assert time.process_time() - begun < 5


def test_many_tags_in_the_words_of_an_entry_are_not_depth() -> None:
    words = "We light lanterns." + "<![CDATA[" + "<br><p>" * 5_000 + "]]>"
    assert len(read_feed(ARXIV.replace("We light lanterns", words, 1))) == 2


def journal(*words: str, more: str = "") -> bytes:
    items = "".join(
        f"<item><title>Moss and Rivers, Part {number}</title>"
        f"<link>https://journal.invented.io/{number}</link><description>{said}</description>"
        f"<dc:creator>Ada Invented</dc:creator>{more}</item>"
        for number, said in enumerate(words)
    )
    return (
        "<?xml version='1.0'?><rss xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:prism='http://prismstandard.org/namespaces/basic/2.0/' version='2.0'><channel>"
        f"<title>New issue</title>{items}</channel></rss>"
    ).encode()


FIELDS = (
    "Soil carbon declined after drought in plots that were sampled for nine years.",
    "Bees visited flowers longer under cool skies, by counts in forty meadows.",
    "Herons shaped where small fish hide in clear ponds.",
)
NEWS = (
    "The mayor opened the new bridge on Tuesday before a crowd of hundreds.",
    "The home team won the cup after penalties.",
    "The company, which trains large language models, raised forty million dollars.",
)
ON_TRAINING = tuple(
    f"We propose a method, train a model on {number} datasets and show results on a benchmark."
    for number in range(10)
)


def test_a_journal_without_dois_is_read_where_its_feed_says_that_it_is_one() -> None:
    feed = journal(*FIELDS, more="<prism:publicationName>River Letters</prism:publicationName>")
    dump = read_dump(feed, location="journal", today=date(2026, 11, 20))
    assert isinstance(dump, Dump)
    assert [record.abstract for record in dump.records] == list(FIELDS)


def test_ten_papers_without_doi_or_journal_are_told_by_their_words() -> None:
    dump = read_dump(journal(*ON_TRAINING), location="journal", today=date(2026, 11, 20))
    assert isinstance(dump, Dump)
    assert len(dump.records) == 10


def test_a_feed_of_news_is_refused() -> None:
    refused = read_dump(journal(*NEWS), location="news", today=date(2026, 11, 20))
    assert isinstance(refused, Rejected)
    assert "do not read like abstracts" in refused.reason


def test_json_feed_has_its_words_as_text_or_as_html() -> None:
    item = {"url": "https://journal.invented.io/1", "title": "Moss", "authors": [{"name": "Ada"}]}
    items = [
        {**item, "id": "1", "content_text": ON_TRAINING[0], "date_published": "2026-11-19T00:00Z"},
        {**item, "id": "2", "content_html": f"<p>{ON_TRAINING[1]}<br>&amp; more</p>"},
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "New", "items": items}
    dump = read_dump(json.dumps(feed).encode(), location="feed", today=date(2026, 11, 20))
    assert isinstance(dump, Dump)
    first, second = dump.records
    assert (first.abstract, first.published) == (ON_TRAINING[0], date(2026, 11, 19))
    assert second.abstract == f"{ON_TRAINING[1]} & more"
