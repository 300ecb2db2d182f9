"""The settings, a field each: its form, default, limits, description and example."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from digest.model import SignUpMode, SummaryChoice, VoteLinks
from digest.settings.sending_fields import HOLD_MINUTES, PREFIX, SendingFields
from digest.settings.values import (
    ApiTokens,
    BaseUrl,
    ClockTime,
    Domains,
    Host,
    Items,
    Mailbox,
    Networks,
    OneLine,
    Origins,
    SigningKey,
    SigningKeys,
    SmtpSecurity,
    Weekday,
    ZoneName,
)

__all__ = ["PREFIX", "Settings"]


class Settings(SendingFields):
    """One field for each ``DIGEST_`` variable; the description is the README's table row."""

    sender: Mailbox | None = Field(
        None,
        description="The From address.",
        examples=["Daily Papers <papers@example.org>"],
    )
    bounce_address: Mailbox | None = Field(
        None,
        description="Envelope sender: the address for bounces and for mails that ask to unsubscribe. Use a separate mailbox, because messages are removed from it once read. Default: the From address, where nobody reads bounces.",
        examples=["bounces@example.org"],
    )
    verp: bool = Field(
        True,
        description="Add a signed token to the bounce address (`bounces+TOKEN@example.org`), so that a bounce shows which mail it is about. Needs a mailbox that accepts such addresses.",
        examples=["true"],
    )
    bounce_maildir: Path | None = Field(
        None,
        description="A Maildir in which mail to the bounce address arrives; the daemon reads it.",
        examples=["/var/mail/bounces"],
    )
    bounce_imap_host: Host | None = Field(
        None,
        description="An IMAP server with the bounce address's mailbox; the daemon reads it.",
        examples=["imap.example.org"],
    )
    bounce_imap_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Its port. Default: 993 with `tls`, 143 otherwise.",
        examples=["993"],
    )
    bounce_imap_security: SmtpSecurity = Field(
        SmtpSecurity.TLS,
        description="`tls`, `starttls`, or `none` (clear text). Never falls back.",
        examples=["tls"],
    )
    bounce_imap_username: str | None = Field(
        None, description="Login at the IMAP server.", examples=["bounces@example.org"]
    )
    bounce_imap_password: SecretStr | None = Field(
        None, description="Its password. Never logged.", examples=["correct horse"]
    )
    bounce_imap_ca_file: Path | None = Field(
        None, description="As `DIGEST_SMTP_CA_FILE`, for that server.", examples=["/etc/ssl/ca.pem"]
    )
    bounce_imap_folder: OneLine = Field(
        "INBOX", description="The folder to read there.", examples=["INBOX"]
    )
    bounce_authserv_id: OneLine | None = Field(
        None,
        description="The name that the mail server of the bounce address uses in `Authentication-Results`; set it only if that server removes forged ones. A mail that says `unsubscribe` then unsubscribes its sender at once if the sender is proven; everybody else is first asked by mail.",
        examples=["mx.example.org"],
    )
    bounce_every: int = Field(
        10,
        ge=1,
        le=1440,
        description="Minutes between checks of the bounce mailbox.",
        examples=["10"],
    )
    dkim_keys: Items = Field(
        (),
        description="Private keys (PEM: RSA of 2048 bits or more, Ed25519) that sign every mail, as `selector:PATH`; for a relay that does not sign. Needs the extra `dkim`.",
        examples=["digest2026:/etc/digest/dkim.pem"],
    )
    dkim_domain: str | None = Field(
        None,
        description="The domain that signs. Default: the From address's.",
        examples=["example.org"],
    )
    warm_up_from: date | None = Field(
        None,
        description="The first day of sending from a new domain or address: 200 mails that day, then about double each day for ten days.",
        examples=["2026-11-20"],
    )
    operator_email: Mailbox | None = Field(
        None,
        description="The address that is told when sending pauses or a source looks wrong.",
        examples=["ops@example.org"],
    )
    list_name: OneLine = Field(
        "Daily Papers",
        min_length=1,
        max_length=60,
        description="The name of the digest.",
        examples=["Daily Papers"],
    )
    list_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9-]+$",
        description="The List-Id (RFC 2919). Default: made from the list's name and the sender's domain.",
        examples=["papers.example.org"],
    )
    postal_address: OneLine = Field(
        "",
        max_length=300,
        description="The sender's postal address, for the footer; required by law in many places.",
        examples=["Example Lab, 1 Main Street, Springfield"],
    )
    base_url: BaseUrl | None = Field(
        None,
        description="Where readers reach the web pages. Without it, mails link to the papers' own pages and unsubscribing is by mail.",
        examples=["https://papers.example.org"],
    )
    votes: VoteLinks | None = Field(
        None,
        description="Which papers of a mail have links to vote by: `picks` (and one link to a page for all), `all`, or `off`. Without web pages a vote is a mail to `DIGEST_BOUNCE_ADDRESS`. Default: `picks` where there are web pages, else `off`.",
        examples=["picks"],
    )
    reading_lists: bool = Field(
        True,
        description="Whether readers can keep papers for later: *Read later* beside the links to vote by, and a list for each reader. Needs web pages and `DIGEST_VOTES`.",
        examples=["false"],
    )
    secret_key: SigningKey | None = Field(
        None,
        description="Signs the links in mails: 16 random characters or more. Default: made once and kept in the database.",
        examples=["a long random text, from: openssl rand -hex 32"],
    )
    secret_keys: SigningKeys = Field(
        (),
        description="Older keys that still open links, newest first, while you rotate.",
        examples=["the-previous-secret-key"],
    )
    api_token: ApiTokens = Field(
        (),
        description="Tokens of programs that may manage subscribers by HTTP, each of 32 random characters or more, separated by commas. Without one there is no such API.",
        examples=["what this prints: openssl rand -hex 32"],
    )
    send_at: ClockTime = Field(
        time(8, 0),
        description="When the daily edition is made and sent, in `DIGEST_TIMEZONE`.",
        examples=["08:00"],
    )
    timezone: ZoneName = Field(
        "UTC",
        description="The zone that says which day it is (IANA name).",
        examples=["Europe/Paris"],
    )
    weekly_on: Weekday = Field(
        Weekday.MONDAY,
        description="The day on which weekly readers get the past week.",
        examples=["monday"],
    )
    ingest_every: int = Field(
        60,
        ge=1,
        le=1440,
        description="Minutes between checks of the sources, so that no change of a page is missed.",
        examples=["60"],
    )
    max_papers: int = Field(
        40,
        ge=5,
        le=200,
        description="Papers with a summary in the general mail; the others are listed by title or on the web.",
        examples=["40"],
    )
    picks: int = Field(4, ge=1, le=10, description="Top picks in the mail.", examples=["4"])
    summaries: SummaryChoice = Field(
        SummaryChoice.OWN,
        description="`own`: each paper's summary is made of its abstract. `source`: where the source gives a summary of its own"
        " (Hugging Face writes one by machine), that one is shown and labelled.",
        examples=["source"],
    )
    templates: Path | None = Field(
        None,
        description="A folder with your own templates; files that are missing there come from the package.",
        examples=["/etc/digest/templates"],
    )
    topics: Path | None = Field(
        None,
        description="Your own topics file.",
        examples=["/etc/digest/topics.toml"],
    )
    web_host: Host = Field(
        "127.0.0.1", description="Address the web pages listen on.", examples=["127.0.0.1"]
    )
    web_port: int = Field(
        8000, ge=1, le=65535, description="Port of the web pages.", examples=["8000"]
    )
    trusted_proxies: Networks = Field(
        (),
        description="Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed.",
        examples=["127.0.0.1, 10.0.0.0/8"],
    )

    signup: SignUpMode | None = Field(
        None,
        description="Who may sign up: `open` (anybody), `domains` (addresses at `DIGEST_SIGNUP_DOMAINS`, and who was invited), `invite` (only who was invited, see `digest invite`) or `closed`. You can add anybody yourself. Default: `open`, or `domains` where those are set.",
        examples=["domains"],
    )
    signup_domains: Domains = Field(
        (),
        validate_default=True,
        description="The domains whose addresses may sign up. `lab.org` is that one alone, `*.lab.org` every name below it.",
        examples=["lab.org, *.lab.org"],
    )
    signup_approval: bool = Field(
        False,
        description="Whoever signs up and confirms waits until you approve them: `digest subscribers waiting`, `approve` and `decline`. `DIGEST_OPERATOR_EMAIL` is told once a day at most.",
        examples=["true"],
    )
    signup_embed: Origins = Field(
        (),
        description="Sites that may show the sign-up form: their pages may frame `/subscribe?embed`, and have a form of their own that posts to it. `https://*.lab.org` is every name below it.",
        examples=["https://www.lab.org"],
    )
    signups_per_network: int = Field(
        20,
        ge=1,
        le=100_000,
        description="Sign-ups per hour from one network; further ones wait.",
        examples=["20"],
    )
    signups_per_hour: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Sign-ups per hour in all; further ones wait.",
        examples=["1000"],
    )
    keep_departed: int = Field(
        90,
        ge=1,
        le=36_500,
        description="Days after which the address of a subscriber who unsubscribed or could not be reached is replaced by a hash, kept only so that it is never written to again.",
        examples=["90"],
    )
    keep_unconfirmed: int = Field(
        7,
        ge=1,
        le=36_500,
        description="Days after which a sign-up that was not confirmed is deleted.",
        examples=["7"],
    )
    keep_networks: int = Field(
        365,
        ge=1,
        le=36_500,
        description="Days after which the hash of the network of a sign-up is deleted.",
        examples=["365"],
    )
    keep_quarantine: int = Field(
        30,
        ge=1,
        le=36_500,
        description="Days after which a returned message kept for the operator is deleted.",
        examples=["30"],
    )
    keep_held: int = Field(
        30,
        ge=1,
        le=36_500,
        description="Days after which a reading that looked implausible and was not accepted is deleted.",
        examples=["30"],
    )
    backup_recipient: OneLine = Field(
        "",
        description="The age public key that backups are encrypted for; whoever has its secret key can read them. Without it `digest backup` writes them as they are.",
        examples=["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"],
    )
    welcome_mail: bool = Field(
        False, description="Send a welcome mail to each new subscriber.", examples=["false"]
    )
    goodbye_mail: bool = Field(
        False,
        description="Send a last mail to each subscriber who unsubscribes.",
        examples=["false"],
    )

    @field_validator("signup_domains")
    @classmethod
    def _domains_that_count(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Domains belong to the rule that asks for them, and to no other."""
        mode = info.data.get("signup")
        if value and mode not in (None, SignUpMode.DOMAINS):
            raise ValueError(f"has no effect, because DIGEST_SIGNUP is {mode}, not domains")
        if not value and mode is SignUpMode.DOMAINS:
            raise ValueError("is missing, because DIGEST_SIGNUP=domains lets in nobody without it")
        return value

    @property
    def sign_up_mode(self) -> SignUpMode:
        """The choice of who may sign up; naming domains is one."""
        return self.signup or (SignUpMode.DOMAINS if self.signup_domains else SignUpMode.OPEN)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that answers "which day is it"."""
        return ZoneInfo(self.timezone)

    @property
    def relay_port(self) -> int:
        """The port to connect to, by the standard one of the chosen security."""
        standard = {SmtpSecurity.STARTTLS: 587, SmtpSecurity.TLS: 465, SmtpSecurity.NONE: 25}
        return self.smtp_port or standard[self.smtp_security]

    @property
    def vote_links(self) -> VoteLinks:
        """The papers of a mail that have vote links; none where nobody would hear of a vote."""
        if self.base_url is None and self.bounce_address is None:
            return VoteLinks.OFF
        if self.votes is not None:
            return self.votes
        return VoteLinks.PICKS if self.base_url is not None else VoteLinks.OFF

    @property
    def expiry(self) -> timedelta:
        """The time after publishing during which an edition may still be sent."""
        return timedelta(hours=self.expire_after)

    @property
    def hold(self) -> timedelta:
        """The time for which an edition is held for its preview; zero where nobody is to see it."""
        return timedelta(minutes=(self.hold_for or HOLD_MINUTES) if self.preview_to else 0)

    @property
    def weekly_weekday(self) -> int:
        """``DIGEST_WEEKLY_ON`` as `datetime.date.weekday` counts, Monday 0."""
        return list(Weekday).index(self.weekly_on)
