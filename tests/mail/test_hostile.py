"""Whatever a source says: harmless in HTML, text, subject and headers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
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

from digest.mail import plain_text
from digest.model import Link, LinkKind, Topic

NASTY = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "<script>alert(1)</script>",
                '"><img src=x onerror=alert(1)>',
                "&amp;",
                "&",
                "'",
                '"',
                "\r\nBcc: everyone@example.com\r\n\r\n",
                "\n.\n",
                "\u202eevil\u202c",
                "\u2067",
                "שלום",
                "سلام",
                "👩\u200d👩\u200d👧",
                "\ue000unsubscribe\ue001",
                "{{ 7 * 7 }}",
                "{% raw %}",
                "jinja0x",
                "<!--",
                "-->",
                "]]>",
                "</title></head>",
                "\ud800",
                "\x00",
                "\ufeff",
                "\u2028",
                "=?utf-8?q?x?=",
                "--=_alternative--",
                "x" * 400,
                " ",
                "e\u0301",
            ]
        ),
        max_size=12,
    ).map("".join),
)


def mailed(title: str, abstract: str = "", why: str = "", topic: str = "Bees"):  # type: ignore[no-untyped-def]
    bees = Topic("bees", topic)
    papers = [
        replace(
            entry(number, bees),
            title=title,
            raw_title=title,
            summary=abstract,
            brief=abstract,
            why=why,
        )
        for number in (1, 2)
    ]
    of = edition(entries=papers, topics=3, picks=1, updated=0)
    of = replace(of, sections=tuple(replace(section, topic=bees) for section in of.sections))
    return parse_mail(composer(of).compose(general_selection(of), recipient_of()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=NASTY, abstract=NASTY, why=NASTY, topic=NASTY)
@example(title="x" * 10_000, abstract="y " * 5_000, why="z" * 3_000, topic="t" * 999)
@example(title="", abstract="", why="", topic="")
def test_untrusted_words_are_words_and_nothing_else(
    title: str, abstract: str, why: str, topic: str
) -> None:
    mail = mailed(title, abstract, why, topic)
    page = parse_html(mail.html)
    tags = {str(element.tag) for element in page.iter()}
    assert not tags & {"script", "img", "iframe", "form", "object", "svg"}
    attributes = {str(name) for element in page.iter() for name in element.keys()}  # noqa: SIM118
    assert not {name for name in attributes if name.startswith("on")}
    shown = visible_text(mail.html)
    said = plain_text.clip(plain_text.clean(title), 300) or "Untitled"
    assert " ".join(said.split()) in shown
    assert "everyone@example.com" not in [str(to) for to in mail.message["To"].addresses]
    assert "Bcc" not in mail.message
    assert len(mail.subject) <= 70
    assert (
        re.search(
            r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066\u2067\ue000-\uf8ff]", mail.html + mail.subject
        )
        is None
    )
    assert (
        html_links(mail.html) == text_links(mail.text)
        or "mailto:" in title + abstract + why
        or "http" in title + abstract + why
    )
    assert mail.html.endswith("</html>\n")


@pytest.mark.parametrize("title", ["שלום עולם: a study", "A study of سلام and hello"])
def test_words_from_right_to_left_are_isolated(title: str) -> None:
    mail = mailed(title)
    assert f'<span dir="auto">{title}</span></a>' in mail.html
    assert f"\u2068{title}\u2069" in mail.text


def test_a_sentence_is_shown_whole_or_not_at_all() -> None:
    mail = mailed("A title", "word " * 400 + "end.")
    assert "word" not in visible_text(mail.html)


def test_a_title_too_long_is_cut_between_words() -> None:
    mail = mailed("word " * 400)
    cut = re.search(r"(word )+word…", visible_text(mail.html))
    assert cut is not None
    assert len(cut.group()) <= 300


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://example.org/a b",
        'https://example.org/"onclick="x',
        "https://user:pass@example.org/",
        "https://",
        "https://[::1",
        "//example.org",
        "https://exämple.org/",
        "https://example.org/" + "x" * 500,
        "",
    ],
)
def test_a_link_that_no_mail_should_carry_is_left_out(url: str) -> None:
    paper = replace(
        entry(1, TOPICS[0], external_id=None), url=url, links=(Link(LinkKind.CODE, url),)
    )
    of = edition(entries=[paper], updated=0)
    mail = parse_mail(
        composer(of, LIST_WITHOUT_PAGES).compose(
            general_selection(of), recipient_of(1, LIST_WITHOUT_PAGES)
        )
    )
    found = [address for address in html_links(mail.html) if not address.startswith("mailto:")]
    assert len(found) == 1
    assert found[0].startswith("https://arxiv.org/search/")


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"external_id": "2611.01234"}, "https://arxiv.org/abs/2611.01234"),
        ({"external_id": "math/0309136"}, "https://arxiv.org/abs/math/0309136"),
        ({"external_id": "doi:10.1000/1 <x>"}, "https://doi.org/10.1000/1%20%3Cx%3E"),
        (
            {"external_id": "other:9", "url": "https://example.org/é"},
            "https://example.org/%C3%A9",
        ),
    ],
)
def test_without_pages_the_best_known_address_is_taken(
    fields: dict[str, str], address: str
) -> None:
    paper = replace(entry(1, TOPICS[0], external_id=None, links=()), **fields)  # type: ignore[arg-type]
    of = edition(entries=[paper], updated=0)
    mail = parse_mail(
        composer(of, LIST_WITHOUT_PAGES).compose(
            general_selection(of), recipient_of(1, LIST_WITHOUT_PAGES)
        )
    )
    assert html_links(mail.html)[address] == 1


def test_links_are_named_so_that_they_mean_something_alone() -> None:
    code = (
        Link(LinkKind.CODE, "https://code.example.org/bees"),
        Link(LinkKind.CODE, "https://code.example.org/bees"),
        Link(LinkKind.OTHER, "https://example.org/other"),
        Link(LinkKind.PROJECT, "https://example.org/project", "Demo"),
        Link(LinkKind.DATA, "https://example.org/data"),
        Link(LinkKind.MODEL, "https://example.org/model"),
    )
    named = entry(1, TOPICS[0], title="Hum: Bees in Felt", links=code)
    unnamed = entry(2, TOPICS[0], title="Bees in Felt", links=code[:1])
    of = edition(entries=[named, unnamed], updated=0)
    mail = parse_mail(composer(of).compose(general_selection(of), recipient_of()))
    shown = visible_text(mail.html)
    labels = [a.get("aria-label") for a in parse_html(mail.html).iter("a") if a.get("aria-label")]
    assert labels[:4] == ["PDF of Hum", "Code of Hum", "Demo of Hum", "Data of Hum"]
    assert "Code of Bees in Felt" in labels
    assert "https://example.org/other" not in mail.html
    assert "Model" not in shown


def test_a_list_with_an_odd_name_still_has_a_proper_head() -> None:
    odd = replace(LIST, list_name='Päpers, "daily" <b>', sender="papers@example.org")
    of = edition(8)
    mail = parse_mail(composer(of, odd).compose(general_selection(of), recipient_of(1, odd)))
    assert mail.message["From"].addresses[0].display_name == 'Päpers, "daily" <b>'
    assert 'Päpers, "daily" <b>' in visible_text(mail.html)
