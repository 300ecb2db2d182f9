"""The pages behind a real port, and what they say of themselves."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from web.site_fixture import RunningSite

from digest.errors import ConfigurationError, StoreBusyError
from digest.web.serving import Server


def test_the_pages_answer_on_a_port_and_stop(place: RunningSite) -> None:
    with Server(place.app, host="127.0.0.1", port=0).running() as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/")
        assert answer.status_code == 200
        assert "server" not in answer.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/")


def test_no_token_or_address_reaches_the_log(
    place: RunningSite, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    place.subscribe("reader@example.org")
    path = place.link("unsubscribe", "reader@example.org")
    with Server(place.app, host="127.0.0.1", port=0).running() as server:
        for method in ("GET", "POST"):
            assert httpx.request(method, f"http://127.0.0.1:{server.port}{path}").is_success
    out, err = capfd.readouterr()
    written = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("http")
    )
    assert path.rpartition("/")[2] not in written + out + err
    assert "reader@" not in written + out + err


def test_a_port_that_is_taken_is_named(place: RunningSite) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="DIGEST_WEB_PORT"):
            Server(place.app, host="127.0.0.1", port=taken.getsockname()[1])


def test_alive_and_ready_are_two_questions(
    place: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.visitor.get("/readyz").text == "ready\n"
    with place.store.begin() as unit:
        unit.connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    old = place.visitor.get("/readyz")
    assert old.status_code == 503
    assert "digest migrate" in old.text

    def away() -> bool:
        raise StoreBusyError("out of reach", where="postgresql://host")

    monkeypatch.setattr(place.store, "is_current", away)
    assert place.visitor.get("/readyz").status_code == 503
    assert place.visitor.get("/healthz").text == "alive\n"


def test_pages_of_a_store_that_is_away_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = RunningSite(tmp_path)

    def away() -> None:
        raise StoreBusyError("out of reach")

    monkeypatch.setattr(place.store, "read", away)
    answer = place.visitor.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    place.close()
