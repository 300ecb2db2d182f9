"""Compose one service mail from the list's templates, with the links that only its owner has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from digest.email_address import mailbox_key
from digest.mail.dkim import Signer, add_signatures
from digest.mail.list_identity import ListIdentity
from digest.mail.message import service_message
from digest.mail.render import ServiceMailContent
from digest.mail.templates import ServiceTemplate
from digest.mail.tokens import sign_token
from digest.model import ServiceMail, ServiceMailKind
from digest.store import Store

_NAMED = (ServiceMailKind.WELCOME, ServiceMailKind.APPROVED, ServiceMailKind.DECLINED)
"""Service mails whose template may use the subscriber's name: the mailbox's owner has confirmed it.

Not the mail that asks to confirm: whoever types a stranger's address types the name, too.
"""
_FOR_PEOPLE_WITHOUT_PAGES = (ServiceMailKind.GOODBYE, ServiceMailKind.LEAVE)
"""Service mails to people who may never have seen a page: who leaves by mail."""


class ServiceMailRenderer(Protocol):
    """A renderer of service mails: `digest.mail.render.Renderer`."""

    def service(
        self, kind: ServiceTemplate, list_identity: ListIdentity, /, **values: str
    ) -> ServiceMailContent:
        """The mail of that kind."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceMailComposer:
    """Makes the bytes of service mails. ``list_identity`` must have pages (a base URL).

    ``pages_are_known`` is false where that is only this machine's own name for them. Who asked on a
    page confirms there; who leaves by a mail may never have seen one, and is not sent to it.
    ``signers`` sign every mail with DKIM.
    """

    renderer: ServiceMailRenderer
    list_identity: ListIdentity
    keys: Sequence[str]
    signers: Sequence[Signer] = ()
    pages_are_known: bool = True

    def compose(self, service_mail: ServiceMail, store: Store) -> bytes:
        """The bytes of that mail. Raises `SubscriberError` for an address that cannot be used."""
        kind, subscriber = service_mail.kind, service_mail.subscriber
        identity = self._identity(kind)
        links = _Links(service_mail, identity, self.keys, store)
        values = _VALUES[kind](links)
        if kind in _NAMED:
            values["subscriber_name"] = links.subscriber_name()
        message = service_message(
            self.renderer.service(ServiceTemplate(kind), identity, **values),
            identity,
            subscriber.email,
            at=service_mail.asked_at,
            key=f"{service_mail.id}/{service_mail.asked_at.isoformat()}",
            format=subscriber.preferences.format,
        )
        return add_signatures(message, self.signers)

    def _identity(self, kind: ServiceMailKind) -> ListIdentity:
        """The list's identity, without pages where the subscriber may not reach them."""
        if self.pages_are_known or kind not in _FOR_PEOPLE_WITHOUT_PAGES:
            return self.list_identity
        return replace(self.list_identity, base_url=None)


@dataclass(frozen=True, slots=True)
class _Links:
    """The links of one service mail."""

    service_mail: ServiceMail
    identity: ListIdentity
    keys: Sequence[str]
    store: Store

    def token(self, purpose: str) -> str:
        return sign_token(purpose, self.service_mail.subscriber.id, self.keys)

    def page(self, purpose: str) -> str:
        return self.identity.page(f"{purpose}/{self.token(purpose)}") or ""

    def subscriber_name(self) -> str:
        with self.store.read() as unit:
            return unit.arrivals.name(self.service_mail.subscriber.id)

    def decline_page(self) -> str:
        key = mailbox_key(self.service_mail.subscriber.email)
        with self.store.read() as unit:
            request = unit.confirmation_requests.of(key)
        if request is None:
            return ""
        token = sign_token("decline", request.id, self.keys)
        return self.identity.page(f"decline/{token}") or ""


_VALUES: Mapping[ServiceMailKind, Callable[[_Links], dict[str, str]]] = {
    ServiceMailKind.CONFIRM: lambda links: {
        "confirm_url": links.page("confirm"),
        "decline_url": links.decline_page(),
    },
    ServiceMailKind.WELCOME: lambda links: {
        "preferences_url": links.page("preferences"),
        "unsubscribe_url": links.page("unsubscribe"),
        "when": "The next edition comes by itself.",
    },
    ServiceMailKind.APPROVED: lambda links: {
        "preferences_url": links.page("preferences"),
        "unsubscribe_url": links.page("unsubscribe"),
    },
    ServiceMailKind.DECLINED: lambda links: {"sender_address": links.identity.address},
    ServiceMailKind.LEAVE: lambda links: {
        "unsubscribe_url": links.page("unsubscribe"),
        "unsubscribe_mailto": links.identity.unsubscribe_mailto(links.token("unsubscribe")),
    },
    ServiceMailKind.GOODBYE: lambda links: {
        "subscribe_url": (links.identity.friends and links.identity.page("subscribe")) or "",
        "sender_address": links.identity.address,
    },
}
"""The values that the template of each kind needs."""
