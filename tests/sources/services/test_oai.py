"""Any repository: pages by their token, an old token answered by beginning again."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from sources.services.invented_web import InventedWeb
from sources.test_oai_pmh import ARXIV, CORE, HEAD, RAW, answer

from digest.errors import SourceError
from digest.model import Dump, Rejected

TODAY = date(2026, 11, 20)
EXPIRED = f'{HEAD}<error code="badResumptionToken">expired</error></OAI-PMH>'


def test_pages_are_read_to_the_end_as_one_dump() -> None:
    def repository(request: httpx.Request) -> str:
        return answer(CORE) if "resumptionToken" in str(request.url) else answer(ARXIV, token="a|2")

    web = InventedWeb(repository)
    (dump,) = web.read("oai:https://archive.invented.io/oai?set=light", today=TODAY)
    assert isinstance(dump, Dump)
    assert [record.title for record in dump.records] == ["Lanterns in the Attic", "Candles"]
    assert "from=2026-11-19&set=light" in web.asked[0]
    assert web.asked[1].endswith("/oai?verb=ListRecords&resumptionToken=a%7C2")


def test_a_token_that_expired_begins_the_list_again_and_no_paper_stands_twice() -> None:
    pages = iter([answer(ARXIV, token="1"), EXPIRED, answer(ARXIV, token="2"), answer(RAW)])
    web = InventedWeb(lambda request: next(pages))
    (dump,) = web.read("oai:https://archive.invented.io/oai", today=TODAY)
    assert isinstance(dump, Dump)
    assert [record.title for record in dump.records] == ["Lanterns in the Attic", "Moths"]


def test_a_token_that_always_expires_keeps_what_was_read_and_says_so() -> None:
    def repository(request: httpx.Request) -> str:
        return EXPIRED if "resumptionToken" in str(request.url) else answer(ARXIV, token="1")

    rejected, dump = InventedWeb(repository).read(
        "oai:https://archive.invented.io/oai", today=TODAY
    )
    assert isinstance(rejected, Rejected)
    assert isinstance(dump, Dump)
    assert len(dump.records) == 1


def test_a_list_without_end_is_left_after_some_pages() -> None:
    web = InventedWeb(lambda request: answer(ARXIV, token=f"on and on {len(web.asked)}"))
    dumps = web.read("oai:https://archive.invented.io/oai", today=TODAY)
    assert any(
        "more than 60 pages" in piece.reason for piece in dumps if isinstance(piece, Rejected)
    )
    assert len(web.asked) == 60


@pytest.mark.parametrize(
    "location",
    [
        "oai:archive.invented.io",
        "oai:http://archive.invented.io/oai",
        "oai:https://a.io/oai?from=soon",
    ],
)
def test_what_cannot_be_asked_is_said_at_once(location: str) -> None:
    web = InventedWeb()
    with pytest.raises(SourceError):
        web.read(location, today=TODAY)
    assert web.asked == []
