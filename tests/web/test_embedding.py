"""The form in pages of other sites: framed where the operator names them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web.site_fixture import RunningSite, page_links, visible_text

from digest.model import SignUpMode, SignUpRule

EMBEDDERS = ("https://www.lab.example", "https://*.dept.example", "http://127.0.0.1:8001")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path, embedders=EMBEDDERS)
    yield site
    site.close()


def test_the_bare_form_may_be_framed_by_the_named_sites_only(site: RunningSite) -> None:
    bare = site.visitor.get("/subscribe?embed")
    assert (
        "frame-ancestors 'self' https://www.lab.example https://*.dept.example "
        "http://127.0.0.1:8001" in bare.headers["content-security-policy"]
    )
    assert "x-frame-options" not in bare.headers
    assert page_links(bare.text.partition("<body")[2]) == []
    whole = site.visitor.get("/subscribe")
    assert "frame-ancestors 'none'" in whole.headers["content-security-policy"]
    assert whole.headers["x-frame-options"] == "DENY"


def test_without_a_named_site_nobody_may_frame_it(running_site: RunningSite) -> None:
    bare = running_site.visitor.get("/subscribe?embed")
    assert "frame-ancestors 'none'" in bare.headers["content-security-policy"]
    assert bare.headers["x-frame-options"] == "DENY"


def test_what_follows_a_press_in_a_frame_is_bare_and_framed_too(site: RunningSite) -> None:
    form = site.form_token("/subscribe?embed")
    site.later(seconds=5)
    headers = {"Sec-Fetch-Site": "same-origin"}
    for email, words in (("nonsense", "not a mail address"), ("a@b.example", "Check your inbox")):
        data = {"form": form, "website": "", "email": email}
        answer = site.visitor.post("/subscribe?embed", data=data, headers=headers)
        assert words.lower() in visible_text(answer).lower()
        assert "https://www.lab.example" in answer.headers["content-security-policy"]
        assert "<nav" not in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://www.lab.example", 200),
        ("https://cs.dept.example", 200),
        ("https://deep.cs.dept.example", 200),
        ("https://dept.example", 403),
        ("https://evildept.example", 403),
        ("https://.dept.example", 403),
        ("http://www.lab.example", 403),
        ("https://www.lab.example:8443", 403),
        ("https://www.lab.example.evil.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_form_of_a_named_site_is_taken_and_of_no_other(
    site: RunningSite, origin: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": origin}
    answer = site.visitor.post("/subscribe", data={"email": "a@b.example"}, headers=headers)
    assert answer.status_code == status
    site.send_service_mails()
    assert len(site.transport.mails) == (1 if status == 200 else 0)


def test_the_rule_holds_in_a_frame(tmp_path: Path) -> None:
    closed = RunningSite(tmp_path, embedders=EMBEDDERS, sign_up_rule=SignUpRule(SignUpMode.CLOSED))
    bare = closed.visitor.get("/subscribe?embed")
    assert "Sign-up is closed" in visible_text(bare)
    assert "https://www.lab.example" in bare.headers["content-security-policy"]
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://www.lab.example"}
    posted = closed.visitor.post("/subscribe", data={"email": "a@b.example"}, headers=headers)
    assert posted.status_code == 403
    assert "Sign-up is closed" in visible_text(posted)
    closed.close()


def test_no_other_page_takes_a_post_from_a_named_site(site: RunningSite) -> None:
    site.subscribe("reader@example.org")
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://www.lab.example"}
    link = site.link("preferences", "reader@example.org")
    assert site.visitor.post(link, data={"action": "erase"}, headers=headers).status_code == 403
