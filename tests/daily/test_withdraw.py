"""One paper that a filter refuses is taken out, and everybody else's papers arrive."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from installation import PARIS, Installation

from digest.daily.withdraw import withdraw
from digest.delivery.retry import Reply, SmtpStage
from digest.errors import InputError

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
READERS = [f"reader@{letter}.example" for letter in "abcd"]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An edition of two papers, whose mails the relay refuses at their end."""
    installation = Installation(tmp_path, MONDAY)
    installation.subscribe(*READERS)
    refused = Reply.of(SmtpStage.FINAL, 554, "5.7.1 message content rejected")
    installation.transport.answers = dict.fromkeys(READERS, refused)
    installation.dump("AB")
    installation.run_day()
    with installation.store.read() as unit:
        assert unit.runs.paused()
    return installation


def test_what_is_withdrawn_is_in_no_mail_any_more_and_the_others_arrive(
    installation: Installation,
) -> None:
    with installation.store.read() as unit:
        (edition_id,) = unit.editions.undelivered(installation.clock())
        published = unit.editions.by_id(edition_id)
    assert published is not None
    entry = published.edition.entries[0]
    (line,) = withdraw(
        installation.store, installation.publishing, str(entry.paper_id), clock=installation.clock
    )
    assert "1 new paper left" in line
    with installation.store.begin() as unit:
        changed = unit.editions.by_id(edition_id)
        assert changed is not None
        assert [one.paper_id for one in changed.edition.entries] == [
            one.paper_id for one in published.edition.entries[1:]
        ]
        assert unit.papers.pending() == ()
    with pytest.raises(InputError, match="no edition that waits"):
        withdraw(
            installation.store,
            installation.publishing,
            str(entry.paper_id),
            clock=installation.clock,
        )
    with pytest.raises(InputError, match="only new paper"):
        withdraw(
            installation.store,
            installation.publishing,
            str(published.edition.entries[1].paper_id),
            clock=installation.clock,
        )


@pytest.mark.parametrize("sought", ["987654321", "No paper has this title", "9" * 30])
def test_what_nobody_knows_is_said(installation: Installation, sought: str) -> None:
    with pytest.raises(InputError, match="no paper has that"):
        withdraw(installation.store, installation.publishing, sought, clock=installation.clock)
