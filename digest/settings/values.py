"""The forms that settings are written in: addresses, lists, times, zones, and a few choices."""

from __future__ import annotations

import re
from datetime import time
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

from digest.hours import is_zone
from digest.model import MOST_PREVIEWS
from digest.settings.api_tokens import fit_tokens
from digest.settings.signing_keys import fit_key, fit_keys


class SmtpSecurity(StrEnum):
    """The protection of a connection to a mail server. There is no fallback between these."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Weekday(StrEnum):
    """A day of the week, in English."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _list(value: object) -> object:
    """Newlines or commas separate the items of a list; a path with a comma needs newlines."""
    if not isinstance(value, str):
        return value
    separator = "\n" if "\n" in value.strip() else ","
    return tuple(item.strip() for item in value.split(separator) if item.strip())


def _clock_time(value: object) -> object:
    """``7`` and ``7:30`` are what people write."""
    if not isinstance(value, str):
        return value
    hours, _, rest = value.strip().partition(":")
    return f"{hours:0>2}:{rest or '00'}"


def _zone(value: str) -> str:
    if not is_zone(value):
        near = _near_zone(value)
        raise ValueError(f"is not a time zone name{f'. Did you mean {near}?' if near else ''}")
    return value


def _near_zone(value: str) -> str:
    """The zone that was likely meant: of that city, or of that offset; ``""`` if none stands out."""
    from digest.hours import zone_names

    offset = re.fullmatch(r"(?:UTC|GMT)([+-])0?(\d{1,2})(?::?00)?", value.strip().upper())
    if offset is not None:
        # POSIX counts the other way round: Etc/GMT-1 is an hour ahead of Greenwich.
        zone = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
        return zone if is_zone(zone) else ""
    city = value.strip().rpartition("/")[2].replace(" ", "_").casefold()
    names = sorted(zone_names())
    return next((name for name in names if name.rpartition("/")[2].casefold() == city), "")


def _mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    local, _, domain = address.rpartition("@")
    if (
        not local
        or ("." not in domain and domain != "localhost")
        or any(c in "\r\n" for c in value)
    ):
        raise ValueError("is not a mail address")
    return value


def _few_mailboxes(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > MOST_PREVIEWS:
        raise ValueError(f"names more than {MOST_PREVIEWS} addresses")
    return tuple(dict.fromkeys(_mailbox(item) for item in value))


def _host(value: str, info: ValidationInfo) -> str:
    """A host alone: a scheme or a port with it would be looked up as part of the name."""
    host = value.strip()
    if "://" in host or "/" in host:
        raise ValueError("is not a host name alone: leave out the scheme and the path")
    name, _, port = host.rpartition(":")
    if name and port.isdigit() and (":" not in name or name.endswith("]")):
        port_setting = f"DIGEST_{info.field_name}".upper().replace("_HOST", "_PORT")
        raise ValueError(f"holds a port: leave it out here, and set {port_setting}={port}")
    if not host or any(character.isspace() for character in host):
        raise ValueError("is not a host name")
    return host.strip("[]")


def _base_url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("does not start with https:// or http://")
    return value.rstrip("/")


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for item in value:
        try:
            ip_network(item, strict=False)
        except ValueError as error:
            raise ValueError(f"{item!r} is not an address or a network") from error
    return value


_DOMAIN = re.compile(r"(\*\.)?[^\s@*/:.\x00-\x1f]{1,63}(\.[^\s@*/:.\x00-\x1f]{1,63}){1,10}")
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,10}(:[0-9]{1,5})?")


def _domains(value: tuple[str, ...]) -> tuple[str, ...]:
    """Domains of addresses; a ``*.`` stands for every name below."""
    domains = tuple(item.lower().rstrip(".") for item in value)
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise ValueError(
                f"{domain[:80]!r} is not a domain: write lab.org, or *.lab.org for all names below it"
            )
    return tuple(dict.fromkeys(domains))


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Sites by scheme, host and port, as a browser names them; a ``*.`` stands for every name below."""
    origins = tuple(item.lower().rstrip("/") for item in value)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin[:80]!r} is not a site: write https://www.lab.org, without a path, or https://*.lab.org"
            )
    return tuple(dict.fromkeys(origins))


def _one_line(value: str) -> str:
    return " ".join(value.split())


Items = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Host = Annotated[str, AfterValidator(_host)]
FewMailboxes = Annotated[Items, AfterValidator(_few_mailboxes)]
ZoneName = Annotated[str, AfterValidator(_zone)]
OneLine = Annotated[str, AfterValidator(_one_line)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Domains = Annotated[Items, AfterValidator(_domains)]
Origins = Annotated[Items, AfterValidator(_origins)]
Networks = Annotated[Items, AfterValidator(_networks)]
SigningKey = Annotated[SecretStr, AfterValidator(fit_key)]
SecretItems = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_list)]
SigningKeys = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_list), AfterValidator(fit_keys)
]
ApiTokens = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_list), AfterValidator(fit_tokens)
]
