"""A short campaign of SIGKILLs; the long one is run by hand (``tests/bench/campaign.py``)."""

from __future__ import annotations

from pathlib import Path

from delivery.campaign import Campaign


def test_senders_may_die_at_any_moment(tmp_path: Path) -> None:
    verdict = Campaign(tmp_path, recipients=600, connections=3).run(12)
    assert verdict.problems == []
    assert verdict.kills == 12
    assert verdict.copies_beyond_one == 0
    assert verdict.tally.unknown <= 3 * verdict.kills + verdict.cuts_after_dot


def test_and_the_clock_may_be_set_back(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, recipients=300, connections=2, seed=7, clock_goes_back=True)
    verdict = campaign.run(6)
    assert verdict.problems == []
    assert verdict.copies_beyond_one == 0
