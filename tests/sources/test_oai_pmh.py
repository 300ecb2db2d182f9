"""Answers of repositories: three formats of metadata, lists that go on, errors in plain words."""

from __future__ import annotations

from datetime import date

import pytest

from digest.sources.oai_pmh import HarvestError, read_harvest

HEAD = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
ARXIV = """<record><header><identifier>oai:arXiv.org:2611.00001</identifier></header><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2611.00001</id><created>2026-11-18</created>
<authors><author><keyname>Invented</keyname><forenames>Ada</forenames><affiliation>The Attic Lab</affiliation></author>
<author><keyname>Made-Up</keyname><forenames>Ben</forenames><suffix>Jr</suffix></author></authors>
<title>Lanterns in
 the Attic</title><categories>cs.LG stat.ML</categories><comments>5 pages</comments>
<journal-ref>Attic Letters 7</journal-ref><doi>10.1000/attic.7</doi>
<license>http://creativecommons.org/publicdomain/zero/1.0/</license>
<abstract>We light &lt;one&gt; lantern.</abstract></arXiv></metadata></record>"""
RAW = """<record><header/><metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2611.00002</id>
<version version="v1"><date>Mon, 22 Oct 2018 22:41:50 GMT</date></version><version version="v2"/>
<title>Moths</title><authors>Cleo Fictive, Dan Fictive and Eve Fictive</authors>
<categories>q-bio.PE</categories><abstract>Moths.</abstract></arXivRaw></metadata></record>"""
CORE = """<record><header/><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Candles</dc:title><dc:creator>Fictive, Cleo</dc:creator>
<dc:subject>Light</dc:subject><dc:description>Short.</dc:description><dc:description>A longer description.</dc:description>
<dc:date>2026-11-17</dc:date><dc:identifier>https://pre.invented.io/7</dc:identifier>
<dc:identifier>doi:10.1000/Candles.7</dc:identifier></oai_dc:dc></metadata></record>"""
DELETED = '<record><header status="deleted"><identifier>oai:x:9</identifier></header></record>'


def answer(*records: str, token: str = "") -> str:
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return f"{HEAD}<ListRecords>{''.join(records)}{more}</ListRecords></OAI-PMH>"


def test_each_format_gives_all_that_it_has() -> None:
    arxiv, raw, core = read_harvest(answer(ARXIV, RAW, CORE, DELETED)).records
    assert (arxiv.title, arxiv.abstract) == ("Lanterns in the Attic", "We light <one> lantern.")
    assert arxiv.authors == ("Ada Invented", "Ben Made-Up Jr")
    assert (arxiv.external_id, arxiv.published) == ("2611.00001", date(2026, 11, 18))
    assert arxiv.details.affiliations == ("The Attic Lab",)
    assert (arxiv.details.doi, arxiv.details.venue) == ("10.1000/attic.7", "Attic Letters 7")
    assert raw.authors == ("Cleo Fictive", "Dan Fictive", "Eve Fictive")
    assert raw.details.version == 2
    assert (core.title, core.abstract) == ("Candles", "A longer description.")
    assert (core.external_id, core.url) == ("doi:10.1000/candles.7", "https://pre.invented.io/7")
    assert core.authors == ("Cleo Fictive",)


def test_a_list_that_goes_on_says_by_which_token() -> None:
    assert read_harvest(answer(ARXIV, token="7|1001")).token == "7|1001"
    assert read_harvest(answer(ARXIV)).token == ""


def test_that_no_records_match_is_no_error() -> None:
    assert read_harvest(f'{HEAD}<error code="noRecordsMatch"/></OAI-PMH>').records == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'{HEAD}<error code="badResumptionToken">too old</error></OAI-PMH>',
            "badResumptionToken too old",
        ),
        (answer(ARXIV)[:-40], "damaged"),
        (f'<!DOCTYPE a [<!ENTITY b "c">]>{answer(ARXIV)}', "entities"),
        ("<OAI-PMH>" + "<a>" * 5_000, "damaged"),
    ],
)
def test_errors_are_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(HarvestError, match=said) as caught:
        read_harvest(text)
    assert "\n" not in str(caught.value)
