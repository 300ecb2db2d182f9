"""The bytes of a mail, from frozen fragments: one mail for one subscriber.

The fragments of an edition are encoded once (quoted-printable, whole lines). What subscribers with
the same selection share is drafted once; a personal mail is that draft with one subscriber's
address and links in its gaps. The same edition and the same subscriber give the same bytes, today
and on a retry tomorrow.
"""

from __future__ import annotations

import hashlib
import quopri
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigurationError
from digest.mail import (
    encoding,
    headlines,
    plain_text,
    trim,
    urls,
)
from digest.mail.body import (
    BodyComposer,
    BodyPlan,
    ChartRow,
    chart_rows,
)
from digest.mail.fragment_sizes import FragmentSizes
from digest.mail.headers import (
    feedback_header,
    list_headers,
    sender_header,
    to_header,
    unsubscribe_headers,
)
from digest.mail.list_identity import ListIdentity
from digest.mail.slots import VERSION, MailDraft
from digest.model import MailFormat, PublishedEdition, Selection, VoteLinks

if TYPE_CHECKING:
    from digest.mail.render import ServiceMailContent

_MAX_DRAFTS = 4_096
"""Drafts kept, as many as there are selections that a sender remembers: a few kB each."""
_PLAIN = (
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_BOUNDARY = b"=_alternative"
"""``=_`` cannot occur in quoted-printable, so no body can contain it (RFC 2045 §6.7)."""

# What stands around the encoded parts: text first, HTML last (RFC 2046 §5.1.4).
_TEXT_ALONE = b"MIME-Version: 1.0\r\n" + _PLAIN
_TEXT_FIRST = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="%b"\r\n\r\n--%b\r\n'
    % (_BOUNDARY, _BOUNDARY)
    + _PLAIN
)
_HTML_LAST = (
    b"\r\n--%b\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" % _BOUNDARY
)
_END = b"\r\n--%b--\r\n" % _BOUNDARY


@dataclass(frozen=True, slots=True)
class Recipient:
    """One subscriber and the addresses that are theirs alone.

    ``unsubscribe_url`` and ``preferences_url`` are pages of the list; without pages
    ``unsubscribe_mailto`` (a whole ``mailto:`` link with the token in its subject) unsubscribes.
    ``votes_url`` is what the links to vote by begin with; ``reading_url`` leads to the reading list.
    """

    email: str
    subscriber_id: int
    unsubscribe_url: str | None = None
    preferences_url: str | None = None
    unsubscribe_mailto: str | None = None
    format: MailFormat = MailFormat.HTML
    votes_url: str = ""
    reading_url: str = ""

    @classmethod
    def of(
        cls,
        list_identity: ListIdentity,
        email: str,
        subscriber_id: int,
        *,
        unsubscribe_token: str,
        preferences_token: str,
        format: MailFormat = MailFormat.HTML,
    ) -> Recipient:
        """Make the recipient with the addresses that these tokens give on this list."""
        return cls(
            email,
            subscriber_id,
            list_identity.page(f"unsubscribe/{unsubscribe_token}"),
            list_identity.page(f"preferences/{preferences_token}"),
            list_identity.unsubscribe_mailto(unsubscribe_token),
            format,
        )


@dataclass(frozen=True, slots=True)
class PreviewNote:
    """The mark of a mail that a few get before, or without, anybody else.

    ``fragment`` stands above the masthead (`digest.mail.render.Renderer.preview_note`). ``key`` tells
    its Message-ID from that of every other mail of the edition.
    """

    fragment: Mapping[str, str]
    key: str


