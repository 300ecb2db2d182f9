"""The list's identity: the facts about the sender that every mail carries, checked once.

It never changes what a mail is about; it says whose it is, where the web pages are and
how to leave. Everything that reaches a header is refused here if it holds a line break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cached_property
from urllib.parse import quote, urlsplit

from digest.errors import ConfigurationError, SubscriberError
from digest.model import VoteLinks

_LONGEST_URL = 500
"""Links to leave are made of it, and stand in one header line of 998 octets beside a ``mailto:``."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x20\x7f]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
)


def wire_address(address: str) -> str:
    """The address as the wire takes it: the domain in IDNA (RFC 5890), the local part untouched.

    A local part beyond ASCII stays as it is and needs SMTPUTF8 (RFC 6531). Raises
    ``SubscriberError`` for anything that is not one bare address, line breaks above all.
    """
    local, at, domain = address.strip(" ").rpartition("@")
    if not at or _CONTROL.search(address) or not _LOCAL.fullmatch(local):
        raise SubscriberError("this is not an e-mail address", where=ascii(address[:80]))
    if not domain.isascii():
        try:
            domain = _idna(domain)
        except UnicodeError as error:
            raise SubscriberError(
                "the domain of this address cannot be written in IDNA", where=ascii(address[:80])
            ) from error
    domain = domain.lower()
    if not _DOMAIN.fullmatch(domain):
        raise SubscriberError("the domain of this address is not one", where=ascii(address[:80]))
    return f"{local}@{domain}"


def _idna(domain: str) -> str:
    import idna

    return idna.encode(domain, uts46=True).decode("ascii")


@dataclass(frozen=True)
class ListIdentity:
    """The sender's side of every mail.

    ``sender`` is one address, bare or as ``Name <address>``. ``base_url`` is where the web pages
    are (absolute http or https, with or without a path), ``None`` when there are none: then titles
    lead to arXiv and unsubscribing works by mail. ``list_id`` is the dotted name of RFC 2919; by
    default made of the list's name and the sender's domain. ``source_note`` says in one sentence
    where the papers come from. ``requests`` is the bare address whose mailbox a program reads, so
    that a mail there unsubscribes; by default the sender's. ``votes`` says which papers of a mail
    have links to vote by; with ``reading_lists`` each of them has one more, to read it later, on a
    list that has pages. ``friends`` says whom a subscriber may send to the sign-up page ("a
    friend"); ``""`` where nobody can sign up there. Raises ``ConfigurationError`` naming the field.
    """

    list_name: str
    sender: str
    base_url: str | None = None
    postal_address: str = ""
    list_id: str = ""
    source_note: str = ""
    language: str = "en"
    requests: str = ""
    votes: VoteLinks = VoteLinks.OFF
    reading_lists: bool = False
    friends: str = "a friend"

    def __post_init__(self) -> None:
        for field in ("list_name", "sender", "base_url", "list_id", "language"):
            value = getattr(self, field)
            if value and _CONTROL.search(value):
                raise ConfigurationError("must be one line", where=field)
        if not self.list_name.strip():
            raise ConfigurationError("the list has no name", where="list_name")
        try:
            wire_address(parseaddr(self.sender)[1])
        except SubscriberError as error:
            raise ConfigurationError(
                "the sender is not an e-mail address",
                where="sender",
                mend="For example: Daily Papers <papers@example.org>",
            ) from error
        if self.requests:
            try:
                wire_address(self.requests)
            except SubscriberError as error:
                raise ConfigurationError("is not an e-mail address", where="requests") from error
        if self.base_url is not None:
            parts = urlsplit(self.base_url)
            host = parts.hostname or ""
            if parts.scheme not in ("http", "https") or not host or not host.isascii():
                raise ConfigurationError(
                    "the base URL must start with https:// or http://",
                    where="base_url",
                    mend="For example: https://papers.example.org",
                )
            if len(self.web or "") > _LONGEST_URL:
                raise ConfigurationError(
                    f"the base URL is longer than {_LONGEST_URL} characters", where="base_url"
                )
        if self.list_id and not re.fullmatch(r"[\w-]+(\.[\w-]+)+", self.list_id, re.ASCII):
            raise ConfigurationError(
                "the list id must be a dotted name",
                where="list_id",
                mend="For example: daily-papers.example.org",
            )

    @cached_property
    def sender_name(self) -> str:
        """The name beside the sender's address; the list's name if none was given."""
        return parseaddr(self.sender)[0] or self.list_name

    @cached_property
    def address(self) -> str:
        """The sender's bare address, domain in IDNA."""
        return wire_address(parseaddr(self.sender)[1])

    @cached_property
    def domain(self) -> str:
        """The sender's domain, in IDNA: where Message-IDs live (RFC 5322 §3.6.4)."""
        return self.address.rpartition("@")[2]

    @cached_property
    def identifier(self) -> str:
        """The list's identifier for ``List-Id`` (RFC 2919 §2), stable as long as the name is."""
        if self.list_id:
            return self.list_id
        name = re.sub(r"[^a-z0-9]+", "-", self.list_name.lower()).strip("-") or "list"
        return f"{name[:60]}.{self.domain}"

    @cached_property
    def web(self) -> str | None:
        """The base URL without a trailing slash and with nothing a header cannot carry."""
        if self.base_url is None:
            return None
        return quote(self.base_url.rstrip("/"), safe="/:?#[]@!$&'()*+,;=%~-._")

    def page(self, path: str) -> str | None:
        """The address of one of the pages; ``None`` without a base URL."""
        return None if self.web is None else f"{self.web}/{path.lstrip('/')}"

    def mailto(self, subject: str) -> str:
        """A link that opens a mail to the sender with that subject (RFC 6068)."""
        return _mailto(self.address, subject)

    def unsubscribe_mailto(self, token: str = "") -> str:
        """A link that opens the mail which unsubscribes the subscriber whose token it is.

        Without a token it is the sender's address that says who wants to leave.
        """
        link = self._unsubscribe_by_mail
        return f"{link}%20{quote(token, safe='')}" if token else link

    def votes_url(self, token: str) -> str:
        """The address that the subscriber's vote links begin with, whose token it is.

        With pages they go on with the edition, the paper and the answer; without, it is the mail
        whose subject goes on with the paper and the answer.
        """
        page = self.page(f"vote/{token}")
        return page or f"{_mailto(self.requests_address, 'vote')}%20{quote(token, safe='')}%20"

    @property
    def has_reading_lists(self) -> bool:
        """True if readers can keep papers for later: on a list with pages and votes, if it is wanted."""
        return self.reading_lists and self.votes is not VoteLinks.OFF and self.web is not None

    def reading_list_url(self, token: str) -> str:
        """The address of the reading list of the subscriber whose token it is; ``""`` without pages."""
        return self.page(f"reading/{token}") or ""

    @cached_property
    def requests_address(self) -> str:
        """The address to which a mail unsubscribes or votes, its domain in IDNA."""
        return wire_address(self.requests) if self.requests else self.address

    @cached_property
    def _unsubscribe_by_mail(self) -> str:
        return _mailto(self.requests_address, "unsubscribe")


def _mailto(address: str, subject: str) -> str:
    return f"mailto:{quote(address, safe='@+')}?subject={quote(subject, safe='')}"
