"""Make what an edition is made with, from the settings: sources, topics, templates, the list's identity."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import ConfigurationError
from digest.wiring.source_parts import SourceParts

if TYPE_CHECKING:
    from digest.daily.publish import PublishSettings
    from digest.daily.run_record import EditorialSettings
    from digest.editorial.topics import Topics
    from digest.mail.list_identity import ListIdentity
    from digest.mail.render import Renderer
    from digest.model import PreviewHold, SignUpRule

PREVIEW_SENDER = "Daily Papers <papers@example.org>"


class EditionParts(SourceParts):
    """The parts that read sources and make editions of them."""

    @cached_property
    def topics(self) -> Topics:
        """The topics that papers are sorted into."""
        from digest.editorial.topics import load_topics

        return load_topics(self.settings.topics)

    @cached_property
    def editorial(self) -> EditorialSettings:
        """The settings by which papers are judged and editions are composed."""
        from digest.daily.run_record import EditorialSettings
        from digest.editorial.arrangement import EditionLimits

        return EditorialSettings(
            self.topics,
            self.settings.zone,
            self.settings.send_at,
            EditionLimits(papers=self.settings.max_papers, picks=self.settings.picks),
            self.settings.summaries,
        )

    @cached_property
    def list_identity(self) -> ListIdentity:
        """The list and its sender; an example sender where none is set, which only a preview may use."""
        from digest.mail.list_identity import ListIdentity
        from digest.model import SignUpRule
        from digest.wiring.bounces import requests_address

        settings = self.settings
        return ListIdentity(
            list_name=settings.list_name,
            sender=settings.sender or PREVIEW_SENDER,
            base_url=settings.base_url,
            postal_address=settings.postal_address,
            list_id=settings.list_id or "",
            source_note=self._source_note(),
            requests=requests_address(settings),
            votes=settings.vote_links,
            reading_lists=settings.reading_lists,
            friends=SignUpRule(settings.sign_up_mode, settings.signup_domains).friends,
        )

    @cached_property
    def sign_up_rule(self) -> SignUpRule:
        """The rule of who may sign up by themselves.

        Raises `digest.errors.ConfigurationError` for what can be no domain.
        """
        from email.utils import parseaddr

        from digest.model import SignUpRule
        from digest.subscriptions import domain_patterns

        settings = self.settings
        domain_patterns(settings.signup_domains)
        return SignUpRule(
            settings.sign_up_mode,
            settings.signup_domains,
            settings.signup_approval,
            contact=parseaddr(settings.sender or "")[1],
        )

    @cached_property
    def renderer(self) -> Renderer:
        """The mail templates, read and checked once."""
        return self.fresh_renderer()

    def fresh_renderer(self) -> Renderer:
        """Make a renderer from the templates as they are now."""
        import platformdirs

        from digest.mail.render import Renderer

        cache = platformdirs.user_cache_path("digest") / "templates"
        return Renderer(self.settings.templates, cache=cache)

    @cached_property
    def publish_settings(self) -> PublishSettings:
        """The parts that turn an edition into mail."""
        from digest.daily.publish import PublishSettings

        return PublishSettings(
            self.renderer, self.list_identity, self.settings.expiry, hold=self.preview_hold
        )

    @property
    def preview_hold(self) -> PreviewHold | None:
        """The terms on which each edition is shown to a few first; ``None`` where nobody is named.

        Raises `digest.errors.ConfigurationError` for what is no address.
        """
        settings = self.settings
        if not settings.preview_to:
            return None
        from digest.model import PreviewHold
        from digest.wiring.sending import bare_address

        addresses = [bare_address("DIGEST_PREVIEW_TO", address) for address in settings.preview_to]
        return PreviewHold(tuple(dict.fromkeys(addresses)), settings.hold)

    @property
    def pages_url(self) -> str:
        """The address of the pages for readers; of this machine only, if nothing is set."""
        settings = self.settings
        host = "localhost" if settings.web_host in ("0.0.0.0", "::") else settings.web_host  # noqa: S104
        url_host = f"[{host}]" if ":" in host else host
        return settings.base_url or f"http://{url_host}:{settings.web_port}"

    def source_locations(self, given: Sequence[str] | None) -> list[str]:
        """Choose the locations to read: those given, else the configured ones.

        Raises `digest.errors.ConfigurationError` where there are none.
        """
        locations = list(given or self.settings.sources)
        if not locations:
            raise ConfigurationError(
                "no source is given or configured",
                where="DIGEST_SOURCES",
                mend="Set it to hf:daily for a start, or name a file, folder or https:// address",
            )
        return locations

    def _source_note(self) -> str:
        """Name the hosts that the papers come from, in a sentence; ``""`` for local files."""
        hosts = {urlsplit(source).hostname for source in self.settings.sources}
        names = sorted(host for host in hosts if host)
        return f"The papers were listed on {', '.join(names)}." if names else ""
