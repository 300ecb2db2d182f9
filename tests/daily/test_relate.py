"""An edition's papers are related when it is published, and nothing there stops a mail."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from web.site_fixture import FRIDAY, RunningSite, visible_text

from digest.daily.relate import relate_edition

KEEL = (
    "Keel: Pruning Diffusion Transformers",
    "We prune diffusion transformers by their attention heads. Pruned diffusion transformers are "
    "fast, and their attention heads are few. Keel is a pruning of attention heads.",
)
RUDDER = (
    "Rudder: Attention Heads Worth Keeping",
    "Attention heads of diffusion transformers differ in worth. We prune those worth little, and "
    "the diffusion transformers are fast. Rudder ranks attention heads before pruning.",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path, FRIDAY - timedelta(days=1))
    yield site
    site.close()


def write_dump(site: RunningSite, *papers: tuple[str, str]) -> None:
    path = site.dump("A", name=papers[0][0].partition(":")[0])
    listed = (part for paper in papers for part in paper)
    path.write_text("\n\n".join(["Daily Papers", *listed, ""]), encoding="utf-8")


def test_papers_of_two_days_are_related_to_each_other(
    site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    write_dump(site, KEEL)
    site.run_day()
    assert "Related papers" not in visible_text(site.visitor.get("/papers/1"))
    site.later(days=1)
    write_dump(site, RUDDER)
    site.run_day()
    for paper, other in ((1, RUDDER), (2, KEEL)):
        page = site.visitor.get(f"/papers/{paper}")
        assert "Related papers" in visible_text(page)
        assert other[0] in visible_text(page)
    assert relate_edition(site.store, site.clock.now.date()) == 0


def test_what_goes_wrong_is_logged_and_the_mail_leaves(
    site: RunningSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("digest.daily.relate.relate", fail)
    site.subscribe("reader@example.org")
    write_dump(site, KEEL, RUDDER)
    with caplog.at_level(logging.WARNING):
        report = site.run_day()
    assert report.delivered is not None
    assert len(site.transport.mails) == 1
    assert any("are not related to others" in record.message for record in caplog.records)