class Composer:
    """Composes the mails of one published edition.

    ``budget`` is the most HTML a mail may have, in octets. Raises ``ConfigurationError`` for an
    edition that another version of this program has rendered.
    """

    def __init__(
        self,
        published: PublishedEdition,
        list_identity: ListIdentity,
        *,
        budget: int = trim.HTML_BUDGET,
    ) -> None:
        rendering = published.rendering
        if rendering.version != VERSION:
            raise ConfigurationError(
                f"this edition was rendered in format {rendering.version}, not {VERSION}",
                where=published.edition.day.isoformat(),
                mend="Send it with the version of the program that published it.",
            )
        fragments: Mapping[str, Any] = rendering.pieces
        self._list_identity = list_identity
        self._budget = budget
        self._fragments = fragments
        self._papers = {int(paper_id): paper for paper_id, paper in fragments["papers"].items()}
        self._topics = fragments["topics"]
        self._topic_of = {paper_id: paper["topic"] for paper_id, paper in self._papers.items()}
        self._pick_words = {i: paper["words"][0] for i, paper in self._papers.items()}
        self._list_words = {i: paper["words"][1] for i, paper in self._papers.items()}
        self._title_words = {i: paper["words"][-1] for i, paper in self._papers.items()}
        self._html, self._text = BodyComposer(fragments, "html"), BodyComposer(fragments, "text")
        self._sizes = FragmentSizes(fragments)
        self._drafts: dict[tuple[int, bool], tuple[Selection, MailDraft]] = {}
        edition = published.edition
        self._edition_name = f"{edition.kind}.{edition.day.isoformat()}"
        self._message_id_seed = f"{published.id}/{list_identity.identifier}/"
        self._domain = list_identity.domain
        self._sender = sender_header(list_identity)
        self._date = encoding.unfolded_header("Date", encoding.date_header(published.published_at))
        self._list = list_headers(list_identity) + feedback_header(
            list_identity, str(edition.kind), f"{edition.kind}-{edition.day.isoformat()}"
        )

    @property
    def has_votes(self) -> bool:
        """True if its mails have links to vote by, so that each needs its subscriber's address."""
        return "vote_page" in self._fragments or any(
            "pick_votes" in paper for paper in self._papers.values()
        )

    def compose(self, selection: Selection, recipient: Recipient) -> bytes:
        """Compose the mail that shows ``selection`` to ``recipient``: headers and body, CRLF throughout.

        Raises ``SubscriberError`` if the address cannot be written into a header.
        """
        return self._draft(selection, recipient.format).filled(self._gaps(recipient))

    def compose_preview(
        self, selection: Selection, recipient: Recipient, note: PreviewNote
    ) -> bytes:
        """Compose that mail as a preview: marked in its subject and above its masthead.

        Raises ``SubscriberError`` as `compose`.
        """
        draft = self._new_draft(selection, recipient.format is MailFormat.HTML, note)
        gaps = self._gaps(recipient)
        gaps["message id"] = self._message_id_header(f"preview/{note.key}")
        return draft.filled(gaps)

    def html(self, selection: Selection, recipient: Recipient) -> str:
        """The HTML part alone, decoded."""
        return _decoded(self._html, self._plan(selection), _links(recipient, self._list_identity))

    def text(self, selection: Selection, recipient: Recipient) -> str:
        """The text part alone, decoded."""
        return _decoded(self._text, self._plan(selection), _links(recipient, self._list_identity))

    def subject(self, selection: Selection) -> str:
        """The subject of that selection's mail, decoded."""
        return self._plan(selection).subject

    def _draft(self, selection: Selection, format: MailFormat) -> MailDraft:
        """Take the draft for that very selection; made anew only if it is no longer kept."""
        with_html = format is MailFormat.HTML
        key = (id(selection), with_html)
        cached = self._drafts.get(key)
        if cached is None:
            if len(self._drafts) >= _MAX_DRAFTS:
                self._drafts.clear()
            # The selection is kept, too: as long as it is, no other can have its id.
            cached = self._drafts[key] = (selection, self._new_draft(selection, with_html))
        return cached[1]

    def _new_draft(
        self, selection: Selection, with_html: bool, note: PreviewNote | None = None
    ) -> MailDraft:
        plan = self._plan(selection)
        subject = plan.subject
        if note is not None:
            plan = replace(plan, note=note.fragment)
            subject = f"{plain_text.PREVIEW_MARK}{subject}"
        draft = MailDraft()
        draft.add(self._sender)
        draft.gap("to")
        draft.add(encoding.unstructured_header("Subject", subject))
        draft.add(self._date)
        draft.gap("message id")
        draft.add(self._list)
        draft.gap("ways out")
        draft.add(_TEXT_FIRST if with_html else _TEXT_ALONE)
        self._text.compose(plan, draft)
        if with_html:
            draft.add(_HTML_LAST)
            self._html.compose(plan, draft)
            draft.add(_END)
        return draft

    def _gaps(self, recipient: Recipient) -> dict[str, bytes]:
        """Encode all that is this subscriber's alone, for the gaps of a draft."""
        links = _links(recipient, self._list_identity)
        gaps = {
            "to": to_header(recipient.email),
            "message id": self._message_id_header(str(recipient.subscriber_id)),
            "ways out": unsubscribe_headers(
                recipient.unsubscribe_url,
                recipient.unsubscribe_mailto or self._list_identity.unsubscribe_mailto(),
            ),
            **self._text.encode_links(links),
        }
        if recipient.format is MailFormat.HTML:
            gaps |= self._html.encode_links(links)
        return gaps

    def _plan(self, selection: Selection) -> BodyPlan:
        has_pages = self._list_identity.web is not None
        wanted = selection
        if "titles" not in self._fragments or (selection.limited and has_pages):
            wanted = selection.without_titles()
        shown = trim.trim_selection(
            wanted,
            self._sizes.cost(wanted),
            self._budget,
            least_summaries=trim.LEAST_SUMMARIES if has_pages else 0,
        )
        rows = chart_rows(shown, self._topics, self._topic_of)
        left_out = None
        if shown.named < wanted.named:
            left_out = (shown.named, max(shown.named, selection.total + selection.updates))
        news = self._news(shown, rows)
        list_name, day = str(self._fragments["list"]), str(self._fragments["day"])
        subject = headlines.subject(news, list_name, day)
        return BodyPlan(
            selection=shown,
            rows=rows,
            why=selection.why,
            subject=subject,
            values=self._values(shown, rows, news, subject),
            left_out=left_out,
        )

    def _values(
        self, selection: Selection, rows: Sequence[ChartRow], news: headlines.News, subject: str
    ) -> dict[str, str]:
        new, scale = self._masthead(selection, len(rows))
        otherwise = f"{self._fragments['list']}, {self._fragments['date']}"
        return {
            "preheader": headlines.preheader(news, subject, otherwise=otherwise),
            "news": new,
            "scale": scale,
            "lead": headlines.lead(news),
        }

    def _news(self, selection: Selection, rows: Sequence[ChartRow]) -> headlines.News:
        """The news of a selection. A theme is of the whole edition, and of no personal mail."""
        listed = [section.papers or section.titles for section in selection.sections]
        firsts = [papers[0] for papers in listed if papers]
        strongest = (
            selection.picks
            or list(dict.fromkeys(id for papers in (firsts, *listed) for id in papers))
            or selection.updated
            or selection.updated_titles
        )
        counts = [
            (str(self._topics[row.topic]["name"]), row.count)
            for row in rows
            if row.topic != headlines.NO_TOPIC
        ]
        leading = self._fragments.get("leading", "Leading this edition")
        theme = None if selection.personal else self._fragments.get("theme")
        return headlines.News(
            [self._papers[id]["title"] for id in strongest[: headlines.MOST_NAMES]],
            bool(selection.picks),
            selection.total,
            selection.updates,
            sorted(counts, key=lambda topic: -topic[1]),
            None if theme is None else (str(theme[0]), int(theme[1])),
            "Leading your papers" if selection.personal else str(leading),
            [self._papers[id].get("about", ()) for id in strongest[: headlines.MOST_NAMES]],
        )

    def _masthead(self, selection: Selection, topics: int) -> tuple[str, str]:
        """The one true line: what is new in bold, then the scale it is to be seen on."""
        words = sum(map(self._pick_words.__getitem__, selection.picks))
        for section in selection.sections:
            words += sum(map(self._list_words.__getitem__, section.papers))
            words += sum(map(self._title_words.__getitem__, section.titles))
        parts = []
        total = selection.total
        if selection.updates and not total:
            news = f"{selection.updates:,} updated"
        elif selection.personal:
            news = f"{total:,} new for you"
            parts.append(f"of {self._fragments['new']:,}")
        else:
            news = f"{total:,} new"
            parts.append(f"of {self._fragments['read']:,} listed")
        if selection.updates and total:
            parts.append(f"{selection.updates:,} updated")
        if topics:
            parts.append(plain_text.counted(topics, "topic"))
        parts.append(plain_text.reading_time(words))
        return news, " · ".join(parts)

    def _message_id_header(self, key: str) -> bytes:
        """Stable per edition and subscriber (or preview), without any address (RFC 5322 §3.6.4)."""
        seed = f"{self._message_id_seed}{key}".encode()
        digest = hashlib.sha256(seed).hexdigest()[:24]
        return f"Message-ID: <{self._edition_name}.{digest}@{self._domain}>\r\n".encode("ascii")


