"""bioRxiv and medRxiv: pages of a hundred, one category or all, later versions not new."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest
from sources.services.invented_web import InventedWeb

from digest.errors import SourceError
from digest.model import AnnounceType, Dump, Rejected

TODAY = date(2026, 11, 20)


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "title": f"Moths of the Attic, Part {number}", "authors": "Invented, A.; Made-Up, B. C.",
        "doi": f"10.1101/2026.11.18.{number:06}", "date": "2026-11-18", "version": "1",
        "category": "neuroscience", "license": "cc_by", "server": "bioRxiv", "published": "NA",
        "abstract": f"We count {number} moths by the light of a lantern.", **more,
    }  # fmt: skip


def api(rows: list[dict[str, Any]]) -> InventedWeb:
    def answer(request: httpx.Request) -> str:
        first = int(request.url.path.rpartition("/")[2])
        about = {"status": "ok", "cursor": first, "count": 100, "total": len(rows)}
        return json.dumps({"messages": [about], "collection": rows[first : first + 100]})

    return InventedWeb(answer)


def test_a_category_is_read_through_all_pages_with_what_is_told_of_each() -> None:
    others = [row(number, category="ecology") for number in range(1, 130)]
    web = api([*others, row(200), row(201, version="2", published="10.1000/attic.9")])
    (dump,) = web.read("biorxiv:neuroscience", today=TODAY, last_read=date(2026, 11, 17))
    assert isinstance(dump, Dump)
    first, again = dump.records
    assert first.external_id == "doi:10.1101/2026.11.18.000200"
    assert first.authors == ("A. Invented", "B. C. Made-Up")
    assert first.published == date(2026, 11, 18)
    assert (first.announced, again.announced) == (AnnounceType.NEW, AnnounceType.REPLACE)
    assert (first.details.categories, first.details.licence) == (("neuroscience",), "cc_by")
    assert (again.details.version, again.details.venue) == (2, "doi:10.1000/attic.9")
    assert web.asked == [
        "api.biorxiv.org/details/biorxiv/2026-11-17/2026-11-20/0",
        "api.biorxiv.org/details/biorxiv/2026-11-17/2026-11-20/100",
    ]


def test_all_is_every_category_of_the_other_server_too() -> None:
    web = api([row(1, category="ecology", server="medRxiv"), row(2)])
    (dump,) = web.read("medrxiv:all", today=TODAY)
    assert isinstance(dump, Dump)
    assert len(dump.records) == 2
    assert web.asked[0].startswith("api.biorxiv.org/details/medrxiv/2026-11-19/2026-11-20/")


def test_a_weekend_without_preprints_yields_nothing_and_a_weekday_a_suspicion() -> None:
    assert api([]).read("biorxiv:all", today=date(2026, 11, 22)) == []
    (rejected,) = api([]).read("biorxiv:all", today=TODAY)
    assert isinstance(rejected, Rejected)
    assert "nothing of Thursday or later" in rejected.reason
    others = api([row(1, category="ecology")])
    assert others.read("biorxiv:neuroscience", today=TODAY) == []


@pytest.mark.parametrize("location", ["biorxiv:", "biorxiv:neuro?x=1", "medrxiv:../etc"])
def test_what_is_no_category_is_said_before_anything_is_asked(location: str) -> None:
    web = api([])
    with pytest.raises(SourceError, match="category"):
        web.read(location, today=TODAY)
    assert web.asked == []
