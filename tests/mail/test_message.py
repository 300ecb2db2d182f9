"""The message: what a reader gets, octet by octet."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from mail.parsed_mail import (
    ParsedMail,
    html_links,
    parse_html,
    parse_mail,
    text_links,
    visible_text,
)
from mail.sample_editions import (
    DAY,
    LIST,
    LIST_WITHOUT_PAGES,
    PUBLISHED,
    TOPICS,
    composer,
    edition,
    entry,
    general_selection,
    personal_selection,
    published,
    recipient_of,
)

from digest.errors import ConfigurationError, SubscriberError
from digest.mail.headers import feedback_header
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Composer, Recipient, service_message
from digest.mail.render import Renderer
from digest.mail.sample_edition import SERVICE_VALUES
from digest.mail.templates import ServiceTemplate
from digest.model import (
    Edition,
    EditionKind,
    MailFormat,
    Rendering,
    SectionChoice,
    Selection,
    VoteLinks,
)

EDITION = edition(60)
COMPOSER = composer(EDITION)
NAMES = {topic.id: topic.name for topic in TOPICS}
MAIL = parse_mail(COMPOSER.compose(general_selection(EDITION), recipient_of()))
WEBLESS_MAIL = parse_mail(
    composer(EDITION, LIST_WITHOUT_PAGES).compose(
        general_selection(EDITION), recipient_of(1, LIST_WITHOUT_PAGES)
    )
)


def mailed(selection: Selection, number: int = 1) -> ParsedMail:
    return parse_mail(COMPOSER.compose(selection, recipient_of(number)))


def test_text_comes_first_and_html_last() -> None:
    assert [part.get_content_type() for part in MAIL.message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_every_line_fits_the_wire() -> None:
    head, _, body = MAIL.raw.partition(b"\r\n\r\n")
    assert MAIL.raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", MAIL.raw)
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    assert not re.search(rb"[ \t]\r\n", body)
    assert not re.search(rb"^\.", MAIL.raw, re.MULTILINE)
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))


def test_a_pick_of_a_doubtful_topic_has_no_topic_beside_its_title() -> None:
    sure = entry(1, TOPICS[0], links=(), votes=None)
    for chips, paper in ((1, sure), (0, replace(sure, topic_is_sure=False))):
        others = [entry(number, TOPICS[0]) for number in (2, 3, 4)]
        one = edition(entries=[paper, *others], picks=1)
        mail = parse_mail(composer(one).compose(general_selection(one), recipient_of()))
        assert mail.html.count('class="chip') == chips
        beside = f"\n{TOPICS[0].name}\n"
        assert (
            beside in mail.text.partition(f"{paper.title}\n")[2].partition("At a glance")[0]
        ) == bool(chips)


@pytest.mark.parametrize("picks", [0, 1])
def test_a_summary_that_is_the_source_s_own_says_whose_it_is(picks: int) -> None:
    paper = entry(1, TOPICS[0], links=(), votes=None)
    for source, credit in (("", ""), ("Hugging\r\nFace", "(summary by Hugging Face)")):
        one = edition(
            entries=[replace(paper, summary_source=source)], picks=picks, updated=0, topics=1
        )
        mail = parse_mail(composer(one).compose(general_selection(one), recipient_of()))
        for part in (visible_text(mail.html), mail.text):
            assert credit in " ".join(part.split())
            assert ("(summary by" in part) == bool(credit)


def test_headers_that_must_be_single_are() -> None:
    names = [name.lower() for name in MAIL.message]
    assert len(names) == len(set(names))
    assert {"from", "to", "subject", "date", "message-id", "mime-version"} <= set(names)
    assert not {"return-path", "bcc", "auto-submitted"} & set(names)


def test_complaints_at_gmail_are_counted_by_edition_kind_and_list_and_by_no_reader() -> None:
    """At most three identifiers and the sender's, of 5 to 15 characters, no two of them the same."""
    values = {
        str(mailed(general_selection(EDITION), number).message["Feedback-ID"]) for number in (1, 2)
    }
    (value,) = values
    *identifiers, sender_id = value.split(":")
    assert identifiers == ["daily-2026-11-20", "daily"]
    assert re.fullmatch(r"list[0-9a-f]{10}", sender_id)
    other = feedback_header(replace(LIST, list_id="other.example.org"), "daily")
    assert sender_id not in other.decode()
    service = feedback_header(LIST, "service-confirm").decode()
    assert service == f"Feedback-ID: service-confirm:{sender_id}\r\n"


