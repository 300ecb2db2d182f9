"""The fragments that an edition's mails are made of, each as HTML and as text.

What a mail could show is rendered once: every paper as a pick and in a list, every topic as a bar,
as a heading and as "and 12 more", whether or not the general mail shows it, because a reader's own
choice may.
"""

from __future__ import annotations

from typing import Protocol

from digest.mail import (
    bylines,
    headlines,
    paper_names,
    plain_text,
    urls,
)
from digest.mail.list_identity import ListIdentity
from digest.mail.slots import (
    VERSION,
    Fragment,
    slot,
)
from digest.mail.templates import Theme
from digest.model import (
    Edition,
    EditionKind,
    Entry,
    Rendering,
    Section,
    Topic,
    VoteDirection,
    VoteLinks,
)

KEPT_INTRO = "Papers of the week for which three or more readers voted “more like this”."
_LONGEST_TITLE = 300
_LONGEST_SUMMARY = 900
_LONGEST_BRIEF = 600
_LONGEST_TOPIC = 60
_LONGEST_PHRASE = 40
"""Display limits, in characters. Real ones are a half or less; what exceeds them is hostile or
broken, and the paper's page has it whole."""

_SOURCES = "The papers come from the public pages that this list reads."


class TemplateSource(Protocol):
    """Fills templates. Values are untrusted text; HTML escapes them."""

    @property
    def theme(self) -> Theme:
        """The theme that the templates are coloured with."""

    def fragment(self, name: str, /, **values: object) -> Fragment:
        """The template of that name filled, as HTML and as text."""

    def page(self, form: str, /, **values: object) -> str:
        """The whole page in one form around ``content`` and ``footer``."""


