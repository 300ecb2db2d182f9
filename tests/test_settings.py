"""What an operator sets is understood, or named with what was expected."""

from __future__ import annotations

import secrets
from datetime import time
from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.settings import Settings, SmtpSecurity, load_settings, misspelt
from digest.settings.signing_keys import weakness


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("DIGEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set_for_a_preview() -> None:
    settings = load_settings()
    assert settings.send_at == time(8, 0)
    assert settings.sources == ()
    assert settings.database_url.startswith("sqlite:///")


def test_values_come_from_a_dotenv_file_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DIGEST_LIST_NAME=From the file\nDIGEST_SEND_AT=6:30\n")
    monkeypatch.setenv("DIGEST_LIST_NAME", "From the environment")
    settings = load_settings()
    assert settings.list_name == "From the environment"
    assert settings.send_at == time(6, 30)


@pytest.mark.parametrize(
    ("text", "locations"),
    [
        ("/a, /b", ("/a", "/b")),
        ("/with, comma\n/b\n", ("/with, comma", "/b")),
        ("https://example.org/x", ("https://example.org/x",)),
        ("", ()),
    ],
)
def test_sources_are_separated_by_commas_or_newlines(
    monkeypatch: pytest.MonkeyPatch, text: str, locations: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DIGEST_SOURCES", text)
    assert load_settings().sources == locations


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DIGEST_SMTP_PORT", "abc", "no whole number"),
        ("DIGEST_SMTP_PORT", "70000", "less than or equal to 65535"),
        ("DIGEST_SMTP_SECURITY", "ssl", "'starttls', 'tls' or 'none'"),
        ("DIGEST_TIMEZONE", "Mars/Olympus", "time zone"),
        ("DIGEST_TIMEZONE", "posix/Europe/Paris", "time zone"),
        ("DIGEST_TIMEZONE", "Factory", "time zone"),
        ("DIGEST_TIMEZONE", "localtime", "time zone"),
        ("DIGEST_SENDER", "nobody", "not a mail address"),
        ("DIGEST_SENDER", "A <a@example.org>\nBcc: b@example.org", "not a mail address"),
        ("DIGEST_SEND_AT", "25:00", "time"),
        ("DIGEST_BASE_URL", "papers.example.org", "https://"),
        ("DIGEST_SECRET_KEY", "short", "at least 16"),
        ("DIGEST_LIST_ID", "no dots", "pattern"),
        ("DIGEST_WEEKLY_ON", "someday", "'monday'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected_and_an_example(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    line = str(caught.value)
    assert name in line
    assert expected in line
    assert f"for example {name}=" in line
    assert "\n" not in line


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP_PORT", "x")
    monkeypatch.setenv("DIGEST_TIMEZONE", "x")
    with pytest.raises(ConfigurationError, match=r"DIGEST_SMTP_PORT.*DIGEST_TIMEZONE"):
        load_settings()


def test_a_wrong_secret_is_not_repeated_in_the_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", "hunter2")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_a_dotenv_file_in_another_encoding_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DIGEST_LIST_NAME=Päper".encode("utf-16"))
    with pytest.raises(ConfigurationError, match=r"^\.env: "):
        load_settings()


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_relays_port_follows_its_security(
    monkeypatch: pytest.MonkeyPatch, security: str, port: int
) -> None:
    monkeypatch.setenv("DIGEST_SMTP_SECURITY", security)
    settings = load_settings()
    assert settings.smtp_security is SmtpSecurity(security)
    assert settings.relay_port == port


def test_a_bare_hour_is_a_time() -> None:
    assert Settings(send_at="7").send_at == time(7)


def test_a_misspelt_name_is_told_with_the_likely_one() -> None:
    assert misspelt({"DIGEST_SMTP_HOTS": "x", "DIGEST_SENDER": "y", "HOME": "z"}) == (
        "DIGEST_SMTP_HOTS is set, but nothing reads it; did you mean DIGEST_SMTP_HOST?",
    )


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("DIGEST_SMTP_HOTS", "DIGEST_SMTP_HOST"),
        ("DIGEST_SMPT_HOST", "DIGEST_SMTP_HOST"),
        ("DIGEST_SMTP_USER", "DIGEST_SMTP_USERNAME"),
        ("DIGEST_DATABASE", "DIGEST_DATABASE_URL"),
        ("DIGEST_SENDAT", "DIGEST_SEND_AT"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_misspelt_name_is_refused_with_the_likely_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slip: str, meant: str, in_file: bool
) -> None:
    if in_file:
        write_env(tmp_path, f"{slip}=x\n")
    else:
        monkeypatch.setenv(slip, "x")
    with pytest.raises(ConfigurationError, match=rf"^{slip} is set.*did you mean {meant}\?$"):
        load_settings()


def test_an_unknown_name_in_the_file_is_refused_though_it_is_like_no_other(tmp_path: Path) -> None:
    write_env(tmp_path, "DIGEST_FLAVOUR=vanilla\n")
    with pytest.raises(ConfigurationError, match=r"^DIGEST_FLAVOUR is set, but nothing reads it$"):
        load_settings()


@pytest.mark.parametrize(
    "name",
    ["DIGEST_SERVICE_HOST", "DIGEST_SERVICE_PORT", "DIGEST_SERVICE_PORT_HTTP", "DIGEST_PORT",
     "DIGEST_PORT_8000_TCP_ADDR", "DIGEST_FLAVOUR", "POSTGRES_PASSWORD"],
)  # fmt: skip
def test_variables_of_kubernetes_and_of_other_programs_are_let_be(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    load_settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("DIGEST_SEND_AT=08:00\nhello world\n", "line 2 is no setting"),
        ("# a comment\n\nDIGEST_SENDER\n", "line 3 names DIGEST_SENDER and gives it no value"),
        ("OTHER\n= hunter2\n", "line 2 is no setting"),
    ],
)
def test_a_line_of_the_file_that_is_no_setting_is_named_by_its_number_only(
    tmp_path: Path, text: str, complaint: str
) -> None:
    write_env(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(f".env: {complaint}. Write each setting as NAME=VALUE")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DIGEST_SMTP_HOST", "relay.example.org:2525", "set DIGEST_SMTP_PORT=2525"),
        ("DIGEST_SMTP_HOST", "[::1]:2525", "set DIGEST_SMTP_PORT=2525"),
        ("DIGEST_BOUNCE_IMAP_HOST", "imap.example.org:993", "set DIGEST_BOUNCE_IMAP_PORT=993"),
        ("DIGEST_WEB_HOST", "0.0.0.0:80", "set DIGEST_WEB_PORT=80"),
        ("DIGEST_SMTP_HOST", "smtp://relay.example.org", "is not a host name alone"),
        ("DIGEST_SMTP_HOST", "relay example org", "is not a host name"),
    ],
)
def test_a_host_with_more_than_a_name_is_told_where_the_rest_belongs(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=rf"^{name}: .*{complaint}"):
        load_settings()


