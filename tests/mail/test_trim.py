"""The size of a mail: never so large that it is cut off, and fair in what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail.parsed_mail import (
    html_links,
    parse_html,
    parse_mail,
    text_links,
    visible_text,
)
from mail.sample_editions import (
    LIST,
    LIST_WITHOUT_PAGES,
    TOPICS,
    composer,
    edition,
    entry,
    general_selection,
    recipient_of,
)

from digest.mail import trim
from digest.mail.list_identity import ListIdentity
from digest.model import Section, SectionChoice, Selection, Topic, VoteLinks

HARD_LIMIT = 95_000


def size(html: str) -> int:
    """Octets on the wire, decoded."""
    return len(html.replace("\n", "\r\n").encode())


def test_forty_papers_are_small() -> None:
    of = edition(40, topics=12, shown=40)
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    assert size(mail.html) / 40 <= 1_600


def test_forty_papers_and_the_titles_of_all_others_leave_room() -> None:
    of = edition(200, topics=12, shown=40)
    sizes = {}
    for votes in VoteLinks:
        mails = composer(of, replace(LIST, votes=votes))
        mail = parse_mail(mails.compose(general_selection(of), recipient_of()))
        sizes[votes] = size(mail.html)
    assert sizes[VoteLinks.PICKS] <= 80_000
    assert sizes[VoteLinks.ALL] <= HARD_LIMIT
    assert sizes[VoteLinks.PICKS] - sizes[VoteLinks.OFF] <= 5 * 340 + 200


@pytest.mark.parametrize("letter", ["a ", "& ", "é ", "語", '" ', "😀 "])
def test_a_flood_of_long_papers_is_trimmed_fairly(letter: str) -> None:
    text = letter * (2_000 // len(letter))
    flood = [
        entry(number, TOPICS[number % 12], title=text, raw_title=text, summary=text, brief=text)
        for number in range(1, 251)
    ]
    of = edition(entries=flood, topics=12, shown=250, updated=30)
    of = replace(of, updated_shown=30)
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    assert size(mail.html) <= HARD_LIMIT
    assert mail.html.rstrip().endswith("</html>")
    shown = visible_text(mail.html)
    names = {(h.text or "").strip() for h in parse_html(mail.html).iter("h2")}
    assert {topic.name for topic in TOPICS} <= names
    assert (recipient_of().unsubscribe_url or "") in html_links(mail.html)
    assert html_links(mail.html) == text_links(mail.text)
    assert "of 280 papers: mail programs would cut off a longer one" in shown
    assert "All 280 are on the web" in shown
    assert "more in Weather & Rivers" in shown


def test_a_mail_that_was_not_trimmed_says_nothing_of_it() -> None:
    of = edition(60)
    assert "cut off" not in visible_text(composer(of).html(general_selection(of), recipient_of()))


@pytest.mark.parametrize("list_identity", [LIST, LIST_WITHOUT_PAGES], ids=["pages", "no-pages"])
@pytest.mark.parametrize("papers", [40, 120, 250])
def test_every_paper_is_named_and_summaries_give_way_to_titles(
    papers: int, list_identity: ListIdentity
) -> None:
    of = edition(papers, topics=12, shown=200, updated=12)
    mail = parse_mail(
        composer(of, list_identity).compose(general_selection(of), recipient_of(1, list_identity))
    )
    assert size(mail.html) <= HARD_LIMIT
    words = visible_text(mail.html)
    assert all(entry.title in words for entry in of.entries)
    assert all(entry.title in " ".join(mail.text.split()) for entry in of.entries)
    assert "cut off" not in words
    assert html_links(mail.html) == text_links(mail.text)
    if list_identity is LIST:
        summaries = sum(entry.brief in words for entry in of.entries)
        assert summaries >= min(papers, trim.LEAST_SUMMARIES)


def test_without_pages_a_mail_that_cannot_name_all_says_how_to_get_the_rest() -> None:
    of = edition(900, topics=12, shown=40)
    mail = parse_mail(
        composer(of, LIST_WITHOUT_PAGES).compose(
            general_selection(of), recipient_of(1, LIST_WITHOUT_PAGES)
        )
    )
    assert size(mail.html) <= HARD_LIMIT
    words = visible_text(mail.html)
    named = sum(entry.title in words for entry in of.entries)
    assert named > 250
    assert f"lists {named} of 903 papers" in words
    left = sum(int(n) for n in re.findall(r"and (\d+) more (?:in|updated)", words))
    assert named + left == 903
    assert html_links(mail.html)["mailto:papers@lists.example.org"] == 1
    assert html_links(mail.html) == text_links(mail.text)


def test_more_topics_than_any_list_has_still_make_a_mail() -> None:
    topics = [Topic(f"topic-{n}", f"{'Very ' * 10}Special Topic {n}") for n in range(400)]
    papers = [entry(n + 1, topics[n]) for n in range(400)]
    of = replace(
        edition(entries=[], updated=0),
        entries=tuple(papers),
        sections=tuple(Section(t, (n + 1,), 1) for n, t in enumerate(topics)),
        picks=(),
    )
    selection = Selection(
        (), tuple(SectionChoice(t.id, (n + 1,)) for n, t in enumerate(topics)), total=400
    )
    mail = parse_mail(composer(of).compose(selection, recipient_of()))
    assert size(mail.html) <= HARD_LIMIT


SECTIONS = st.lists(st.integers(0, 8), min_size=0, max_size=6)


@given(
    SECTIONS,
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 9_000),
    st.integers(1, 700),
    st.integers(0, 9),
)
def test_what_is_left_out_is_counted(
    lengths: list[int], picks: int, updated: int, budget: int, weight: int, titles: int
) -> None:
    number = iter(range(1, 1_000))

    def some(count: int) -> tuple[int, ...]:
        return tuple(next(number) for _ in range(count))

    selection = Selection(
        some(picks),
        tuple(
            SectionChoice(f"t{n}", some(length), n, some(titles))
            for n, length in enumerate(lengths)
        ),
        some(updated),
        2,
        99,
        updated_titles=some(titles),
    )
    cost = trim.MailWeights(
        fixed=300,
        pick=lambda _: 2 * weight,
        paper=lambda _: weight,
        title=lambda _: weight // 4,
        section=lambda _: 100,
        more=lambda _: 40,
        topic_of=lambda paper_id: f"t{paper_id % 6}",
    )
    fitted = trim.trim_selection(selection, cost, budget)
    if cost.of(selection) <= budget:
        assert fitted is selection
        return
    assert cost.of(fitted) <= max(budget, 300 + 140 * len(fitted.sections))
    assert fitted.updates == selection.updates
    if any(
        part.more > before.more
        for part, before in zip(fitted.sections, selection.sections, strict=False)
    ):
        summaries = len(fitted.picks) + sum(len(part.papers) for part in fitted.sections)
        assert summaries <= trim.LEAST_SUMMARIES
    assert fitted.picks == selection.picks[: len(fitted.picks)]
    if len(fitted.sections) == len(selection.sections):
        kept = [len(section.papers) for section in fitted.sections]
        cut = [
            kept_now for kept_now, before in zip(kept, lengths, strict=True) if kept_now < before
        ]
        assert not cut or max(kept, default=0) - min(cut) <= 1
        dropped = picks - len(fitted.picks)
        before = sum(part.listed for part in selection.sections)
        assert before <= sum(part.listed for part in fitted.sections) <= before + dropped
