"""Make what sends mail and reads what comes back, from the settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.wiring.edition_parts import PREVIEW_SENDER
from digest.wiring.post_parts import PostParts

if TYPE_CHECKING:
    from digest.daily.bounces import BounceContext
    from digest.daily.delivery_settings import DeliverySettings
    from digest.daily.pause_alert import PauseAlert
    from digest.daily.preview_mail import PreviewSettings
    from digest.delivery.smtp import SmtpTransport
    from digest.delivery.warm_up import WarmUp
    from digest.mail.dkim import Signer
    from digest.subscriptions import ServiceMailWorker


class DeliveryParts(PostParts):
    """The relay, who signs, and what delivers editions and service mails."""

    def require_relay(self) -> None:
        """Raise `digest.errors.ConfigurationError` if mail cannot leave for want of a setting."""
        settings = self.settings
        missing = [
            f"{name} is missing, for example {name}={example}"
            for name, value, example in (
                ("DIGEST_SMTP_HOST", settings.smtp_host, "smtp.example.org"),
                ("DIGEST_SENDER", settings.sender, PREVIEW_SENDER),
            )
            if not value
        ]
        if missing:
            raise ConfigurationError(
                "; ".join(missing), mend="Set it in the environment or in .env"
            )

    @cached_property
    def transport(self) -> SmtpTransport:
        """The connections to the relay."""
        from digest.delivery.smtp import SmtpTransport
        from digest.wiring.sending import relay_settings

        return SmtpTransport(relay_settings(self.settings))

    @cached_property
    def delivery_settings(self) -> DeliverySettings:
        """The parts that deliver an edition.

        Raises `digest.errors.ConfigurationError` where the relay or the sender is not set.
        """
        from digest.daily.delivery_settings import DeliverySettings
        from digest.delivery.rate_limit import RateLimits
        from digest.delivery.retry import RetryPolicy
        from digest.delivery.send_limits import SendLimits

        self.require_relay()
        settings = self.settings
        policy = RetryPolicy(first_wait=timedelta(seconds=settings.retry_after))
        return DeliverySettings(
            transport=self.transport,
            list_identity=self.list_identity,
            keys=self.link_keys,
            envelope_sender=self.return_address,
            policy=policy,
            limits=SendLimits(
                connections=settings.smtp_connections,
                rates=RateLimits(settings.smtp_rate, settings.smtp_domain_rate),
            ),
            unknown_policy=settings.unknown_policy,
            journals=self.journals,
            sender_files=self.restore_guard.folder,
            verp=self.uses_verp,
            signers=self.signers,
            warm_up=self.warm_up,
            pause_alert=self.pause_alert,
            renderer=self.renderer,
            posts=self.post_settings(policy),
        )

    @cached_property
    def preview_settings(self) -> PreviewSettings:
        """The parts that mail a preview to the operator's own addresses.

        Raises `digest.errors.ConfigurationError` where the relay or the sender is not set.
        """
        from digest.daily.preview_mail import PreviewSettings

        self.require_relay()
        return PreviewSettings(
            transport=self.transport,
            renderer=self.renderer,
            list_identity=self.list_identity,
            envelope_sender=self.return_address,
            signers=self.signers,
        )

    @cached_property
    def signers(self) -> tuple[Signer, ...]:
        """The DKIM signers of every mail; none, where no key is set.

        Raises `digest.errors.ConfigurationError` for a key that cannot be used.
        """
        from digest.wiring.sending import read_signers

        return read_signers(self.settings, self.list_identity.domain)

    @property
    def uses_verp(self) -> bool:
        """True if each mail's envelope sender names its delivery: never where bounces go to From."""
        return self.settings.verp and self.settings.bounce_address is not None

    @cached_property
    def return_address(self) -> str:
        """The envelope sender as SMTP writes it, without a token: bounces go there.

        Raises `digest.errors.ConfigurationError` where a token would not find room in it.
        """
        from digest.wiring.sending import return_address

        return return_address(self.settings, with_token=self.uses_verp)

    @property
    def warm_up(self) -> WarmUp | None:
        """The limit of mails a day while nobody knows the sender yet; ``None`` without one."""
        from digest.delivery.warm_up import WarmUp

        first_day = self.settings.warm_up_from
        return WarmUp(first_day, self.settings.zone) if first_day is not None else None

    @cached_property
    def pause_alert(self) -> PauseAlert | None:
        """The alert that tells the operator of a pause; ``None`` where no address is set."""
        from digest.daily.pause_alert import PauseAlert
        from digest.wiring.sending import bare_address

        operator = self.settings.operator_email
        if operator is None:
            return None
        return PauseAlert(
            operator=bare_address("DIGEST_OPERATOR_EMAIL", operator),
            transport=self.transport,
            renderer=self.renderer,
            list_identity=self.list_identity,
            envelope_sender=self.return_address,
            signers=self.signers,
        )

    @cached_property
    def service_mail_worker(self) -> ServiceMailWorker:
        """The worker that sends mails about subscriptions.

        Raises `digest.errors.ConfigurationError` where the relay or the sender is not set.
        """
        from digest.subscriptions import ServiceMailSettings, ServiceMailWorker

        self.require_relay()
        return ServiceMailWorker(
            self.store,
            ServiceMailSettings(
                transport=self.transport,
                renderer=self.renderer,
                list_identity=replace(self.list_identity, base_url=self.pages_url),
                keys=self.link_keys,
                envelope_sender=self.return_address,
                signers=self.signers,
                check=self.restore_guard.pause_if_restored,
                pages_are_known=self.settings.base_url is not None,
            ),
            clock=self.clock,
            unconfirmed_lasts=timedelta(days=self.settings.keep_unconfirmed),
            rule=self.sign_up_rule,
        )

    @cached_property
    def bounce_context(self) -> BounceContext:
        """The parts that process returned mail.

        Raises `digest.errors.ConfigurationError` where no address is set that it could come to.
        """
        from digest.daily.bounces import BounceContext
        from digest.wiring.bounces import quarantine

        return BounceContext(
            store=self.store,
            address=self.return_address,
            keys=self.link_keys,
            quarantine=quarantine(self.settings),
            domain=self.list_identity.domain,
            goodbye=self.settings.goodbye_mail,
            authserv_id=self.settings.bounce_authserv_id or "",
        )