class FragmentRenderer:
    """Renders one edition into fragments."""

    def __init__(
        self, templates: TemplateSource, edition: Edition, list_identity: ListIdentity
    ) -> None:
        self._templates = templates
        self._edition = edition
        self._list_identity = list_identity
        self._entries = {entry.paper_id: entry for entry in edition.entries}
        self._topics = {section.topic.id: section.topic for section in edition.sections}
        self._list_name = plain_text.clean(list_identity.list_name)
        self._web_url = urls.edition_url(edition, list_identity) or ""
        widest = max((len(_topic_name(topic)) for topic in self._topics.values()), default=0)
        self._label_width = min(widest, 44)

    def rendering(self) -> Rendering:
        """Render every fragment, the subject and the preheader."""
        edition = self._edition
        date = plain_text.edition_date(edition)
        news = self._news()
        day = plain_text.subject_day(edition)
        subject = headlines.subject(news, self._list_name, day)
        return Rendering(
            version=VERSION,
            subject=subject,
            preheader=headlines.preheader(news, subject, otherwise=f"{self._list_name}, {date}"),
            pieces={
                "list": self._list_name,
                "day": day,
                "date": date,
                "leading": news.leading,
                "theme": news.theme,
                "new": edition.new,
                "read": max(edition.read, edition.new),
                **self._frame(date),
                **self._kept(),
                **self._vote_page(),
                "topics": {section.topic.id: self._topic(section) for section in edition.sections},
                "papers": {
                    str(entry.paper_id): self._paper(entry) for entry in self._edition.entries
                },
            },
        )

    def _news(self) -> headlines.News:
        """The news of the general mail."""
        edition = self._edition
        new = [id for section in edition.sections for id in section.papers]
        firsts = [section.papers[0] for section in edition.sections if section.papers]
        strongest = edition.picks or list(dict.fromkeys((*firsts, *new))) or edition.updated
        titles = {id: plain_text.clean(entry.title) for id, entry in self._entries.items()}
        named = [id for id in strongest if id in titles]
        topics = [
            (_topic_name(section.topic), len(section.papers))
            for section in edition.sections
            if section.papers and section.topic.id != headlines.NO_TOPIC
        ]
        rising = [
            name
            for phrase in edition.phrases
            if phrase.rising and len(name := plain_text.clean(phrase.name)) <= _LONGEST_PHRASE
        ]
        weekly = edition.kind is EditionKind.WEEKLY
        return headlines.News(
            [titles[id] for id in named],
            bool(edition.picks),
            edition.new,
            len(edition.updated),
            sorted(topics, key=lambda topic: -topic[1]),
            headlines.theme_of(rising, [titles[id] for id in new if id in titles]),
            "Leading the week" if weekly else "Leading this edition",
            [
                paper_names.about(titles[id], self._entries[id].abstract)
                for id in named[: headlines.MOST_NAMES]
            ],
        )

    def _frame(self, date: str) -> dict[str, object]:
        """Fragments that are neither a paper's nor a topic's."""
        phrases = self._rising_phrases()
        fill = self._templates.fragment
        return {
            **self._shell(f"{self._list_name}, {date}"),
            "masthead": self._masthead(date),
            "lead": fill("lead", lead=slot("lead")),
            "navigation": fill(
                "navigation",
                web_url=self._web_url,
                unsubscribe_url=slot("unsubscribe"),
                **self._requests(),
            ),
            "trimmed": fill(
                "trimmed",
                shown=slot("shown"),
                total=slot("total"),
                web_url=self._web_url,
                sender_address=self._list_identity.address,
            ),
            "chart": self._halves("chart", "rows"),
            "also": self._halves("chart-also", "others"),
            "titles": self._halves("titles", "titles"),
            "legend": fill("chart-legend"),
            "phrases": fill("chart-phrases", phrases=phrases) if phrases else None,
            "picks": self._heading(
                plain_text.picks_heading(self._edition.kind), "picks", counted=False
            ),
            "updates": self._heading(
                "Updated papers",
                "updates",
                "Already in an earlier edition; their titles or abstracts have changed since.",
            ),
            "updates_more": self._more_link("updates", "updated"),
            "why": fill("why", why=slot("why")),
            "note": fill("note", why=slot("why")),
            "footer": self._footer(),
        }

    def _rising_phrases(self) -> str:
        """The phrases that rise, in quotation marks."""
        return ", ".join(
            f"“{plain_text.clip(plain_text.clean(phrase.name), _LONGEST_PHRASE)}”"
            for phrase in self._edition.phrases
            if phrase.rising
        )

    def _shell(self, title: str) -> dict[str, Fragment]:
        """The whole page around a mail, cut into three where its content and footer go."""
        content, footer = slot("content"), slot("footer")
        pages = {
            form: self._templates.page(
                form,
                language=self._list_identity.language,
                title=title,
                preheader=slot("preheader"),
                content=content,
                footer=footer,
            ).partition(content)
            for form in ("html", "text")
        }
        return {
            "open": {form: page[0] for form, page in pages.items()},
            "content_end": {form: page[2].partition(footer)[0] for form, page in pages.items()},
            "close": {form: page[2].partition(footer)[2] for form, page in pages.items()},
        }

    def _masthead(self, date: str) -> Fragment:
        brand = self._templates.theme.brand
        return self._templates.fragment(
            "masthead",
            date=date,
            web_url=self._web_url,
            unsubscribe_url=slot("unsubscribe"),
            logo=plain_text.clean(brand["logo"]) or self._list_name,
            tagline=plain_text.clean(brand["tagline"]),
            news=slot("news"),
            scale=slot("scale"),
        )

    def _footer(self) -> Fragment:
        return self._templates.fragment(
            "footer",
            list_name=self._list_name,
            has_pages=self._list_identity.web is not None,
            preferences_url=slot("preferences"),
            pause_url=slot("pause"),
            unsubscribe_url=slot("unsubscribe"),
            **self._requests(),
            friends=plain_text.clean(self._list_identity.friends),
            subscribe_url=self._list_identity.page("subscribe") or "",
            source_note=plain_text.clean(self._list_identity.source_note) or _SOURCES,
            postal_address=plain_text.clean(self._list_identity.postal_address),
            brand_footer=plain_text.clean(self._templates.theme.brand["footer"]),
        )

    def _requests(self) -> dict[str, str]:
        """The address to write to, and the subject, to unsubscribe from a list without pages."""
        if self._list_identity.web is not None:
            return {"requests_address": "", "unsubscribe_subject": ""}
        return {
            "requests_address": self._list_identity.requests_address,
            "unsubscribe_subject": slot("unsubscribe_subject"),
        }

    def _kept(self) -> dict[str, object]:
        """The papers of a week that most readers asked for more of, if it says which."""
        kept = [id for id in self._edition.kept if id in self._entries]
        if not kept:
            return {}
        heading = self._heading("What readers wanted more of", "kept", KEPT_INTRO, counted=False)
        return {"kept": heading, "kept_papers": kept}

    def _vote_page(self) -> dict[str, object]:
        """The link to the page that lists the whole mail with buttons, on a list that has pages."""
        if self._list_identity.votes is VoteLinks.OFF or self._list_identity.web is None:
            return {}
        url = urls.vote_url(self._edition, self._list_identity, slot("vote"))
        reading_url = slot("reading") if self._list_identity.has_reading_lists else ""
        return {
            "vote_page": self._templates.fragment("vote-page", url=url, reading_url=reading_url)
        }

    def _vote_links(self, entry: Entry) -> dict[str, Fragment]:
        """The links by which a paper is voted on: both answers of a pick, one link in a list."""
        votes = self._list_identity.votes
        if votes is VoteLinks.OFF:
            return {}
        more, less, later = (
            urls.vote_url(self._edition, self._list_identity, slot("vote"), entry.paper_id, word)
            for word in (*VoteDirection, "later")
        )
        subjects = (
            [f"{slot('vote_subject')}{entry.paper_id} {word}" for word in VoteDirection]
            if self._list_identity.web is None
            else []
        )
        address = self._list_identity.requests_address
        fragments = {
            "pick_votes": self._templates.fragment(
                "votes",
                more_url=more,
                less_url=less,
                later_url=later if self._list_identity.has_reading_lists else "",
                margin="",
                requests_address=address,
                subjects=subjects,
            )
        }
        if votes is VoteLinks.ALL:
            fragments["list_votes"] = self._templates.fragment(
                "votes",
                more_url=more,
                less_url="",
                later_url="",
                margin="  ",
                requests_address=address,
                subjects=subjects[:1],
            )
        return fragments

    def _halves(self, name: str, hole: str) -> list[Fragment]:
        """A fragment that encloses others, cut in two where they go."""
        whole = self._templates.fragment(name, **{hole: slot(hole)})
        halves = {form: text.partition(slot(hole)) for form, text in whole.items()}
        return [
            {form: half[0].removesuffix("\n") if form == "html" else half[0]
             for form, half in halves.items()},
            {form: half[2].removeprefix("\n") for form, half in halves.items()},
        ]  # fmt: skip

    def _heading(
        self, name: str, anchor: str, intro: str = "", *, counted: bool = True
    ) -> Fragment:
        return self._templates.fragment(
            "section",
            name=name,
            anchor=anchor,
            count=slot("count") if counted else "",
            underline=slot("underline") if counted else "-" * len(name),
            intro=intro,
        )

    def _more_link(self, topic: str, name: str) -> Fragment:
        return self._templates.fragment(
            "more",
            words=f"and {slot('more')} more {name}",
            url=urls.topic_url(self._edition, topic, self._list_identity) or "",
        )

    def _topic(self, section: Section) -> dict[str, object]:
        topic = section.topic
        name = _topic_name(topic)
        rising = section.momentum is not None and section.momentum.rising
        anchor = urls.topic_anchor(topic.id)
        figures = {"anchor": slot("anchor"), "count": slot("count"), "rising": rising}
        return {
            "name": name,
            "anchor": anchor,
            "rising": rising,
            "row": self._templates.fragment(
                "chart-row",
                name=name,
                label=plain_text.clip(name, self._label_width).ljust(self._label_width),
                percent=slot("percent"),
                rest=slot("rest"),
                bar=slot("bar"),
                **figures,
            ),
            "also": self._templates.fragment("chart-other", name=name, **figures),
            "heading": self._heading(name, anchor),
            "more": self._more_link(topic.id, f"in {name}"),
        }

    def _paper(self, entry: Entry) -> dict[str, object]:
        """A paper as its own card: among the picks, and in the list of its section."""
        title = plain_text.clip(plain_text.clean(entry.title), _LONGEST_TITLE) or "Untitled"
        summary, brief = plain_text.clean(entry.summary), plain_text.clean(entry.brief)
        long = plain_text.first_fitting(_LONGEST_SUMMARY, summary, brief)
        short = plain_text.first_fitting(_LONGEST_BRIEF, brief)
        topic = self._topics.get(entry.topic, Topic(entry.topic, entry.topic.title()))
        name = plain_text.short_name(title) or title
        values = {
            "title": title,
            "byline": bylines.byline(entry),
            "url": urls.paper_url(entry, self._list_identity),
            "why": slot("why"),
            "credit": plain_text.summary_credit(entry),
        }
        return {
            "title": title,
            "about": list(paper_names.about(plain_text.clean(entry.title), entry.abstract)),
            "topic": entry.topic,
            "why": plain_text.clip(plain_text.clean(entry.why), plain_text.LONGEST_WHY),
            "words": [_words(title, long), _words(title, short), _words(title)],
            "pick": self._templates.fragment(
                "pick",
                topic=_topic_name(topic) if entry.topic_is_sure else "",
                badges=[plain_text.counted(entry.votes, "vote")] if entry.votes else [],
                links=bylines.links(entry, name, most=3),
                summary=long,
                **values,
            ),
            "list": self._templates.fragment(
                "paper", links=bylines.links(entry, name, most=1), summary=short, **values
            ),
            **self._vote_links(entry),
            "titled": self._templates.fragment("title", title=title, url=values["url"]),
        }


def _words(*texts: str) -> int:
    return sum(text.count(" ") + 1 for text in texts if text)


def _topic_name(topic: Topic) -> str:
    return plain_text.clip(plain_text.clean(topic.name or topic.id), _LONGEST_TOPIC)
