"""A list without pages hears of votes by mail, from the reader whose token the subject bears."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from bounce_samples import KEYS, BounceInstallation, wish
from factories import change
from mail.sample_editions import LIST_WITHOUT_PAGES
from store.steps import remember_dump

from digest.daily.bounces import BounceEffect
from digest.daily.mail_votes import read_vote
from digest.mail.tokens import sign_token
from digest.model import VoteDirection
from digest.subscriptions import taste


@pytest.fixture
def installation(tmp_path: Path) -> BounceInstallation:
    """One reader, and one paper."""
    made = BounceInstallation(tmp_path)
    made.subscribe()
    with made.store.begin() as unit:
        remember_dump(unit, change("Gaussian Rivers"))
    return made


def votes(installation: BounceInstallation) -> list[VoteDirection]:
    view = taste.find_taste(installation.store, 1)
    assert view is not None
    return [vote.direction for vote in view.votes]


def test_the_mail_that_a_link_opens_votes_once_however_often_it_is_read(
    installation: BounceInstallation,
) -> None:
    link = LIST_WITHOUT_PAGES.votes_url(sign_token("vote", 1, KEYS)) + "1%20more"
    subject = unquote(link.partition("subject=")[2])
    assert installation.take(wish(subject)).effect is BounceEffect.VOTED
    assert installation.take(wish(subject)).effect is BounceEffect.NOTHING
    assert votes(installation) == [VoteDirection.MORE]
    assert installation.take(wish(subject.replace("more", "LESS"))).effect is BounceEffect.VOTED
    assert votes(installation) == [VoteDirection.LESS]


def test_a_forged_token_or_one_for_another_purpose_votes_for_nobody(
    installation: BounceInstallation,
) -> None:
    for token in ("forged", sign_token("unsubscribe", 1, KEYS), sign_token("taste", 1, KEYS)):
        assert read_vote(f"vote {token} 1 more", KEYS) is None
        assert installation.take(wish(f"vote {token} 1 more")).effect is BounceEffect.QUARANTINED
    assert votes(installation) == []


def test_a_vote_on_nothing_or_of_nobody_changes_nothing(installation: BounceInstallation) -> None:
    unknown = f"vote {sign_token('vote', 1, KEYS)} 99 more"
    assert installation.take(wish(unknown)).effect is BounceEffect.NOTHING
    nobody = f"vote {sign_token('vote', 7, KEYS)} 1 more"
    assert installation.take(wish(nobody)).effect is BounceEffect.NOTHING


@pytest.mark.parametrize(
    "subject", ["vote", "vote {} more", "vote {} 1 maybe", "Re: vote {} 1 more"]
)
def test_another_subject_is_no_vote(subject: str) -> None:
    assert read_vote(subject.format(sign_token("vote", 1, KEYS)), KEYS) is None
