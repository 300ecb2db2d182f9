"""The pages behind a real port, and what they say of themselves."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from web.site_fixture import RunningSite

from digest.errors import ConfigurationError, StoreBusyError
from digest.web.serving import Server


def test_the_pages_answer_on_a_port_and_stop(running_site: RunningSite) -> None:
    with Server(running_site.app, host="127.0.0.1", port=0).running() as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/")
        assert answer.status_code == 200
        assert "server" not in answer.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/")


def test_no_token_or_address_reaches_the_log(
    running_site: RunningSite, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    running_site.subscribe("reader@example.org")
    path = running_site.link("unsubscribe", "reader@example.org")
    with Server(running_site.app, host="127.0.0.1", port=0).running() as server:
        for method in ("GET", "POST"):
            assert httpx.request(method, f"http://127.0.0.1:{server.port}{path}").is_success
    out, err = capfd.readouterr()
    written = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("http")
    )
    assert path.rpartition("/")[2] not in written + out + err
    assert "reader@" not in written + out + err


def test_a_port_that_is_taken_is_named(running_site: RunningSite) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="DIGEST_WEB_PORT"):
            Server(running_site.app, host="127.0.0.1", port=taken.getsockname()[1])


@pytest.mark.parametrize("host", ["no-such-name.invalid", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_not_blamed_on_the_port(
    running_site: RunningSite, host: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"^DIGEST_WEB_HOST: .*Name an address of this"):
        Server(running_site.app, host=host, port=0)


def test_alive_and_ready_are_two_questions(
    running_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running_site.visitor.get("/readyz").text == "ready\n"
    with running_site.store.begin() as unit:
        unit.connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    old = running_site.visitor.get("/readyz")
    assert old.status_code == 503
    assert "digest migrate" in old.text

    def away() -> bool:
        raise StoreBusyError("out of reach", where="postgresql://host")

    monkeypatch.setattr(running_site.store, "is_current", away)
    assert running_site.visitor.get("/readyz").status_code == 503
    assert running_site.visitor.get("/healthz").text == "alive\n"


def test_a_source_that_fails_is_counted_without_a_name_and_the_pages_stay_ready(
    running_site: RunningSite,
) -> None:
    now = running_site.clock()
    with running_site.store.begin() as unit:
        health = unit.source_health
        health.note_failure("https://papers.example.org/list", "it answers 503", now)
        health.note_read("hf:daily", now.date(), now, items=1, new=1)
        health.note_failure("long-gone", "it answers 503", now - timedelta(days=3))
    ready = running_site.visitor.get("/readyz")
    assert (ready.status_code, ready.text) == (200, "ready; 1 of 2 sources cannot be read\n")
    assert running_site.visitor.get("/healthz").text == "alive\n"


def test_pages_of_a_store_that_is_away_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_site = RunningSite(tmp_path)

    def away() -> None:
        raise StoreBusyError("out of reach")

    monkeypatch.setattr(running_site.store, "read", away)
    answer = running_site.visitor.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    running_site.close()
