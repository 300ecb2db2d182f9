"""The parts that the pages are made from, handed in once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.mail.list_identity import ListIdentity
from digest.model import SignUpRule, Topic
from digest.store import Store
from digest.subscriptions import OPEN, SignUpLimits


def _now() -> datetime:
    return datetime.now(UTC)


def _log_only(notice: str) -> None:
    """Keep no notice for the operator; the log has it."""


def _no_worker() -> None:
    """Wake nobody: this process has no worker that sends service mails."""


def _no_files(_: str) -> tuple[int, int]:
    """Delete nothing: this process can reach no files."""
    return 0, 0


@dataclass(frozen=True)
class Site:
    """The parts of the pages.

    ``list_identity`` has a base URL. ``keys`` sign links, newest first. ``zone`` and ``send_at``
    are the list's own. ``proxies`` are addresses or networks whose ``X-Forwarded-For`` is believed;
    ``notify_operator`` is called with a line where that goes wrong, and must not wait. ``wake``
    wakes the worker that sends service mails when one may be due. ``least_form_seconds`` is the
    least time in which a person fills in the form; ``answer_seconds`` the time that the answer to
    a sign-up takes, whatever is behind it. ``bounce_address`` is a mailbox of the list beside its
    sender's. ``forget_files`` deletes files that name an erased address. ``api_tokens`` open the API
    for programs, which is not there without one; ``asks_to_confirm`` says that a mail may ask who is
    added there without the operator's word. ``sign_up_rule`` says who may sign up by themselves;
    ``embedders`` are the sites that may show the form, such as ``https://www.lab.org`` or
    ``https://*.lab.org``.
    """

    store: Store
    topics: Sequence[Topic]
    list_identity: ListIdentity
    keys: Sequence[str]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    send_at: time = time(8)
    templates: Path | None = None
    clock: Callable[[], datetime] = _now
    wake: Callable[[], None] = _no_worker
    proxies: Sequence[str] = ()
    notify_operator: Callable[[str], None] = _log_only
    sign_up_limits: SignUpLimits = field(default_factory=SignUpLimits)
    least_form_seconds: float = 2.0
    answer_seconds: float = 0.1
    forget_files: Callable[[str], tuple[int, int]] = _no_files
    welcome: bool = False
    goodbye: bool = False
    bounce_address: str = ""
    api_tokens: Sequence[str] = ()
    asks_to_confirm: bool = True
    sign_up_rule: SignUpRule = OPEN
    embedders: Sequence[str] = ()

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """The list's own mailboxes, which nobody may sign up."""
        own = (self.list_identity.address, self.list_identity.requests, self.bounce_address)
        return tuple(filter(None, own))

    @property
    def base(self) -> str:
        """The address of the front page, without a slash at the end."""
        return self.list_identity.web or ""

    @property
    def root_path(self) -> str:
        """The path that every address begins with, ``""`` where the pages have a host of their own."""
        return urlsplit(self.base).path.rstrip("/")

    @property
    def encrypted(self) -> bool:
        """True if the pages are visited by https."""
        return self.base.startswith("https://")

    def topic_name(self, id: str) -> str:
        """The name of a topic; an id that is no longer among the topics names itself."""
        return next((topic.name for topic in self.topics if topic.id == id), id)
