"""Make what sources are read with, from the settings: the pace, the cache, who we say we are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.wiring.store_parts import StoreParts

if TYPE_CHECKING:
    from datetime import date

    from digest.sources.fetching.pace import Pace
    from digest.sources.tools import SourceTools

_NOT_IN_A_HEADER = re.compile(r"[^\x20-\x7e]|[()]")


class SourceParts(StoreParts):
    """The parts that ask services and hosts for papers."""

    @cached_property
    def source_tools(self) -> SourceTools:
        """The tools for looking only: turns of this process, nothing known of earlier readings."""
        return self._tools(None)

    def tools_for(self, locations: Iterable[str]) -> SourceTools | None:
        """The tools for looking at these; `None` where only files are, which need none."""
        from digest.sources import is_remote

        return self.source_tools if any(map(is_remote, locations)) else None

    @cached_property
    def shared_source_tools(self) -> SourceTools:
        """The tools for reading into the store: turns of all machines, missed days caught up."""
        from digest.daily.shared_pace import SharedPace

        return self._tools(SharedPace(self.store))

    def _tools(self, pace: Pace | None) -> SourceTools:
        import platformdirs

        from digest.sources.fetching.fetch_cache import FetchCache
        from digest.sources.fetching.fetcher import Fetcher
        from digest.sources.fetching.pace import ProcessPace
        from digest.sources.tools import SourceTools

        fetcher = Fetcher(
            pace=pace or ProcessPace(),
            cache=FetchCache(platformdirs.user_cache_path("digest") / "fetched"),
            user_agent=self._user_agent(),
        )
        return SourceTools(
            fetcher,
            last_read=self._last_read if pace is not None else lambda location: None,
            most_days=self.settings.catch_up_days,
            endpoints=self._endpoints(),
        )

    def _user_agent(self) -> str:
        from importlib.metadata import version

        contact = self.settings.contact or self.settings.base_url or "self-hosted"
        return (
            f"papers-digest/{version('papers-digest')} (+{_NOT_IN_A_HEADER.sub('', contact)[:200]})"
        )

    def _endpoints(self) -> dict[str, str]:
        """The other addresses of services, by scheme.

        Raises `digest.errors.ConfigurationError` for one that is not written as ``hf=https://…``.
        """
        endpoints = {}
        for item in self.settings.endpoints:
            scheme, _, address = item.partition("=")
            if not scheme or "://" not in address:
                raise ConfigurationError(
                    f"{item!r} is no address of a service",
                    where="DIGEST_ENDPOINTS",
                    mend="Write hf=https://mirror.example.org",
                )
            endpoints[scheme.strip()] = address.strip()
        return endpoints

    def _last_read(self, location: str) -> date | None:
        """The last day for which a location was read in full."""
        from digest.sources import source_name

        with self.store.read() as unit:
            health = unit.source_health.get(source_name(location))
        return health.read_day if health is not None else None