def _links(recipient: Recipient, list_identity: ListIdentity) -> dict[str, str]:
    """The links in a mail that are this subscriber's own, by the name of their slot."""
    leave = recipient.unsubscribe_url or recipient.unsubscribe_mailto
    votes_url = recipient.votes_url
    if not votes_url and list_identity.votes is not VoteLinks.OFF:
        votes_url = list_identity.votes_url("-")
    preferences = recipient.preferences_url or list_identity.page("subscribe") or ""
    return {
        "unsubscribe": leave or list_identity.unsubscribe_mailto(),
        "preferences": preferences,
        "pause": f"{preferences}#pause",
        # A text says what to write in words: such a link is longer than a line, and many readers of
        # texts follow it only as far as the address.
        "unsubscribe_subject": urls.mail_subject(
            recipient.unsubscribe_mailto or list_identity.unsubscribe_mailto()
        ),
        **({"vote": votes_url, "vote_subject": urls.mail_subject(votes_url)} if votes_url else {}),
        "reading": recipient.reading_url or list_identity.reading_list_url("-"),
    }


def _decoded(body: BodyComposer, plan: BodyPlan, links: Mapping[str, str]) -> str:
    draft = MailDraft()
    body.compose(plan, draft)
    return (
        quopri.decodestring(draft.filled(body.encode_links(links)))
        .decode("utf-8")
        .replace("\r\n", "\n")
    )


