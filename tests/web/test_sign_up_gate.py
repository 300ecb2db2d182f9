"""Rules of who may sign up, at the form and its JSON: one clear answer each, and nothing else told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from web.site_fixture import RunningSite, page_links, visible_text

from digest import subscriptions
from digest.model import SignUpMode, SignUpRule, SubscriberState

LAB = SignUpRule(SignUpMode.DOMAINS, ("lab.example", "*.lab.example"), contact="us@list.example")
INVITE = SignUpRule(SignUpMode.INVITE, contact="us@list.example")
CLOSED = SignUpRule(SignUpMode.CLOSED, contact="us@list.example")
APPROVAL = SignUpRule(approval=True)
KNOWN, UNKNOWN = "known@lab.example", "unknown@lab.example"

MakeSite = Callable[[SignUpRule], RunningSite]


@pytest.fixture
def site_with(tmp_path: Path) -> Iterator[MakeSite]:
    made: list[RunningSite] = []

    def make(rule: SignUpRule) -> RunningSite:
        made.append(RunningSite(tmp_path, sign_up_rule=rule))
        return made[-1]

    yield make
    for site in made:
        site.close()


def token(site: RunningSite, uses: int = 1) -> str:
    until = site.clock() + timedelta(days=5)
    made = subscriptions.invite(site.store, uses=uses, expires_at=until, label="", now=site.clock())
    return made.token


def by_form(site: RunningSite, email: str, **fields: Any) -> httpx.Response:
    from digest.mail.tokens import sign_token

    form = sign_token("form", int(site.clock().timestamp() * 10), site.site.keys)
    site.later(seconds=5)
    data = {"form": form, "website": "", "email": email, **fields}
    return site.visitor.post("/subscribe", data=data)


def by_json(site: RunningSite, **members: Any) -> httpx.Response:
    return site.visitor.post("/api/subscribe", json=members)


@pytest.mark.parametrize(
    ("rule", "title", "why"),
    [
        (CLOSED, "Sign-up is closed", "This list takes no new subscribers."),
        (INVITE, "By invitation only", "This list takes subscribers by invitation only."),
    ],
)
def test_a_list_that_is_not_open_says_so_before_and_after_a_press(
    site_with: MakeSite, rule: SignUpRule, title: str, why: str
) -> None:
    site = site_with(rule)
    page = site.visitor.get("/subscribe")
    assert page.status_code == 200
    for answer in (page, by_form(site, UNKNOWN)):
        assert title in visible_text(answer)
        assert f"{why}" in visible_text(answer)
        assert "write to us@list.example" in visible_text(answer)
        assert "<form" not in answer.text
    refused = by_json(site, email=UNKNOWN)
    assert refused.status_code == 403
    assert refused.json()["message"].startswith(why)
    site.send_service_mails()
    assert not site.transport.mails


def test_an_address_of_another_domain_is_told_which_may_come(site_with: MakeSite) -> None:
    site = site_with(LAB)
    form = visible_text(site.visitor.get("/subscribe"))
    assert "For addresses at lab.example or any name below lab.example." in form
    answer = by_form(site, "reader@other.example")
    assert answer.status_code == 422
    assert "Only addresses at lab.example or any name below lab.example can subscribe." in (
        visible_text(answer)
    )
    assert 'value="reader@other.example"' in answer.text
    refused = by_json(site, email="reader@other.example")
    assert (refused.status_code, refused.json()["member"]) == (403, "email")
    assert by_form(site, "reader@cs.lab.example").status_code == 200
    assert by_json(site, email="other@lab.example").status_code == 202
    site.send_service_mails()
    assert len(site.transport.mails) == 2


@pytest.mark.parametrize("rule", [INVITE, LAB])
def test_who_has_an_invitation_comes_by_its_link(site_with: MakeSite, rule: SignUpRule) -> None:
    site = site_with(rule)
    made = token(site)
    page = site.visitor.get(f"/subscribe?invite={made}")
    assert "You are invited." in visible_text(page)
    assert f'name="invite" value="{made}"' in page.text
    assert by_form(site, "guest@other.example", invite=made, name="Ada").status_code == 200
    site.send_service_mails()
    done = site.visitor.post(site.link("confirm", "guest@other.example"))
    assert "You are subscribed" in visible_text(done)
    again = by_form(site, "second@other.example", invite=made)
    assert "Your invitation has been used as often as it may be." in visible_text(again)


def test_a_program_comes_by_invitation_too(site_with: MakeSite) -> None:
    site = site_with(INVITE)
    taken = by_json(site, email="guest@other.example", invitation=token(site), name="Ada")
    assert taken.status_code == 202
    site.send_service_mails()
    assert site.state("guest@other.example") is SubscriberState.PENDING


@pytest.mark.parametrize("broken", ["cut", "revoked", "ended"])
def test_an_invitation_that_is_no_good_says_what_is_wrong(site_with: MakeSite, broken: str) -> None:
    site = site_with(INVITE)
    made = token(site)
    if broken == "cut":
        made = made[:-3]
    elif broken == "revoked":
        subscriptions.revoke_invitation(site.store, 1, now=site.clock())
    else:
        site.later(days=6)
    words = {
        "cut": "Open the whole link in your invitation.",
        "revoked": "Your invitation was withdrawn.",
        "ended": "Your invitation ended on 2026-11-25.",
    }[broken]
    page = site.visitor.get(f"/subscribe?invite={made}")
    assert page.status_code == 403
    assert words in visible_text(page)
    assert words in visible_text(by_form(site, "a@other.example", invite=made))
    assert words in by_json(site, email="a@other.example", invitation=made).json()["message"]


def test_a_rule_tightened_meanwhile_is_said_on_the_page_of_the_mail(site_with: MakeSite) -> None:
    site = site_with(SignUpRule())
    by_form(site, "reader@other.example")
    site.send_service_mails()
    link = site.link("confirm", "reader@other.example")
    closed = site_with(CLOSED)
    answer = closed.visitor.post(link)
    assert answer.status_code == 403
    assert "This list takes no new subscribers." in visible_text(answer)
    assert closed.state("reader@other.example") is SubscriberState.PENDING


def test_who_confirms_where_the_operator_approves_waits_and_is_told_once(
    site_with: MakeSite,
) -> None:
    site = site_with(APPROVAL)
    asked = by_form(site, UNKNOWN, name="Ada Lovelace")
    assert "The operator of the list looks at each new subscriber" in visible_text(asked)
    site.send_service_mails()
    link = site.link("confirm", UNKNOWN)
    for _ in range(2):
        assert "Your address is confirmed" in visible_text(site.visitor.post(link))
    subscriptions.approve(site.store, UNKNOWN, now=site.clock())
    site.send_service_mails()
    site.send_service_mails()
    mails = site.transport.to(UNKNOWN)
    assert [mail["Subject"] for mail in mails] == [
        "Please confirm: Daily Papers",
        "You are subscribed to Daily Papers",
    ]
    assert all("Ada" not in mail.as_string() for mail in mails)


@pytest.mark.parametrize("rule", [SignUpRule(), APPROVAL, LAB, INVITE, CLOSED])
@pytest.mark.parametrize("door", ["form", "json"])
def test_no_rule_tells_whether_an_address_is_known(
    site_with: MakeSite, rule: SignUpRule, door: str
) -> None:
    site = site_with(rule)
    made = token(site, 9) if rule is INVITE else ""
    for state in SubscriberState:
        email = f"{state}@lab.example"
        site.subscribe(email)
        with site.store.begin() as unit:
            subscriber = unit.subscribers.by_email(email)
            assert subscriber is not None
            unit.subscribers.set_state(subscriber.id, state, "as the test says", site.clock())
    answers = set()
    for who in ("unknown", *SubscriberState, *SubscriberState):
        email = f"{who}@lab.example"
        answer = (
            by_form(site, email, invite=made)
            if door == "form"
            else by_json(site, email=email, invitation=made)
        )
        headers = tuple((k, v) for k, v in answer.headers.items() if k != "date")
        answers.add((answer.status_code, answer.text.replace(email, ""), headers))
    assert len(answers) == 1


def test_pages_of_a_closed_list_send_nobody_to_the_form(site_with: MakeSite) -> None:
    site = site_with(CLOSED)
    front = site.visitor.get("/")
    assert "/subscribe" not in page_links(front.text)
    assert 'action="/subscribe"' not in front.text
    bad_link = site.visitor.get("/confirm/xyz")
    assert "/subscribe" not in page_links(bad_link.text)


def test_a_name_that_is_an_advertisement_is_refused_beside_its_field(site_with: MakeSite) -> None:
    site = site_with(SignUpRule())
    answer = by_form(site, UNKNOWN, name="see www.spam.example")
    assert answer.status_code == 422
    assert "This is not a name. Leave it empty, or give your name" in visible_text(answer)
    assert by_json(site, email=UNKNOWN, name="www.spam.example").json()["member"] == "name"
