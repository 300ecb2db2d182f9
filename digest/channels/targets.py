"""Targets of posts, read from ``DIGEST_POST_TO``: which service, where, and with which secrets.

A target is the service's own address, before it the service's name unless its host says it, and
after a ``#`` options, which are never sent as part of the address::

    https://hooks.slack.com/services/T000/B000/XXXX
    mattermost+https://chat.example.org/hooks/xxxx#name=lab&only=vision+robotics
    zulip+https://lab.zulipchat.com#bot=digest-bot@lab.zulipchat.com&key=XXXX&channel=papers
    webhook+https://receiver.example.org/papers#secret=whsec_XXXX

No message from here repeats an address, for that is the secret.
"""

from __future__ import annotations

import base64
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from digest.channels.signature import decode_secret
from digest.errors import ConfigurationError
from digest.model import Frequency

SETTING = "DIGEST_POST_TO"


class Service(StrEnum):
    """The services that can be posted to."""

    SLACK = "slack"
    MATTERMOST = "mattermost"
    ZULIP = "zulip"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    MATRIX = "matrix"
    WEBHOOK = "webhook"

    @property
    def drops_repeats(self) -> bool:
        """True if a repeat under the same id is one post: Matrix's transaction id, ``webhook-id``."""
        return self in (Service.MATRIX, Service.WEBHOOK)


_OWN = {
    Service.SLACK: (),
    Service.MATTERMOST: (),
    Service.DISCORD: (),
    Service.ZULIP: ("bot", "key", "channel"),
    Service.TELEGRAM: ("token", "chat"),
    Service.MATRIX: ("token", "room"),
    Service.WEBHOOK: ("secret",),
}
"""Options that a service needs."""
_OPTIONAL = {Service.ZULIP: ("topic",)}
_COMMON = ("name", "only", "frequency", "cleartext")
_PATH_IS_SECRET = (Service.SLACK, Service.MATTERMOST, Service.DISCORD, Service.WEBHOOK)
_EXAMPLES = {
    Service.SLACK: "https://hooks.slack.com/services/T000/B000/XXXX",
    Service.MATTERMOST: "mattermost+https://chat.example.org/hooks/XXXX",
    Service.DISCORD: "https://discord.com/api/webhooks/000/XXXX",
    Service.ZULIP: "zulip+https://lab.zulipchat.com#bot=digest-bot@lab.zulipchat.com&key=XXXX"
    "&channel=papers",
    Service.TELEGRAM: "telegram+https://api.telegram.org#token=000:XXXX&chat=@papers",
    Service.MATRIX: "matrix+https://matrix.example.org#token=XXXX&room=!XXXX:example.org",
    Service.WEBHOOK: "webhook+https://receiver.example.org/papers#secret=whsec_XXXX",
}
_HOSTS = {
    "hooks.slack.com": Service.SLACK,
    "discord.com": Service.DISCORD,
    "discordapp.com": Service.DISCORD,
    "ptb.discord.com": Service.DISCORD,
    "canary.discord.com": Service.DISCORD,
}
_LIKELY = (
    ("api.telegram.org", Service.TELEGRAM),
    ("zulip", Service.ZULIP),
    ("matrix", Service.MATRIX),
    ("/hooks/", Service.MATTERMOST),
    ("/api/webhooks/", Service.DISCORD),
)
"""Parts of an address by which a service is guessed, to name it; it is never assumed."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}", re.IGNORECASE)
_TELEGRAM_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,100}")
_ROOM = re.compile(r"![^\s:/?#]{1,200}(?::[^\s/?#]{1,250})?")


@dataclass(frozen=True, slots=True)
class PostTarget:
    """A chat channel or a webhook, with the secrets to post there; these are never shown.

    ``name`` stands for it in the database, in logs and in commands. ``url`` is without options.
    ``only`` are topics: papers of others are left out. ``frequency`` says which editions it gets.
    """

    name: str
    service: Service
    url: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    only: tuple[str, ...] = ()
    frequency: Frequency = Frequency.DAILY

    @property
    def host(self) -> str:
        """The host, which is no secret."""
        return urlsplit(self.url).hostname or ""

    @property
    def shown(self) -> str:
        """The target for a person."""
        name = "" if self.name == self.service else f"{self.name}: "
        return f"{name}{self.service} at {self.host}"

    @property
    def login(self) -> str:
        """The bot's name and key, as HTTP's basic authentication writes them (RFC 7617)."""
        pair = f"{self.options.get('bot', '')}:{self.options.get('key', '')}"
        return base64.b64encode(pair.encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must not be repeated, should the other side quote them."""
        parts = urlsplit(self.url)
        found = [self.options.get(name, "") for name in ("key", "token", "secret")]
        if "key" in self.options:
            found.append(self.login)
        if self.service in _PATH_IS_SECRET:
            found += [parts.path, parts.query, *parts.path.split("/")]
        return tuple(sorted({text for text in found if len(text) > 7}, key=len, reverse=True))


def read_targets(items: Sequence[str]) -> tuple[PostTarget, ...]:
    """Read the targets, in their order.

    Raises `ConfigurationError` for the first that cannot be used, by its place in the setting, and
    for two of one name.
    """
    targets: list[PostTarget] = []
    for place, item in enumerate(items, 1):
        target = _Item(item, f"{SETTING}, item {place} of {len(items)}").target()
        if target.name in {other.name for other in targets}:
            raise ConfigurationError(
                f"the name {target.name} is another target's already",
                where=f"{SETTING}, item {place} of {len(items)}",
                mend=f"Name it by adding, for example, {_joint(item)}name={target.name}-2",
            )
        targets.append(target)
    return tuple(targets)


def _joint(item: str) -> str:
    return "&" if "#" in item else "#"