def test_links_in_headers_stand_on_one_line_unencoded() -> None:
    one = recipient_of()
    expected = f"List-Unsubscribe: <{one.unsubscribe_url}>, <{one.unsubscribe_mailto}>\r\n"
    assert expected.encode() in MAIL.raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in MAIL.raw
    assert b"\r\nList-Archive: <https://papers.example.org/editions>\r\n" in MAIL.raw
    assert str(MAIL.message["List-Id"]) == "Daily Papers <daily-papers.lists.example.org>"


def test_a_retry_is_the_same_octets() -> None:
    again = composer(EDITION).compose(general_selection(EDITION), recipient_of())
    assert again == MAIL.raw


def test_readers_of_one_selection_share_all_but_what_is_their_own() -> None:
    selections = [general_selection(EDITION), personal_selection(EDITION, [TOPICS[0].id])]
    subscribers = [
        recipient_of(number, format=format) for number in (1, 2) for format in MailFormat
    ]
    shared = [COMPOSER.compose(one, to) for to in subscribers for one in selections]
    alone = [composer(EDITION).compose(one, to) for to in subscribers for one in selections]
    assert shared == alone
    theirs, others = parse_mail(shared[0]), subscribers[-1]
    assert f"{subscribers[0].preferences_url}#pause" in html_links(theirs.html)
    assert others.preferences_url is not None
    assert others.preferences_url not in theirs.html + theirs.text


def test_selections_that_come_and_go_are_never_taken_for_one_another() -> None:
    one = COMPOSER.compose(general_selection(EDITION), recipient_of(format=MailFormat.TEXT))
    for total in range(60, 4_260):
        of = replace(general_selection(EDITION), total=total)
        found = re.search(
            rb"([\d,]+) new", COMPOSER.compose(of, recipient_of(format=MailFormat.TEXT))
        )
        assert found is not None
        assert found[1] == f"{total:,}".encode()
    assert COMPOSER.compose(general_selection(EDITION), recipient_of(format=MailFormat.TEXT)) == one


def test_a_rendering_survives_the_store() -> None:
    frozen = published(EDITION)
    pieces = json.loads(json.dumps(frozen.rendering.pieces))
    stored = replace(frozen, rendering=replace(frozen.rendering, pieces=pieces))
    assert Composer(stored, LIST).compose(general_selection(EDITION), recipient_of()) == MAIL.raw


