"""The settings that come first: where everything is kept, the sources, the relay, and the hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from digest.model import UnknownPolicy
from digest.settings.data_place import find_data_place
from digest.settings.env_file import DEFAULT_NAME
from digest.settings.values import FewMailboxes, Host, Items, SecretItems, SmtpSecurity

PREFIX = "DIGEST_"
HOLD_MINUTES = 60
"""Minutes that an edition is held where only its first readers are named."""


class SendingFields(BaseSettings):
    """The first fields of `digest.settings.fields.Settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=DEFAULT_NAME,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    database_url: str = Field(
        default_factory=lambda: find_data_place().url,
        description="Where everything is remembered: `sqlite:///PATH` or `postgresql://…`.",
        examples=["sqlite:////var/lib/digest/digest.sqlite3"],
    )
    state_folder: Path = Field(
        default_factory=lambda: find_data_place().state,
        description="The folder on a local disk where this machine records its own sending: the mails being sent, and the state of the database, so that a restored copy is noticed. Keep it out of the database's backups.",
        examples=["/var/lib/digest-state"],
    )
    sources: Items = Field(
        (),
        description="What is read each day: services (`hf:daily`, `arxiv:cs.LG+cs.CL`, `biorxiv:neuroscience`, `oai:https://…`), feeds and pages by their `https://` address, files and folders, separated by commas or newlines.",
        examples=["hf:daily, arxiv:cs.LG+cs.CL"],
    )
    catch_up_days: int = Field(
        14,
        ge=0,
        le=90,
        description="How many past days a service is asked for at most, after it was out of reach or the program did not run.",
        examples=["14"],
    )
    endpoints: Items = Field(
        (),
        description="Addresses of services to use instead of the usual ones, such as a mirror: `hf=https://…`, `arxiv=https://…`, separated by commas or newlines.",
        examples=["hf=https://mirror.example.org"],
    )
    contact: str | None = Field(
        None,
        description="Contact for the hosts of sources, sent with each request: an address or a page. Default: `DIGEST_BASE_URL`.",
        examples=["https://papers.example.org"],
    )
    smtp_host: Host | None = Field(
        None, description="The mail relay.", examples=["smtp.example.org"]
    )
    smtp_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Its port. Default: 587 with `starttls`, 465 with `tls`, 25 with `none`.",
        examples=["587"],
    )
    smtp_security: SmtpSecurity = Field(
        SmtpSecurity.STARTTLS,
        description="`starttls`, `tls`, or `none` (clear text: only on a machine or network you trust). Never falls back.",
        examples=["starttls"],
    )
    smtp_username: str | None = Field(
        None, description="Login at the relay, if it requires one.", examples=["digest"]
    )
    smtp_password: SecretStr | None = Field(
        None, description="Its password. Never logged.", examples=["correct horse"]
    )
    smtp_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) to trust instead of the system's, for a relay with a private authority.",
        examples=["/etc/ssl/private-ca.pem"],
    )
    smtp_connections: int = Field(
        2, ge=1, le=64, description="Connections to the relay at once.", examples=["2"]
    )
    smtp_rate: float = Field(
        0, ge=0, description="Mails a second at most, in all; 0 is no limit.", examples=["14"]
    )
    smtp_domain_rate: float = Field(
        0,
        ge=0,
        description="Mails a second at most to any one recipient domain; 0 is no limit.",
        examples=["5"],
    )
    retry_after: float = Field(
        300,
        gt=0,
        le=86_400,
        description="Seconds before the first retry of a deferred mail; each further wait doubles.",
        examples=["300"],
    )
    unknown_policy: UnknownPolicy = Field(
        UnknownPolicy.HOLD,
        description="A mail whose outcome was lost: `hold` it, or `resend` it once under the same Message-ID.",
        examples=["hold"],
    )
    expire_after: float = Field(
        36,
        gt=0,
        le=24 * 14,
        description="Hours after publishing when an edition is stale: no mail of it starts after that.",
        examples=["36"],
    )
    preview_to: FewMailboxes = Field(
        (),
        description="Addresses that get a preview of each edition, with a link to stop it: up to 20. Everybody else gets the edition `DIGEST_HOLD_FOR` minutes later, unless somebody stopped it.",
        examples=["editor@example.org, deputy@example.org"],
    )
    hold_for: int | None = Field(
        None,
        ge=1,
        le=60 * 24 * 13,
        validate_default=True,
        description="Minutes that an edition is held after its preview was sent. Default with `DIGEST_PREVIEW_TO`: 60.",
        examples=["60"],
    )
    post_to: SecretItems = Field(
        (),
        description="Chat channels and webhooks that each edition is posted to, separated by commas or newlines: the service's own address, with its name before it (`mattermost+https://…`) and options after a `#`. See [Chat channels and webhooks](../posts.md). Never shown or logged.",
        examples=["https://hooks.slack.com/services/T000/B000/XXXX"],
    )

    @field_validator("hold_for")
    @classmethod
    def _hold_that_ends_in_time(cls, value: int | None, info: ValidationInfo) -> int | None:
        """A hold needs somebody who looks, and must end while the edition may still be sent."""
        watched = info.data.get("preview_to")
        if value is not None and watched == ():
            raise ValueError("has no effect, because DIGEST_PREVIEW_TO names no address")
        if watched and (value or HOLD_MINUTES) >= 60 * info.data.get("expire_after", 36):
            raise ValueError(
                "is not shorter than DIGEST_EXPIRE_AFTER, so no edition would ever be sent"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _state_of_a_named_database(cls, given: Any) -> Any:
        """Only a database that follows its folder takes the state along: see `data_place`."""
        if isinstance(given, dict) and given.get("database_url") and "state_folder" not in given:
            return {**given, "state_folder": platformdirs.user_state_path("digest")}
        return given
