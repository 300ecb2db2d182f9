"""Lists of other programs are read as they export them, and nobody who left is mailed by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import EventKind, Topic
from digest.store import Store, open_store
from digest.subscriptions.list_files import ListedPerson, Standing, decode_list, read_list

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TOPICS = (Topic("vision", "Vision"),)

LISTMONK = """\
uuid,email,name,attributes,status,created_at,updated_at
11aa,ada@lab.example,Ada Quill,"{""city"": ""Leeds""}",enabled,2025-01-02 03:04:05,2025-01-02
22bb,bo@lab.example,Bo,{},blocklisted,2025-01-02 03:04:05,2025-01-02
33cc,cy@lab.example,Cy,{},disabled,2025-01-02 03:04:05,2025-01-02
"""
MAILCHIMP_SUBSCRIBED = """\
"Email Address","First Name","Last Name","MEMBER_RATING","OPTIN_TIME","CONFIRM_TIME","CONFIRM_IP","LATITUDE","TIMEZONE","LEID","EUID","NOTES","TAGS"
ada@lab.example,Ada,Quill,2,"2025-01-02 03:04:05","2025-01-02 03:05:05",192.0.2.1,0.0,Europe/London,1,a1,,"""  + '"""lab"",""ml"""\n'  # fmt: skip
MAILCHIMP_UNSUBSCRIBED = """\
"Email Address","First Name","Last Name","OPTIN_TIME","UNSUB_TIME","UNSUB_REASON","LEID"
bo@lab.example,Bo,Reed,"2025-01-02 03:04:05","2025-05-06 07:08:09","NORMAL",2
"""
MAILCHIMP_CLEANED = """\
"Email Address","First Name","CLEAN_TIME","CLEAN_CAMPAIGN_TITLE","LEID"
cy@lab.example,Cy,"2025-05-06 07:08:09",October,3
"""
GHOST = """\
id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
1,ada@lab.example,Ada Quill,,true,false,,2025-01-02T03:04:05.000Z,,"lab, ml",free
2,bo@lab.example,Bo,,false,false,,2025-01-02T03:04:05.000Z,,,free
3,cy@lab.example,Cy,,true,false,,2025-01-02T03:04:05.000Z,2025-02-02T03:04:05.000Z,,free
"""
SUBSTACK = """\
email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at
ada@lab.example,false,,other,false,2025-01-02T03:04:05.000Z,
bo@lab.example,true,,yearly,true,2025-01-02T03:04:05.000Z,2025-02-02
"""
BUTTONDOWN = """\
email_address,type,tags,notes,creation_date,unsubscription_date,undeliverability_date
ada@lab.example,regular,"lab, ml",,2025-01-02T03:04:05Z,,
bo@lab.example,unsubscribed,,,2025-01-02T03:04:05Z,2025-03-02T03:04:05Z,
cy@lab.example,undeliverable,,,2025-01-02T03:04:05Z,,2025-03-02T03:04:05Z
dee@lab.example,unactivated,,,2025-01-02T03:04:05Z,,
"""
MAILMAN = """\
Ada Quill <ada@lab.example>
bo@lab.example
"""
EXPECTED = {
    "listmonk": (LISTMONK, {"ada": "active", "bo": "suppressed", "cy": "unsubscribed"}),
    "Mailchimp": (MAILCHIMP_SUBSCRIBED, {"ada": "active"}),
    "Mailchimp, who left": (MAILCHIMP_UNSUBSCRIBED, {"bo": "unsubscribed"}),
    "Mailchimp, cleaned": (MAILCHIMP_CLEANED, {"cy": "suppressed"}),
    "Ghost": (GHOST, {"ada": "active", "bo": "unsubscribed", "cy": "unsubscribed"}),
    "Substack": (SUBSTACK, {"ada": "active", "bo": "unsubscribed"}),
    "Buttondown": (
        BUTTONDOWN,
        {"ada": "active", "bo": "unsubscribed", "cy": "suppressed", "dee": "pending"},
    ),
    "Mailman": (MAILMAN, {"ada": "active", "bo": "active"}),
}


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    opened.migrate()
    yield opened
    opened.close()


def import_list(store: Store, text: str, *, confirmed: bool = True) -> subscriptions.ImportReport:
    return subscriptions.import_csv(store, text, topics=TOPICS, confirmed=confirmed, now=NOW)


def states(store: Store) -> dict[str, str]:
    known = subscriptions.list_subscribers(store)
    return {person.email.partition("@")[0]: str(person.state) for person in known}


def listed(text: str) -> list[ListedPerson]:
    return [row for row in read_list(text).rows if isinstance(row, ListedPerson)]


@pytest.mark.parametrize("program", EXPECTED)
def test_each_person_keeps_the_standing_they_had(store: Store, program: str) -> None:
    text, expected = EXPECTED[program]
    report = import_list(store, text)
    assert report.bad_rows == ()
    assert states(store) == expected
    active = Counter(expected.values())
    assert report.added == active["active"] + active["pending"]
    assert sum(report.kept.values()) == active["unsubscribed"] + active["suppressed"]


@pytest.mark.parametrize("program", EXPECTED)
def test_a_second_import_changes_nothing(store: Store, program: str) -> None:
    text, _ = EXPECTED[program]
    import_list(store, text)
    before = subscriptions.export_csv(store, everybody=True).text
    again = import_list(store, text)
    assert (again.added, again.kept, again.bad_rows) == (0, {}, ())
    assert subscriptions.export_csv(store, everybody=True).text == before


@pytest.mark.parametrize("program", EXPECTED)
def test_nobody_who_left_elsewhere_is_brought_back_by_a_later_list(
    store: Store, program: str
) -> None:
    text, expected = EXPECTED[program]
    import_list(store, text)
    everybody = "\n".join(f"{name}@lab.example" for name in expected)
    import_list(store, f"email\n{everybody}\n")
    kept = {name: state for name, state in expected.items() if state != "pending"}
    assert {name: states(store)[name] for name in kept} == kept


def test_who_had_not_confirmed_there_is_not_confirmed_by_the_operators_word(store: Store) -> None:
    report = import_list(store, BUTTONDOWN)
    assert report.unconfirmed == 1
    assert states(store)["dee"] == "pending"


def test_who_is_active_here_stays_though_an_older_list_says_they_left(store: Store) -> None:
    import_list(store, "email\nbo@lab.example\n")
    report = import_list(store, MAILCHIMP_UNSUBSCRIBED)
    assert (report.known, report.kept) == (1, {})
    assert states(store) == {"bo": "active"}


def test_names_and_tags_are_kept_with_the_person(store: Store) -> None:
    import_list(store, GHOST)
    with store.read() as unit:
        ada = unit.subscribers.by_email("ada@lab.example")
        assert ada is not None
        (imported,) = [
            event for event in unit.subscribers.history(ada.id) if event.kind == EventKind.IMPORTED
        ]
    assert imported.detail == {"standing": "subscribed", "name": "Ada Quill", "tags": "lab, ml"}


def test_a_move_by_csv_forgets_nobody_who_left(store: Store) -> None:
    import_list(store, BUTTONDOWN)
    everybody = subscriptions.export_csv(store, everybody=True).text
    other = open_store("sqlite://")
    other.migrate()
    import_list(other, everybody)
    assert states(other) == states(store)
    assert '"lab, ml"' in subscriptions.export_csv(other, everybody=True).text
    other.close()


@pytest.mark.parametrize(
    "text",
    [
        "email;topics\nada@lab.example;vision\n",
        "Email\tTopics\r\nada@lab.example\tvision\r\n",
        "\n\ntopics,E-Mail Address\nvision,ada@lab.example\n",
    ],
)
def test_columns_may_be_separated_and_ordered_as_a_spreadsheet_likes(text: str) -> None:
    (person,) = listed(text)
    assert person.address == "ada@lab.example"
    assert person.preference_cells["topics"] == "vision"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_may_be_in_any_encoding_that_spreadsheets_write(encoding: str) -> None:
    raw = "email,name\nada@lab.example,Ädä Quïll\n".encode(encoding)
    (person,) = listed(decode_list(raw))
    assert (person.address, person.name) == ("ada@lab.example", "Ädä Quïll")


def test_a_list_in_an_old_western_encoding_is_read_too() -> None:
    (person,) = listed(decode_list("email,name\nada@lab.example,Adä\n".encode("cp1252")))
    assert person.name == "Adä"


@pytest.mark.parametrize("raw", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\0\0\0\0\0\0\0\0ab"])
def test_a_file_that_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(SubscriberError):
        read_list(decode_list(raw))


@pytest.mark.parametrize(
    ("header", "meant"), [("topic", "topics"), ("time_zone", "timezone"), ("Keyword", "keywords")]
)
def test_a_column_that_is_nearly_one_of_ours_is_not_passed_over(header: str, meant: str) -> None:
    with pytest.raises(SubscriberError, match=f"Did you mean '{meant}'"):
        read_list(f"email,{header}\nada@lab.example,x\n")


def test_columns_that_mean_nothing_here_are_named(store: Store) -> None:
    report = import_list(store, "email,colour\nada@lab.example,red\n")
    assert (report.added, report.ignored) == (1, ("colour",))


def test_a_status_that_nobody_knows_costs_its_row_only(store: Store) -> None:
    report = import_list(store, "email,status\nada@lab.example,enabled\nbo@lab.example,purple\n")
    assert report.added == 1
    assert report.bad_rows == ("row 3: status: 'purple' is no known status",)


def test_rows_that_cannot_be_used_can_be_mended_and_read_again(store: Store) -> None:
    report = import_list(store, "name,email\nAda,ada@\nBo,bo@lab.example\n")
    mended = subscriptions.rejected_rows(report)
    assert mended.splitlines()[0] == "name,email,why"
    assert mended.splitlines()[1].startswith("Ada,ada@,")
    again = import_list(store, mended.replace("ada@,", "ada@lab.example,"))
    assert (again.added, again.bad_rows) == (1, ())


def test_the_worst_that_a_row_says_counts() -> None:
    text = "email,status,unsubscribed_at,bounced\nada@lab.example,active,2025-01-02,false\n"
    assert [person.standing for person in listed(text)] == [Standing.LEFT]


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(SubscriberError):
        read_list(text)


@given(st.binary(max_size=300))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_octets_import_or_are_refused(store: Store, raw: bytes) -> None:
    with suppress(SubscriberError):
        import_list(store, decode_list(raw), confirmed=False)


def test_a_list_of_millions_is_never_held_as_a_whole() -> None:
    rows = read_list("email\n" + "ada@lab.example\n" * 3).rows
    assert iter(rows) is rows


def test_a_first_line_that_is_no_csv_is_not_taken_for_an_empty_file() -> None:
    with pytest.raises(SubscriberError, match="row 1: not CSV"):
        read_list('"' + "x" * 200_000)
