"""Senders of posts may die at any step: a short campaign; the long one is ``tests/bench/posts.py``."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos.post_campaign import PostCampaign
from chaos.post_sender import MUTANTS


@pytest.mark.slow
def test_senders_of_posts_may_die_at_any_step(tmp_path: Path) -> None:
    result = PostCampaign(tmp_path).run(10)
    assert result.problems == []
    assert result.duplicates == 0
    assert result.kills >= 5
    assert result.states["accepted"] + result.states["unknown"] == 10 * 7


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_sender_of_posts_is_reported(mutant: str, tmp_path: Path) -> None:
    result = PostCampaign(tmp_path, mutant=mutant).run(14)
    assert [problem for problem in result.problems if "crashed" not in problem]