def test_the_message_id_is_stable_own_and_nobodys_address() -> None:
    ids = [
        str(mailed(general_selection(EDITION), number).message["Message-ID"])
        for number in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert re.fullmatch(r"<daily\.2026-11-20\.[0-9a-f]{24}@lists\.example\.org>", ids[0])
    assert "reader1" not in ids[0]


def test_the_date_is_when_the_edition_was_published() -> None:
    assert MAIL.message["Date"].datetime == PUBLISHED


def test_an_edition_of_another_format_is_refused() -> None:
    frozen = published(EDITION)
    with pytest.raises(ConfigurationError, match="format 0"):
        Composer(replace(frozen, rendering=Rendering(0, "", "", {})), LIST)


def test_an_address_with_a_line_break_is_refused() -> None:
    with pytest.raises(SubscriberError):
        COMPOSER.compose(
            general_selection(EDITION), recipient_of(email="a@example.org\r\nBcc: b@example.org")
        )


def test_a_local_part_beyond_ascii_is_never_mangled() -> None:
    raw = COMPOSER.compose(general_selection(EDITION), recipient_of(email="用户@例え.example"))
    assert "To: <用户@xn--r8jz45g.example>\r\n".encode() in raw


def test_a_reader_who_wants_text_gets_text_alone() -> None:
    mail = parse_mail(
        COMPOSER.compose(general_selection(EDITION), recipient_of(format=MailFormat.TEXT))
    )
    assert mail.message.get_content_type() == "text/plain"
    assert mail.text == MAIL.text


@pytest.mark.parametrize("mail", [MAIL, WEBLESS_MAIL])
def test_both_parts_have_the_same_links_as_often(mail: ParsedMail) -> None:
    assert html_links(mail.html) == text_links(mail.text)


@pytest.mark.parametrize("mail", [MAIL, WEBLESS_MAIL])
def test_both_parts_say_the_same(mail: ParsedMail) -> None:
    words = set(re.findall(r"\w{3,}", visible_text(mail.html).lower()))
    said = set(re.findall(r"\w{3,}", mail.text.lower()))
    assert len(words & said) / len(words) > 0.98


@pytest.mark.parametrize("mail", [MAIL, WEBLESS_MAIL])
def test_the_text_is_at_most_72_columns_wide(mail: ParsedMail) -> None:
    assert [x for x in mail.text.splitlines() if len(x) > 72 and not text_links(x)] == []
    assert "\n\n\n\n" not in mail.text
    assert not re.search(r"[ \t]\n", mail.text)


def test_unsubscribing_comes_after_the_news_and_again_in_the_footer() -> None:
    url = recipient_of().unsubscribe_url or ""
    assert MAIL.html.count(f'href="{url}"') == 2
    assert MAIL.html.index("Top picks") < MAIL.html.index(url) < len(MAIL.html) / 3
    assert MAIL.text.index("Top picks") < MAIL.text.index(url) < len(MAIL.text) / 3


def test_headings_can_be_navigated() -> None:
    page = parse_html(MAIL.html)
    levels = [int(e.tag[1]) for e in page.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert levels.count(3) == 40 + 3


def test_every_jump_has_its_target() -> None:
    page = parse_html(MAIL.html)
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    jumps = {a.get("href", "")[1:] for a in page.iter("a") if a.get("href", "").startswith("#")}
    assert len(ids) == len(set(ids))
    assert jumps
    assert jumps <= set(ids)


def test_layout_tables_are_no_tables_to_a_screen_reader() -> None:
    assert all(table.get("role") == "presentation" for table in parse_html(MAIL.html).iter("table"))


def test_the_masthead_counts_what_is_there() -> None:
    assert re.search(
        r"60 new of 72 listed · 3 updated · \d+ topics · about \d+ minutes", visible_text(MAIL.html)
    )
    assert sum(int(n) for n in re.findall(r"█ (\d+)", MAIL.text)) <= 60


def test_the_preheader_has_the_length_that_inboxes_show() -> None:
    found = re.search(r'mso-hide:all">(.*?)</div>', MAIL.html, re.DOTALL)
    assert found is not None
    assert 40 <= len(found.group(1)) <= 130
    assert published(EDITION).rendering.preheader == re.sub("&amp;", "&", found.group(1).strip())


def test_the_subject_names_the_two_strongest_papers_and_the_count() -> None:
    first, second = (EDITION.entry(pick).title.split(": ") for pick in EDITION.picks[:2])
    about = " ".join(first[1].split()[:2]).lower()
    assert MAIL.subject == f"{first[0]} ({about}), {second[0]} and 58 more · 20 Nov"
    assert (
        MAIL.subject
        == published(EDITION).rendering.subject
        == COMPOSER.subject(general_selection(EDITION))
    )


def test_titles_lead_to_the_pages_of_the_list() -> None:
    assert html_links(MAIL.html)["https://papers.example.org/papers/1"] == 1


def test_papers_without_a_summary_are_titles_that_link_in_their_topic() -> None:
    general = general_selection(EDITION)
    beyond = [(part.topic, id) for part in general.sections for id in part.titles]
    assert len(beyond) == 60 - 40
    page = parse_html(MAIL.html)
    listed = [a for ul in page.iter("ul") for a in ul.iter("a")]
    for topic, paper_id in beyond:
        title = EDITION.entry(paper_id).title
        assert title in [a.text for a in listed]
        assert MAIL.text.index(f"\n{NAMES[topic]} (") < MAIL.text.index(
            f"https://papers.example.org/papers/{paper_id}\n"
        )
    assert "more in" not in visible_text(MAIL.html)


@pytest.mark.parametrize("list_identity", [LIST, LIST_WITHOUT_PAGES], ids=["pages", "no-pages"])
def test_who_asked_for_few_papers_is_told_where_the_others_are(
    list_identity: ListIdentity,
) -> None:
    few = replace(personal_selection(EDITION, [EDITION.sections[0].topic.id], most=5), limited=True)
    (section,) = few.sections
    mail = parse_mail(composer(EDITION, list_identity).compose(few, recipient_of(1, list_identity)))
    if list_identity is LIST:
        address = f"https://papers.example.org/editions/2026-11-20?topic={section.topic}"
        assert html_links(mail.html)[address] == 1
        assert f"and {len(section.titles)} more in " in visible_text(mail.html)
        assert list(parse_html(mail.html).iter("ul")) == []
    else:
        for paper_id in section.titles:
            assert EDITION.entry(paper_id).title in visible_text(mail.html)
    assert html_links(mail.html) == text_links(mail.text)


def test_a_section_has_the_figure_that_the_chart_has_and_says_what_stands_above() -> None:
    picked = {EDITION.entry(id).topic for id in EDITION.picks}
    for section in EDITION.sections:
        count = len(section.papers)
        among_picks = sum(id in EDITION.picks for id in section.papers)
        assert (among_picks > 0) == (section.topic.id in picked)
        says = f"{count} in all, {among_picks} above" if among_picks else f"{count}"
        line = f"{section.topic.name} ({says})"
        assert f"\n{line}\n{'-' * len(line)}\n" in MAIL.text
        assert f"{section.topic.name} {says}" in visible_text(MAIL.html)
        bar = rf"{re.escape(section.topic.name)} +█+ {count}\b"
        small = rf"{re.escape(section.topic.name)} {count}\b"
        chart = MAIL.text.partition("At a glance")[2].partition("Read on the web")[0]
        assert re.search(f"{bar}|{small}", " ".join(chart.split()))


def test_an_edition_rendered_before_titles_stood_alone_is_mailed_as_it_was() -> None:
    now = published(EDITION)
    pieces = {name: piece for name, piece in now.rendering.pieces.items() if name != "titles"}
    pieces["papers"] = {
        id: {name: piece for name, piece in paper.items() if name != "titled"}
        for id, paper in pieces["papers"].items()  # type: ignore[attr-defined]
    }
    before = replace(now, rendering=replace(now.rendering, pieces=pieces))
    mail = parse_mail(Composer(before, LIST).compose(general_selection(EDITION), recipient_of()))
    assert re.search(r"and \d+ more in", visible_text(mail.html))
    assert html_links(mail.html) == text_links(mail.text)


def test_without_pages_titles_lead_to_arxiv_or_to_a_search() -> None:
    addresses = html_links(WEBLESS_MAIL.html)
    assert "https://arxiv.org/abs/2611.00001" in addresses
    assert any(a.startswith("https://arxiv.org/search/?searchtype=title&query=") for a in addresses)
    assert not any("papers.example.org" in address for address in addresses)


def test_without_pages_unsubscribing_is_a_mail_and_the_footer_says_so() -> None:
    one = recipient_of(1, LIST_WITHOUT_PAGES)
    assert one.unsubscribe_url is None
    assert f"List-Unsubscribe: <{one.unsubscribe_mailto}>\r\n".encode() in WEBLESS_MAIL.raw
    assert b"List-Unsubscribe-Post" not in WEBLESS_MAIL.raw
    assert html_links(WEBLESS_MAIL.html)[one.unsubscribe_mailto or ""] == 2
    assert "opens a mail to us" in visible_text(WEBLESS_MAIL.html)


def test_without_pages_a_text_says_in_words_what_to_write_in_lines_that_are_not_too_long() -> None:
    identity = replace(LIST_WITHOUT_PAGES, votes=VoteLinks.ALL)
    one = recipient_of(1, identity)
    mail = parse_mail(composer(EDITION, identity).compose(general_selection(EDITION), one))
    assert "mailto:" not in mail.text
    assert mail.text.count("\nunsubscribe MTA1.unsubscribe000000000000000001\n") == 2
    pick = general_selection(EDITION).picks[0]
    for word in ("more", "less"):
        assert f"\nvote MTA1.votes0000000000000000000001 {pick} {word}\n" in mail.text
    assert html_links(mail.html) == text_links(mail.text)
    assert not [line for line in mail.text.splitlines() if len(line) > 72 and "http" not in line]


def test_a_page_without_tls_promises_no_one_click() -> None:
    plain = replace(LIST, base_url="http://localhost:8000")
    raw = composer(EDITION, plain).compose(general_selection(EDITION), recipient_of(1, plain))
    assert b"List-Unsubscribe: <http://localhost:8000/unsubscribe/" in raw
    assert b"List-Unsubscribe-Post" not in raw


def test_a_reader_without_any_address_of_their_own_can_still_write() -> None:
    mail = parse_mail(
        COMPOSER.compose(general_selection(EDITION), Recipient("reader@example.com", 1))
    )
    assert "mailto:papers@lists.example.org?subject=unsubscribe" in html_links(mail.html)
    assert "https://papers.example.org/subscribe" in html_links(mail.html)


def test_a_personal_mail_shows_what_was_chosen_and_why() -> None:
    followed = [EDITION.sections[1].topic, EDITION.sections[2].topic]
    selection = personal_selection(EDITION, [topic.id for topic in followed])
    mail = mailed(selection)
    shown = visible_text(mail.html)
    headings = [h.text or "" for h in parse_html(mail.html).iter("h2")]
    names = [heading.strip() for heading in headings]
    assert names == ["Top picks", "At a glance", *(topic.name for topic in followed)]
    assert f"{selection.total} new for you of 60 · 2 topics" in shown
    assert f"Why: You follow {followed[0].id}" in shown
    assert mail.subject.endswith(f" and {selection.total - 2} more · 20 Nov")
    assert "Leading your papers: " in shown


def test_cards_beyond_the_caps_are_there_for_a_reader_who_wants_them() -> None:
    section = EDITION.sections[0]
    beyond = section.papers[-1]
    mail = mailed(Selection((), (SectionChoice(section.topic.id, (beyond,)),), total=1))
    assert EDITION.entry(beyond).title in visible_text(mail.html)
    assert EDITION.entry(beyond).title in " ".join(mail.text.split())


def test_a_mail_of_nothing_but_updates_says_so() -> None:
    mail = mailed(Selection((), (), EDITION.updated[:1], 1, 0, updated_titles=EDITION.updated[1:2]))
    assert "3 updated about a minute" in " ".join(visible_text(mail.html).replace("·", " ").split())
    assert "0 new" not in visible_text(mail.html)
    assert "and 1 more updated" in visible_text(mail.html)
    assert EDITION.entry(EDITION.updated[1]).title in visible_text(mail.html)
    assert EDITION.entry(EDITION.updated[0]).title.split(":")[0] in mail.subject


def test_a_topic_whose_papers_are_all_picks_jumps_to_the_picks() -> None:
    section = EDITION.sections[0]
    mail = mailed(Selection(section.papers[:2], (SectionChoice(section.topic.id, ()),), total=2))
    assert 'href="#picks"' in mail.html
    assert 'id="picks"' in mail.html


@pytest.mark.parametrize(
    ("kind", "said", "address"),
    [
        (EditionKind.WEEKLY, "Week 47 of 2026, 16–22 November 2026", "/editions/2026-W47"),
        (EditionKind.DAILY, "Friday, 20 November 2026", "/editions/2026-11-20"),
    ],
)
def test_each_kind_of_edition_says_its_days(kind: EditionKind, said: str, address: str) -> None:
    of = edition(12, kind=kind)
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    assert said in visible_text(mail.html)
    assert f"https://papers.example.org{address}" in html_links(mail.html)


def test_a_catch_up_says_which_days_it_covers() -> None:
    of = replace(edition(12), covers=(DAY.replace(day=18), DAY))
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    assert "Friday, 20 November 2026, covering 18–20 November 2026" in visible_text(mail.html)


@pytest.mark.parametrize("kind", sorted(SERVICE_VALUES))
def test_service_mails_are_whole_and_say_that_a_machine_sent_them(kind: ServiceTemplate) -> None:
    mail = Renderer().service(kind, LIST, **SERVICE_VALUES[kind])
    raw = service_message(mail, LIST, "reader@example.com", at=PUBLISHED, key="7")
    parsed = parse_mail(raw)
    assert parsed.subject == mail.subject
    answer = "auto-replied" if kind == "leave" else "auto-generated"
    assert parsed.message["Auto-Submitted"] == answer
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert html_links(parsed.html) == text_links(parsed.text)
    assert not re.search(r"\bNone\b|\{\{|\{%", parsed.html + parsed.text)
    assert raw == service_message(mail, LIST, "reader@example.com", at=PUBLISHED, key="7")
    text_only = service_message(
        mail, LIST, "reader@example.com", at=PUBLISHED, key="7", format=MailFormat.TEXT
    )
    assert parse_mail(text_only).message.get_content_type() == "text/plain"


def test_a_very_small_edition_is_a_mail_too() -> None:
    of = edition(entries=[entry(1, TOPICS[0])], updated=0)
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    assert mail.subject.startswith(f"{of.entries[0].title.split(':')[0]} (")
    assert mail.subject.endswith(") · 20 Nov")
    assert "about a minute to read" in visible_text(mail.html)


def first_words(mail: ParsedMail) -> dict[str, str]:
    """The first fifty words that a reader sees in each part; the preheader is not seen."""
    page = parse_html(re.sub(r'<div style="display:none.*?</div>', "", mail.html, flags=re.DOTALL))
    body = page.find("body")
    assert body is not None
    shown = {"html": "".join(body.itertext()), "text": re.sub(r"\n[-=]+\n", "\n", mail.text)}
    return {part: " ".join(words.split()[:50]) for part, words in shown.items()}


WEEK = replace(EDITION, kind=EditionKind.WEEKLY, covers=(DAY - timedelta(days=6), DAY))
CATCH_UP = replace(EDITION, covers=(DAY - timedelta(days=2), DAY))
GENERAL = general_selection(EDITION)
OWN = personal_selection(EDITION, [TOPICS[1].id, TOPICS[2].id])


@pytest.mark.parametrize(
    ("of", "selection", "leading"),
    [
        (EDITION, GENERAL, "Leading this edition: "),
        (WEEK, GENERAL, "Leading the week: "),
        (CATCH_UP, GENERAL, "Leading this edition: "),
        (replace(CATCH_UP, kind=EditionKind.WEEKDAYS), GENERAL, "Leading this edition: "),
        (EDITION, OWN, "Leading your papers: "),
        (EDITION, replace(GENERAL, picks=()), "Among them: "),
        (edition(700, shown=700), general_selection(edition(700, shown=700)), "Leading this edition: "),
        (edition(1, updated=0), general_selection(edition(1, updated=0)), "1 new of 13 listed"),
        (EDITION, Selection((), (), EDITION.updated, 0, 0), "Updated: "),
    ],
    ids=["daily", "weekly", "catch-up", "weekdays", "personal", "no-picks", "trimmed", "one", "updates"],
)  # fmt: skip
@pytest.mark.parametrize("list_identity", [LIST, LIST_WITHOUT_PAGES], ids=["pages", "no-pages"])
def test_the_first_fifty_words_are_the_news(
    of: Edition, selection: Selection, leading: str, list_identity: ListIdentity
) -> None:
    raw = composer(of, list_identity).compose(selection, recipient_of(1, list_identity))
    first = next(
        iter(
            selection.picks
            or [id for s in selection.sections for id in s.papers]
            or selection.updated
        )
    )
    name = of.entry(first).title.split(":")[0]
    for part, words in first_words(parse_mail(raw)).items():
        print(f"{part}: {words}")
        assert leading in words
        assert name in words
        assert "Unsubscribe" not in words
        assert "Read on the web" not in words


def test_a_rendering_from_before_there_was_an_opening_line_is_mailed_as_it_was() -> None:
    frozen = published(EDITION)
    new = {"lead", "navigation", "leading", "theme"}
    pieces = {name: piece for name, piece in frozen.rendering.pieces.items() if name not in new}
    old = replace(frozen, rendering=replace(frozen.rendering, pieces=pieces))
    mail = parse_mail(Composer(old, LIST).compose(GENERAL, recipient_of()))
    assert "Leading" not in visible_text(mail.html) + mail.text
    assert html_links(mail.html) == text_links(mail.text)
    assert mail.subject == MAIL.subject
