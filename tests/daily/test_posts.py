"""An edition is posted once to each target, whatever the services do, and mail does not wait for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Received, one_after_the_other
from installation import PARIS, Installation

from digest.channels.exchange import ExchangeLimits
from digest.channels.targets import read_targets
from digest.daily.daily_run import DailyRun
from digest.daily.held_editions import release_editions, stop_editions
from digest.daily.posts import PostSettings, plan_posts_again
from digest.errors import InputError
from digest.mail.list_identity import ListIdentity
from digest.model import DeliveryState, PostRecord

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
SECRET = "whsec_" + base64.b64encode(b"only tests know this secret key!").decode()
PATIENT = ExchangeLimits(connect=20, silence=30, total=60)
IMPATIENT = ExchangeLimits(connect=20, silence=2, total=60)
LATE = Answer(delay=4)
"""An answer that nobody waits for who is impatient."""
LOST = Answer(close=True)
FAILED = Answer(500, "internal error")
S = DeliveryState


class PostingInstallation(Installation):
    """An installation that posts to a service on this machine, by whatever targets a test names."""

    def __init__(self, folder: Path, *, base: str | None = "https://papers.example.org") -> None:
        super().__init__(folder, MONDAY)
        self.list_identity = ListIdentity("Daily Papers", "papers@example.org", base)

    def post_to(
        self, *targets: str, repeats: bool = False, limits: ExchangeLimits = PATIENT
    ) -> PostSettings:
        settings = PostSettings(
            read_targets(targets), self.list_identity, repeats=repeats, limits=limits
        )
        self.delivery = replace(self.delivery, posts=settings)
        self.daily_run = DailyRun(
            self.store, self.editorial, self.publishing, self.delivery, [str(self.dumps)]
        )
        return settings

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    def posts(self) -> tuple[PostRecord, ...]:
        with self.store.read() as unit:
            (summary,) = unit.editions.list(1, all=True)
            tally = unit.posts.tally(summary.id)
            assert tally is not None
            assert tally.balanced
            return unit.posts.of_edition(summary.id)

    def states(self) -> dict[str, DeliveryState]:
        return {post.target: post.state for post in self.posts()}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[PostingInstallation]:
    made = PostingInstallation(tmp_path)
    made.subscribe("ada@example.org")
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def mattermost(chat: ChatServer, options: str = "") -> str:
    return f"mattermost+{chat.url}/hooks/abcdefgh#{options}"


def webhook(chat: ChatServer, options: str = "") -> str:
    return f"webhook+{chat.url}/papers#secret={SECRET}{options}"


def matrix(chat: ChatServer) -> str:
    return f"matrix+{chat.url}#token=syt_secret_token&room=!room:example.org"


def test_an_edition_is_posted_once_beside_its_mails(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.post_to(mattermost(chat))
    installation.dump("AB")
    report = installation.run_day()
    assert report.delivered.sent == 1
    assert report.delivered.summary.endswith("1 of 1 accepted; posted to mattermost")
    (post,) = chat.posted
    text = post.json["text"]
    assert "Daily Papers, Monday, 16 November 2026" in text
    assert "2 new papers" in text
    assert "https://papers.example.org/editions/2026-11-16" in text
    for _ in range(3):
        installation.run_day()
        installation.deliver()
    assert len(chat.posted) == 1
    assert installation.deliver_due() is None


def test_a_list_without_targets_reads_and_writes_nothing_of_posts(
    installation: PostingInstallation,
) -> None:
    installation.dump("AB")
    report = installation.run_day()
    assert report.delivered.summary == "1 sent now, 1 of 1 accepted"
    with installation.store.read() as unit:
        (summary,) = unit.editions.list(1, all=True)
        assert unit.posts.tally(summary.id) is None
    status = installation.status()
    assert "posts" not in status.as_dict()["editions"][0]
    assert not any("post" in line for line in status.lines())


def test_posts_stand_in_the_status_beside_the_readers_and_not_among_them(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = lambda request: Answer(404, '{"message": "no such hook"}', posts=False)
    installation.post_to(mattermost(chat), webhook(chat))
    installation.dump("AB")
    installation.run_day()
    status = installation.status()
    lines = list(status.lines())
    assert "  1 planned = 1 accepted" in lines
    assert "  posts: 2 planned = 2 rejected" in lines
    assert "    rejected  post to mattermost  (404 no such hook)" in lines
    edition = status.as_dict()["editions"][0]
    assert edition["deliveries"]["planned_at_start"] == 1
    assert edition["posts"]["deliveries"]["rejected"] == 2
    assert edition["posts"]["balanced"]
    assert edition["posts"]["targets"][1]["post"] == "webhook"


@pytest.mark.parametrize(
    ("answers", "state", "posted", "asked"),
    [
        ([FAILED, Answer()], S.ACCEPTED, 1, 2),
        ([Answer(429, headers={"Retry-After": "7"}), Answer()], S.ACCEPTED, 1, 2),
        ([Answer(503), FAILED, Answer()], S.ACCEPTED, 1, 3),
        ([LOST], S.UNKNOWN, 1, 1),
        ([LATE], S.UNKNOWN, 1, 1),
        ([Answer(502, posts=False)], S.UNKNOWN, 0, 1),
        ([Answer(delay=0.2)], S.ACCEPTED, 1, 1),
        ([Answer(400, "invalid_payload")], S.REJECTED, 0, 1),
        ([Answer(302, headers={"Location": "http://127.0.0.1/"}, posts=False)], S.REJECTED, 0, 1),
    ],
    ids=["500", "429", "503", "closed", "200 too late", "502", "slow", "400", "redirect"],
)
def test_whatever_a_service_does_a_post_stands_there_once_at_most(
    installation: PostingInstallation,
    chat: ChatServer,
    answers: Sequence[Answer],
    state: DeliveryState,
    posted: int,
    asked: int,
) -> None:
    chat.behaviour = one_after_the_other(*answers)
    installation.post_to(mattermost(chat), limits=IMPATIENT if LATE in answers else PATIENT)
    installation.dump("AB")
    installation.run_day()
    for _ in range(6):
        installation.later(hours=1)
        installation.deliver_due()
    assert installation.states() == {"mattermost": state}
    assert (len(chat.posted), len(chat.received)) == (posted, asked)


@pytest.mark.parametrize("target", [webhook, matrix])
@pytest.mark.parametrize(
    "answers",
    [[LOST, LOST, Answer()], [LATE, Answer()], [Answer(504), Answer()]],
    ids=["closed twice", "200 too late", "504"],
)
def test_where_a_repeat_is_dropped_a_post_in_doubt_is_repeated_and_stands_there_once(
    installation: PostingInstallation,
    chat: ChatServer,
    target: Callable[[ChatServer], str],
    answers: Sequence[Answer],
) -> None:
    chat.behaviour = one_after_the_other(*answers)
    installation.post_to(target(chat), limits=IMPATIENT if LATE in answers else PATIENT)
    installation.dump("AB")
    installation.run_day()
    for _ in range(6):
        installation.later(hours=1)
        installation.deliver_due()
    assert list(installation.states().values()) == [S.ACCEPTED]
    assert len(chat.posted) == 1
    assert len(chat.received) == len(answers)
    assert len({request.body for request in chat.received}) == 1


def test_a_refusal_after_a_doubt_leaves_it_in_doubt(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = one_after_the_other(LOST, Answer(403, posts=False))
    installation.post_to(webhook(chat))
    installation.dump("AB")
    installation.run_day()
    installation.later(hours=1)
    installation.deliver_due()
    assert installation.states() == {"webhook": S.UNKNOWN}


def test_a_doubt_is_not_tried_away_for_longer_than_services_remember(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = lambda request: LOST
    installation.post_to(webhook(chat))
    installation.dump("AB")
    installation.run_day()
    for _ in range(30):
        installation.later(hours=1)
        installation.deliver_due()
    assert installation.states() == {"webhook": S.UNKNOWN}
    assert len(chat.received) < 10


def test_the_policy_for_doubts_posts_once_more_and_no_third_time(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = lambda request: LOST
    installation.post_to(mattermost(chat), repeats=True)
    installation.dump("AB")
    installation.run_day()
    for _ in range(6):
        installation.later(hours=1)
        installation.deliver_due()
    assert len(chat.received) == 2
    assert installation.states() == {"mattermost": S.UNKNOWN}


def test_the_service_says_how_long_to_wait(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    busy = Answer(429, '{"ok": false, "parameters": {"retry_after": 3000}}')
    chat.behaviour = one_after_the_other(busy, Answer(200, '{"ok": true}'))
    installation.post_to(f"telegram+{chat.url}#token=123:abc&chat=@papers")
    installation.dump("AB")
    installation.run_day()
    installation.later(minutes=49)
    assert installation.deliver_due() is None
    installation.later(minutes=2)
    installation.deliver_due()
    assert installation.states() == {"telegram": S.ACCEPTED}
    assert chat.received[-1].path == "/bot123:abc/sendMessage"


def test_nobody_there_costs_no_mail_and_is_tried_again(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    port = chat.port
    with ChatServer() as gone:
        target = mattermost(gone)
    installation.post_to(target, f"slack+{chat.url}/services/T0/B0/XXXXXXXX")
    installation.dump("AB")
    report = installation.run_day()
    assert report.delivered.sent == 1
    assert installation.states() == {"mattermost": S.DEFERRED, "slack": S.ACCEPTED}
    assert chat.port == port


def test_a_webhook_is_signed_so_that_its_receiver_can_verify_it(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.post_to(webhook(chat))
    installation.dump("AB")
    installation.run_day()
    (call,) = chat.posted
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, signed + call.body, hashlib.sha256).digest()
    assert call.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert int(call.headers["webhook-timestamp"]) == int(MONDAY.timestamp())
    event = call.json
    assert event["type"] == "edition.published"
    assert event["data"]["date"] == "2026-11-16"
    assert [paper["novelty"] for paper in event["data"]["papers"]] == ["new", "new"]
    assert event["data"]["papers"][0]["url"].startswith("https://papers.example.org/papers/")


def test_a_target_of_some_topics_gets_only_these(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.dump("ABCDEF")
    installation.ingest()
    installation.publish_editions()
    (published,) = installation.editions()
    topic = published.edition.sections[0].topic.id
    installation.post_to(
        mattermost(chat, f"only={topic}"), webhook(chat, "&only=no-such-topic&name=empty")
    )
    installation.deliver()
    assert installation.states() == {"mattermost": S.ACCEPTED, "empty": S.EXCLUDED}
    (post,) = chat.posted
    titles = {entry.paper_id: entry.title for entry in published.edition.entries}
    wanted = set(published.edition.sections[0].papers)
    shown = {id for id, title in titles.items() if title.split(":")[0] in post.json["text"]}
    assert shown
    assert all(topic in published.edition.entry(id).topics for id in shown), (shown, wanted)


def test_a_target_that_is_added_later_gets_the_editions_that_follow(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.dump("AB")
    installation.run_day()
    installation.post_to(mattermost(chat))
    installation.run_day()
    assert chat.posted == []
    installation.later(days=1)
    installation.dump("CD")
    installation.run_day()
    assert len(chat.posted) == 1
    assert "17 November" in chat.posted[0].json["text"]


def test_weekly_targets_get_the_weekly_edition_alone(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.post_to(mattermost(chat, "frequency=weekly"))
    for papers in ("AB", "CD", "", "", "", "", "", "EF"):
        if papers:
            installation.dump(papers)
        installation.run_day()
        installation.later(days=1)
    assert ["Week 47 of 2026" in post.json["text"] for post in chat.posted].count(True) == 1
    assert all("Week" in post.json["text"] for post in chat.posted)


def test_a_refused_post_is_sent_again_when_a_person_says_so(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = one_after_the_other(Answer(403, "invalid token"), Answer())
    settings = installation.post_to(mattermost(chat))
    installation.dump("AB")
    installation.run_day()
    assert installation.states() == {"mattermost": S.REJECTED}
    now = installation.clock()
    with pytest.raises(InputError, match="There are mattermost"):
        plan_posts_again(installation.store, settings, "slack", None, now)
    plan_posts_again(installation.store, settings, "mattermost", None, now)
    installation.deliver()
    assert installation.states() == {"mattermost": S.ACCEPTED}
    with pytest.raises(InputError, match="no post to mattermost was refused"):
        plan_posts_again(installation.store, settings, "mattermost", None, now)
    assert len(chat.posted) == 1


def test_what_waits_to_be_posted_can_be_stopped_and_released_when_the_mails_are_out(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    chat.behaviour = one_after_the_other(Answer(503), Answer())
    installation.post_to(mattermost(chat))
    installation.dump("AB")
    assert installation.run_day().delivered.sent == 1
    (line,) = stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert line.startswith("the daily edition of 2026-11-16 is stopped")
    installation.later(hours=2)
    installation.deliver_due()
    assert chat.posted == []
    release_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.deliver_due()
    assert installation.states() == {"mattermost": S.ACCEPTED}


def test_nothing_is_posted_while_sending_is_paused(
    installation: PostingInstallation, chat: ChatServer
) -> None:
    installation.post_to(mattermost(chat))
    installation.dump("AB")
    with installation.store.begin() as unit:
        unit.runs.pause("a test", installation.clock())
    installation.run_day()
    assert chat.received == []
    with installation.store.begin() as unit:
        unit.runs.resume()
    installation.deliver_due()
    assert len(chat.posted) == 1


def test_an_edition_of_a_list_without_subscribers_is_posted_too(
    tmp_path: Path, chat: ChatServer
) -> None:
    installation = PostingInstallation(tmp_path)
    installation.post_to(mattermost(chat))
    installation.dump("AB")
    installation.run_day()
    installation.run_day()
    assert len(chat.posted) == 1
    installation.store.close()


def test_a_defect_in_a_post_costs_nobody_their_mail(
    installation: PostingInstallation, chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("digest.daily.posts.post_content", broken)
    installation.post_to(mattermost(chat))
    installation.dump("AB")
    assert installation.run_day().delivered.sent == 1
    (post,) = installation.posts()
    assert post.state is S.DEFERRED
    assert post.words.startswith("could not be made: RuntimeError")


def test_no_secret_is_logged_or_kept_even_if_the_service_quotes_it(
    installation: PostingInstallation, chat: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    def quote(request: Received) -> Answer:
        seen = f"{request.path} {request.headers.get('authorization', '')}"
        return Answer(403, f"not allowed: {seen}")

    chat.behaviour = quote
    caplog.set_level(logging.DEBUG)
    zulip = f"zulip+{chat.url}#bot=bot@example.org&key=zulip-key-0&channel=papers"
    installation.post_to(mattermost(chat), matrix(chat), webhook(chat, "&name=hook"), zulip)
    installation.dump("AB")
    report = installation.run_day()
    kept = " ".join(post.words for post in installation.posts())
    said = "\n".join((caplog.text, report.delivered.summary, kept, repr(installation.delivery)))
    login = base64.b64encode(b"bot@example.org:zulip-key-0").decode()
    signed = SECRET.removeprefix("whsec_")
    for secret in ("abcdefgh", "syt_secret_token", SECRET, signed, "zulip-key-0", login):
        assert secret not in said
    assert "(secret)" in kept