class _Item:
    """One item of the setting. Whatever is wrong with it is told without repeating it."""

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        address, _, options = text.strip().partition("#")
        self._scheme, _, rest = address.partition("://")
        self._prefix, plus, self._transport = self._scheme.lower().rpartition("+")
        if not plus:
            self._prefix, self._transport = "", self._scheme.lower()
        self._rest = rest
        self._options_text = options

    def target(self) -> PostTarget:
        parts = self._parts()
        service = self._service(parts)
        options = self._options(service)
        self._refuse_clear_text(parts, options, service)
        url = f"{self._transport}://{self._rest}"
        frequency = options.get("frequency", Frequency.DAILY)
        if frequency not in list(Frequency):
            raise self._wrong(
                f"frequency={frequency[:20]} is none: {_choice(frequency, list(Frequency))}"
            )
        name = options.get("name", str(service))
        if not _NAME.fullmatch(name):
            raise self._wrong("name= takes letters, digits, dots and hyphens, 40 at most")
        self._check_own(service, options)
        only = tuple(filter(None, options.get("only", "").split("+")))
        return PostTarget(name, service, url, options, only, Frequency(frequency))

    def _wrong(self, what: str, mend: str = "") -> ConfigurationError:
        return ConfigurationError(what, where=self._where, mend=mend)

    def _parts(self) -> SplitResult:
        if self._transport not in ("https", "http"):
            service = _nearest(self._prefix or self._scheme, [str(kind) for kind in Service])
            example = _EXAMPLES[Service(service)] if service else _EXAMPLES[Service.MATTERMOST]
            meant = "Did you mean" if service else "Write it like"
            raise self._wrong("is no https:// address", f"{meant} {example}")
        try:
            parts = urlsplit(f"{self._transport}://{self._rest}")
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise self._wrong("is no web address") from None
        if not host or re.search(r"[\s\x00-\x20\x7f\\]", self._rest):
            raise self._wrong("is no web address: it has no host, or a blank in it")
        if "@" in parts.netloc:
            raise self._wrong(
                "has a name or a password before its host",
                "Secrets of this kind stand after a #, for example #token=XXXX",
            )
        return parts

    def _service(self, parts: SplitResult) -> Service:
        services = [str(kind) for kind in Service]
        if self._prefix:
            if self._prefix not in services:
                raise self._wrong(
                    f"{self._prefix[:20]}+ is no service: {_choice(self._prefix, services)}"
                )
            return Service(self._prefix)
        host = parts.hostname or ""
        if host in _HOSTS:
            return _HOSTS[host]
        likely = (kind for part, kind in _LIKELY if part in f"{host}{parts.path}")
        guess = next(likely, Service.WEBHOOK)
        raise self._wrong(
            "does not say which service it is",
            f"Put its name before the address ({', '.join(services)}). Did you mean "
            f"{_EXAMPLES[guess]}",
        )

    def _options(self, service: Service) -> dict[str, str]:
        known = (*_OWN[service], *_OPTIONAL.get(service, ()), *_COMMON)
        options: dict[str, str] = {}
        for part in filter(None, self._options_text.split("&")):
            name, _, value = part.partition("=")
            if name not in known:
                shown = name if re.fullmatch(r"[a-z_-]{1,20}", name) else "what stands after #"
                raise self._wrong(f"{shown} is no option of {service}: {_choice(name, known)}")
            if name in options:
                raise self._wrong(f"{name}= is given twice")
            options[name] = unquote(value).strip()
        missing = [name for name in _OWN[service] if not options.get(name)]
        if missing:
            raise self._wrong(
                f"{service} needs {' and '.join(f'{name}=' for name in missing)} after the #",
                f"For example {_EXAMPLES[service]}",
            )
        return options

    def _check_own(self, service: Service, options: Mapping[str, str]) -> None:
        if service is Service.WEBHOOK:
            try:
                decode_secret(options["secret"])
            except ValueError as error:
                raise self._wrong(
                    f"secret= {error}", 'Make one: echo "whsec_$(openssl rand -base64 32)"'
                ) from None
        if service is Service.TELEGRAM and not _TELEGRAM_TOKEN.fullmatch(options["token"]):
            raise self._wrong(
                "token= is no bot token", "BotFather gives it, in the form 123456:ABC-DEF"
            )
        if service is Service.MATRIX and not _ROOM.fullmatch(options["room"]):
            raise self._wrong(
                "room= is no room id",
                "It begins with ! (an alias begins with #): see the room's settings, Advanced",
            )
        secret_path = service in (Service.SLACK, Service.MATTERMOST, Service.DISCORD)
        if secret_path and not urlsplit(f"https://{self._rest}").path.strip("/"):
            raise self._wrong("has no path: it is cut short", f"For example {_EXAMPLES[service]}")

    def _refuse_clear_text(
        self, parts: SplitResult, options: Mapping[str, str], service: Service
    ) -> None:
        said = options.get("cleartext", "no").lower()
        if said not in ("yes", "no"):
            raise self._wrong("cleartext= takes yes or no")
        if self._transport == "https" or said == "yes" or _is_loopback(parts.hostname or ""):
            return
        raise self._wrong(
            "http:// would send its secret in the clear",
            f"Use {service}+https://, or, in a network you trust, add cleartext=yes after the #",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _nearest(word: str, known: Sequence[str]) -> str:
    return next(iter(difflib.get_close_matches(word.lower(), known, 1, 0.6)), "")


def _choice(word: str, known: Sequence[str]) -> str:
    """Name the likely meant word, else all there are."""
    nearest = _nearest(word, known)
    return f"did you mean {nearest}?" if nearest else f"there are {', '.join(known)}"
