"""Targets are read from the settings; a mistake is told by its place, with what was meant, never the secret."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels.targets import Service, read_targets
from digest.errors import ConfigurationError
from digest.model import Frequency

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
GOOD = (
    ("https://hooks.slack.com/services/T0/B0/XXXXXXXX", Service.SLACK),
    ("https://discord.com/api/webhooks/1/XXXXXXXX", Service.DISCORD),
    ("mattermost+https://chat.example.org/hooks/XXXXXXXX", Service.MATTERMOST),
    ("zulip+https://lab.zulipchat.com#bot=b@lab.zulipchat.com&key=K&channel=p", Service.ZULIP),
    ("telegram+https://api.telegram.org#token=1:A&chat=-100", Service.TELEGRAM),
    ("matrix+https://matrix.example.org#token=T&room=!a:example.org", Service.MATRIX),
    (f"webhook+https://receiver.example.org/p?x=1#secret={SECRET}", Service.WEBHOOK),
)


def refused(*items: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_targets(items)
    return str(caught.value)


@pytest.mark.parametrize(("item", "service"), GOOD)
def test_each_service_has_a_form_of_its_own(item: str, service: Service) -> None:
    (target,) = read_targets([item])
    assert (target.service, target.name) == (service, str(service))
    assert "#" not in target.url
    assert "+" not in target.url.partition("://")[0]


def test_options_name_it_choose_topics_and_say_how_often() -> None:
    item = f"{GOOD[2][0]}#name=lab.chat&only=vision+robotics&frequency=weekly"
    (target,) = read_targets([item])
    assert (target.name, target.only) == ("lab.chat", ("vision", "robotics"))
    assert target.frequency is Frequency.WEEKLY
    assert target.shown == "lab.chat: mattermost at chat.example.org"


def test_a_value_may_have_any_sign() -> None:
    (target,) = read_targets(
        ["zulip+https://z.example.org#bot=b%26c&key=a%23b%25&channel=new papers&topic=a=b"]
    )
    assert target.options["bot"] == "b&c"
    assert target.options["key"] == "a#b%"
    assert (target.options["channel"], target.options["topic"]) == ("new papers", "a=b")


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("hooks.slack.com/services/T0/B0/SECRETTT", "is no https:// address"),
        ("slack://SECRETTT/B/C", "Did you mean https://hooks.slack.com/services/"),
        ("mattermots+https://chat.example.org/hooks/SECRETTT", "did you mean mattermost?"),
        ("https://chat.example.org/hooks/SECRETTT", "Did you mean mattermost+https://"),
        ("https://api.telegram.org/botSECRETTT/sendMessage", "Did you mean telegram+https://"),
        ("https://lab.zulipchat.com/api/SECRETTT", "Did you mean zulip+https://"),
        ("https://receiver.example.org/SECRETTT", "Did you mean webhook+https://"),
        ("https://hooks.slack.com/#name=SECRETTT", "it is cut short"),
        ("https://hooks.slack.com/services/SECRETTT#nmae=lab", "did you mean name?"),
        ("https://hooks.slack.com/services/SECRETTT#SECRETTT", "what stands after #"),
        ("https://hooks.slack.com/services/SECRETTT#name=a&name=b", "name= is given twice"),
        ("https://hooks.slack.com/services/SECRETTT#name=a b", "name= takes letters"),
        ("https://hooks.slack.com/services/SECRETTT#frequency=dayly", "did you mean daily?"),
        ("https://user:SECRETTT@hooks.slack.com/services/X", "before its host"),
        ("http://hooks.slack.com/services/SECRETTT", "in the clear"),
        ("mattermost+http://chat.lan/hooks/SECRETTT", "add cleartext=yes"),
        ("mattermost+http://chat.lan/hooks/SECRETTT#cleartext=sure", "takes yes or no"),
        ("zulip+https://z.example.org#key=SECRETTT", "needs bot= and channel="),
        ("telegram+https://api.telegram.org#token=SECRETTT&chat=@p", "no bot token"),
        ("matrix+https://m.example.org#token=SECRETTT&room=#a:m.org", "begins with !"),
        ("webhook+https://r.example.org/p#secret=SECRETTT", "has 6 octets, not 24 to 64"),
        ("webhook+https://r.example.org/p#secret=SECRETTT!", "is not base64"),
        ("webhook+https://r.example.org/p", "webhook needs secret= after the #"),
        ("mattermost+https:///hooks/SECRETTT", "is no web address"),
        ("mattermost+https://[::1/hooks/SECRETTT", "is no web address"),
    ],
)
def test_a_mistake_is_told_in_one_line_without_the_secret(item: str, says: str) -> None:
    line = refused(GOOD[0][0], item)
    assert says in line
    assert line.startswith("DIGEST_POST_TO, item 2 of 2: ")
    assert "SECRETTT" not in line
    assert "\n" not in line


@pytest.mark.parametrize("host", ["127.0.0.1:8065", "localhost:8065", "[::1]:8065"])
def test_clear_text_is_allowed_to_this_machine_and_where_it_is_said(host: str) -> None:
    read_targets([f"mattermost+http://{host}/hooks/XXXXXXXX"])
    read_targets(["mattermost+http://chat.lan/hooks/XXXXXXXX#cleartext=yes"])


def test_two_of_one_service_need_names() -> None:
    line = refused(GOOD[0][0], GOOD[0][0])
    assert "the name slack is another target's already" in line
    assert "#name=slack-2" in line


@pytest.mark.parametrize(("item", "_"), GOOD)
def test_no_text_of_a_target_has_its_secrets(item: str, _: Service) -> None:
    (target,) = read_targets([item])
    assert target.service in repr(target)
    for secret in (*target.secrets, "token=", "XXXXXXXX"):
        assert secret not in repr(target)
        assert secret not in target.shown


@given(st.text(max_size=80), st.sampled_from([*Service, ""]))
def test_whatever_is_written_is_read_or_refused_in_words(text: str, service: str) -> None:
    for item in (text, f"{service}+https://{text}", f"{service}+https://h.example.org/x#{text}"):
        line = said(item)
        assert not line or line.startswith("DIGEST_POST_TO, item 1 of 1: ")


def said(item: str) -> str:
    """What is said of an item; ``""`` if it can be used."""
    try:
        read_targets([item])
    except ConfigurationError as error:
        return str(error)
    return ""
