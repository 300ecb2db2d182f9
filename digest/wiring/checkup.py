"""What ``digest check`` looks at: everything that could keep a mail from leaving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digest.errors import ConfigurationError, DigestError
from digest.settings import load_settings, misspelt
from digest.wiring import House


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``digest check`` looked at."""

    what: str
    ok: bool
    says: str


def inspect() -> Iterator[Finding]:
    """Look at everything that could keep a mail from leaving, without sending one."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        yield Finding("settings", False, str(error))
        return
    strays = misspelt()
    yield Finding("settings", not strays, "; ".join(strays) or "every value can be used")
    house = House(settings)
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database", lambda: _look_at_store(house)),
        ("sources", lambda: _look_at_sources(house)),
        ("topics", lambda: f"{len(house.topics.topics)} topics"),
        ("templates", lambda: _look_at_templates(house)),
        ("relay", lambda: _look_at_relay(house)),
        ("signing", lambda: _look_at_signers(house)),
    )
    for what, look in looks:
        try:
            yield Finding(what, True, look())
        except DigestError as error:
            yield Finding(what, False, str(error))


def _look_at_store(house: House) -> str:
    from digest.model import SubscriberState
    from digest.store import open_store

    # Looked at as it is: a check makes no database, so that a wrong path shows.
    store = open_store(house.settings.database_url)
    if store.is_empty():
        return f"none yet: {store.place} will be made by the first command that needs it"
    with house.store.read() as unit:
        readers = unit.subscribers.counts()[SubscriberState.ACTIVE]
    return f"reachable and current; {readers} active reader{'' if readers == 1 else 's'}"


def _look_at_sources(house: House) -> str:
    from digest.model import Rejected
    from digest.sources import open_source

    papers = 0
    for location in house.sources(None):
        for reading in open_source(location).read(today=house.desk.day(house.clock())):
            if isinstance(reading, Rejected):
                raise ConfigurationError(reading.reason, where=reading.location)
            papers += len(reading.records)
    return f"{papers} papers can be read now"


def _look_at_templates(house: House) -> str:
    from digest.web.templates import Templates

    house.renderer.check()
    Templates(house.settings.templates, house.letterhead).check()
    return f"from {house.settings.templates or 'the package'}; all can be used"


def _look_at_relay(house: House) -> str:
    house.require_relay()
    returns = house.return_address
    if house.verp:
        returns = f"{returns}, each with a token"
    return ", ".join((*house.transport.verify(), f"bounces go to {returns}"))


def _look_at_signers(house: House) -> str:
    named = [f"{one.selector} of {one.domain} ({one.algorithm})" for one in house.signers]
    return ", ".join(named) or "no DKIM key is set: right where the relay signs"