@pytest.mark.parametrize("host", ["relay", "relay.example.org", "192.0.2.1", "2001:db8::1"])
def test_a_host_is_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DIGEST_SMTP_HOST", host)
    assert load_settings().smtp_host == host


def write_env(folder: Path, text: str) -> None:
    file = folder / ".env"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def test_every_setting_has_a_description_and_an_example() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.examples, name


@pytest.mark.parametrize("weekday", ["monday", "sunday"])
def test_the_weekly_day_counts_from_monday(monkeypatch: pytest.MonkeyPatch, weekday: str) -> None:
    monkeypatch.setenv("DIGEST_WEEKLY_ON", weekday)
    assert load_settings().weekly_weekday == {"monday": 0, "sunday": 6}[weekday]


@pytest.mark.parametrize("name", ["DIGEST_SECRET_KEY", "DIGEST_SECRET_KEYS"])
@pytest.mark.parametrize(
    "key",
    [
        "a",
        "short-key",
        "a long random text, from: openssl rand -hex 32",
        "$(openssl rand -hex 32)",
        "the-previous-secret-key",
        "aaaaaaaaaaaaaaaa",
        "abababababababababab",
        "abcdefghijklmnop",
        "1234567890123456",
        "passwordpasswordpassword",
        "                a                ",
    ],
)
def test_a_key_that_anybody_could_guess_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    monkeypatch.setenv(name, key)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert key.strip() not in str(caught.value).partition("for example")[0].removeprefix(name) or (
        len(key.strip()) < 3
    )


def test_one_weak_key_among_older_ones_is_named_by_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEYS", f"{secrets.token_hex(16)}, tiny")
    with pytest.raises(ConfigurationError, match="key 2 of 2"):
        load_settings()


def test_random_keys_of_every_usual_form_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(300):
        for key in (secrets.token_hex(16), secrets.token_hex(32), secrets.token_urlsafe(32)):
            monkeypatch.setenv("DIGEST_SECRET_KEY", key)
            monkeypatch.setenv("DIGEST_SECRET_KEYS", key)
            assert weakness(key) == ""
    assert load_settings().secret_key is not None
    assert weakness("correct horse battery staple") == ""


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("5b1f0c7e94d2a86b", "token 1 of 1 should have at least 32 characters"),
        ("5b1f0c7e94d2a86b3f70c1d2e8a94b6f, tiny", "token 2 of 2 should have at least"),
        ("a" * 40, "too easy to guess"),
        ("5b1f0c7e 94d2a86b3f70c1d2e8a94b6f!", "has characters other than letters"),
        ("what this prints: openssl rand -hex 32", "a sample's value"),
    ],
)
def test_a_token_that_is_weak_or_cannot_be_sent_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str, fault: str
) -> None:
    monkeypatch.setenv("DIGEST_API_TOKEN", value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    said = str(caught.value).partition("; for example")[0]
    assert fault in said
    assert "5b1f" not in said


def test_several_tokens_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [secrets.token_hex(32), secrets.token_urlsafe(32)]
    monkeypatch.setenv("DIGEST_API_TOKEN", ", ".join(tokens))
    assert [token.get_secret_value() for token in load_settings().api_token] == tokens
    assert all(token not in repr(load_settings()) for token in tokens)
