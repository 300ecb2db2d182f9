"""Whatever is sent, the answer is an answer: never a defect, never someone else's data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from installation import KEYS
from web.site_fixture import RunningSite

from digest.mail.tokens import read_token
from digest.model import SubscriberState
from digest.subscriptions import SignUpLimits

MANY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PATHS = (
    "/", "/editions", "/editions/{}", "/papers/{}", "/topics/{}", "/topics/{}/feed.xml", "/search?q={}",
    "/search?q=x&page={}", "/editions?before={}", "/editions/2026-11-20?topic={}", "/confirm/{}",
    "/preferences/{}", "/unsubscribe/{}", "/{}", "/topics/language?before={}", "/style-{}.css",
)  # fmt: skip
printable = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """Pages with an edition and a reader, shared by every example."""
    # No limit stands before what is tried.
    rates = SignUpLimits(per_network=100_000, in_all=1_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("digest.web.visitors.ATTEMPTS", 1_000_000)
        running_site = RunningSite(Path(tmp_path_factory.mktemp("hostile")), sign_up_limits=rates)
        running_site.subscribe("reader@example.org")
        running_site.publish("ABI")
        yield running_site
        running_site.close()


def unharmed(running_site: RunningSite) -> None:
    assert running_site.state("reader@example.org") is SubscriberState.ACTIVE


@MANY
@given(path=st.sampled_from(PATHS), what=printable)
def test_no_address_is_too_odd(standing: RunningSite, path: str, what: str) -> None:
    answer = standing.visitor.get(path.format(quote(what, safe="")))
    assert answer.status_code in (200, 404, 405, 422)
    assert answer.headers["content-security-policy"]


@MANY
@given(
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    path=st.sampled_from(["/", "/subscribe", "/api/subscribe", "/search?q=x", "/unsubscribe/x"]),
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Cookie", "If-None-Match", "Content-Type", "X-Forwarded-For", "Origin", "Accept",
                "Sec-Fetch-Site", "Accept-Encoding", "Range", "Host", "Referer", "Forwarded",
            ]
        ),
        header_values,
        max_size=5,
    ),
    body=st.binary(max_size=300),
)  # fmt: skip
def test_no_header_or_cookie_is_too_odd(
    standing: RunningSite, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    answer = standing.visitor.request(
        method, path, headers=headers, content=body if method == "POST" else None
    )
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers


@MANY
@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "email", "form", "website", "topics", "exclude", "keywords", "unwanted", "hour",
                "frequency", "timezone", "max_papers", "format", "paused_until", "action", "sure",
            ]
        )
        | printable,
        printable,
        max_size=8,
    ),
    door=st.sampled_from(["subscribe", "preferences"]),
)  # fmt: skip
def test_no_form_is_too_odd(standing: RunningSite, fields: dict[str, str], door: str) -> None:
    path = (
        "/subscribe" if door == "subscribe" else standing.link("preferences", "reader@example.org")
    )
    if door == "subscribe":
        fields = {**fields, "form": standing.form_token()}
        standing.later(seconds=3)
    elif fields.get("action") == "erase":
        fields.pop("sure", None)
    answer = standing.visitor.post(path, data=fields)
    assert answer.status_code in (200, 422, 429)
    unharmed(standing)


@MANY
@given(body=st.binary(max_size=400), boundary=st.sampled_from(["x", "", '"', "é", "x" * 200]))
def test_no_multipart_body_is_too_odd(standing: RunningSite, body: bytes, boundary: str) -> None:
    kind = f"multipart/form-data; boundary={boundary}".encode()
    part = b"--x\r\nContent-Disposition: form-data; name=" + body + b"\r\n\r\nv\r\n--x--\r\n"
    for content in (body, part):
        answer = standing.visitor.post(
            "/subscribe", content=content, headers={b"Content-Type": kind}
        )
        assert answer.status_code in (200, 400, 422, 429)


@MANY
@given(cut=st.integers(0, 60), with_=st.text(max_size=5))
def test_no_altered_token_opens_anything(standing: RunningSite, cut: int, with_: str) -> None:
    number = standing.number("reader@example.org")
    token = standing.link("confirm", "reader@example.org").rpartition("/")[2]
    altered = token[:cut] + with_ + token[cut + 1 :]
    # The last letter of a signature has two bits to spare: it may say the same in another way.
    assert read_token("confirm", altered, KEYS) in (None, number)
    answer = standing.visitor.post(f"/confirm/{quote(altered, safe='')}")
    assert answer.status_code in (200, 404, 405)
    unharmed(standing)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def schema(running_site: RunningSite) -> dict[str, Any]:
    found: dict[str, Any] = running_site.visitor.get("/api/openapi.json").json()
    return found


@MANY
@given(body=JSON | st.dictionaries(
    st.sampled_from(["email", "topics", "exclude", "keywords", "hour", "timezone", "format", "max_papers", "frequency"]),
    JSON | st.sampled_from(["reader@example.org", "new@example.org", 7, [], ["language"]]),
))  # fmt: skip
def test_the_json_door_keeps_to_its_description(standing: RunningSite, body: Any) -> None:
    described = schema(standing)["paths"]["/api/subscribe"]["post"]["responses"]
    answer = standing.visitor.post(
        "/api/subscribe",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert str(answer.status_code) in described
    assert answer.status_code != 503
    said = answer.json()
    assert said["status"] == ("accepted" if answer.status_code == 202 else "error")
    assert set(said) <= {"status", "message", "member"}
    unharmed(standing)


@MANY
@given(body=st.binary(max_size=200))
def test_the_json_door_takes_any_bytes(standing: RunningSite, body: bytes) -> None:
    answer = standing.visitor.post(
        "/api/subscribe", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (202, 400, 422, 429)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        '{"email": "new@example.org", "\\ud800": 1}',
        '{"email": "\\udfff@example.org"}',
        '{"email": "new@example.org", "keywords": ["\\ud800"]}',
        '{"email": "new@example.org", "email": "other@example.org"}',
        '{"email": "new@example.org", "hour": NaN}',
        '{"email": "new@example.org", "hour": -Infinity}',
        '{"email": "new@example.org", "hour": ' + "9" * 4_400 + "}",
        '{"email": "new@example.org", "topics": ' + "[" * 9_000 + "]" * 9_000 + "}",
    ],
    ids=["odd member", "odd address", "odd word", "twice", "NaN", "Infinity", "digits", "deep"],
)
def test_json_that_could_mean_two_things_or_none_is_refused(
    standing: RunningSite, body: str
) -> None:
    answer = standing.visitor.post(
        "/api/subscribe", content=body.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert standing.state("new@example.org") is None


@pytest.mark.parametrize("path", ["/nowhere", "/search", "/editions", "/api/nowhere"])
def test_a_query_that_is_no_text_is_answered(standing: RunningSite, path: str) -> None:
    statuses = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"q=\xc5\xff&topic=\xff",
        "headers": [], "client": ("203.0.113.9", 1),
    }  # fmt: skip
    standing.visitor.run(standing.app(scope, receive, send))  # type: ignore[arg-type]
    assert statuses[0] in (200, 404)


def test_deep_and_long_bodies_are_refused(standing: RunningSite) -> None:
    for content, status in ((b"[" * 20_000, 400), (b'"' + b"x" * 40_000 + b'"', 413)):
        answer = standing.visitor.post(
            "/api/subscribe", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status
        assert answer.json()["status"] == "error"
    for path in ("/subscribe", standing.link("unsubscribe", "reader@example.org")):
        answer = standing.visitor.post(path, data={"keywords": "x" * 40_000})
        assert answer.status_code == 413
    unharmed(standing)


def test_a_body_that_lies_about_its_length_is_still_measured(standing: RunningSite) -> None:
    async def parts() -> Any:
        for _ in range(50):
            yield b"x" * 1000

    answer = standing.visitor.post(
        "/subscribe",
        content=parts(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_a_form_with_too_many_fields_is_refused(standing: RunningSite) -> None:
    forms: tuple[dict[str, Any], ...] = (
        {"data": {f"f{n}": "x" for n in range(400)}},
        {"files": {str(n): (None, "") for n in range(302)}},
    )
    for form in forms:
        assert standing.visitor.post("/subscribe", **form).status_code == 400


def test_files_in_a_form_are_left_aside(standing: RunningSite) -> None:
    answer = standing.visitor.post("/subscribe", files={"email": ("a.txt", b"x")})
    assert answer.status_code == 200