_AUTO_REPLIES = frozenset({"leave"})
"""Service mails that answer a mail (RFC 3834 §5.2)."""


def service_message(
    mail: ServiceMailContent,
    list_identity: ListIdentity,
    email: str,
    *,
    at: datetime,
    key: str,
    format: MailFormat = MailFormat.HTML,
) -> bytes:
    """A service mail as bytes. ``key`` names the occasion: the same gives the same Message-ID."""
    seed = f"{mail.kind}/{key}/{list_identity.identifier}/{email}".encode("utf-8", "replace")
    digest = hashlib.sha256(seed).hexdigest()[:24]
    text, html = encoding.quoted_printable(mail.text), encoding.quoted_printable(mail.html)
    body = [_TEXT_FIRST, text, _HTML_LAST, html, _END]
    if format is not MailFormat.HTML:
        body = [_TEXT_ALONE, text]
    return b"".join(
        (
            sender_header(list_identity),
            to_header(email),
            encoding.unstructured_header("Subject", mail.subject),
            encoding.unfolded_header("Date", encoding.date_header(at)),
            f"Message-ID: <{mail.kind}.{digest}@{list_identity.domain}>\r\n".encode("ascii"),
            feedback_header(list_identity, f"service-{mail.kind}"),
            b"Auto-Submitted: %s\r\n"
            % (b"auto-replied" if mail.kind in _AUTO_REPLIES else b"auto-generated"),
            *body,
        )
    )
