"""Services asked at a misbehaving host: each case, and the line that an operator should see."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sources.fetching.hurried import hurried
from sources.fetching.misbehaving_host import TODAY

from digest.model import Record
from digest.sources import LocationReader, SourceLimits
from digest.sources.tools import SourceTools

SERVICES = ("hf:daily", "arxiv:cs.LG", "biorxiv:all", "oai:")
FEED, HARVEST = ("arxiv:cs.LG",), ("oai:",)
LAST_READ = date(2026, 11, 18)
_SLOW = r"no complete answer within"
_CUT = "ends in the middle"
_LARGE = r"over the limit of 10 MB"


@dataclass(frozen=True, slots=True)
class Case:
    """A behaviour of the host, the words expected of it, and whom it is tried on.

    ``papers`` is how many may come all the same; ``trusted`` is whether the certificate is.
    """

    behaviour: str
    says: str
    services: Sequence[str] = SERVICES
    papers: int = 0
    trusted: bool = True


CASES = (
    Case("well", "", papers=3),
    Case("well", "certificate cannot be trusted", trusted=False),
    Case("busy_for_a_moment", "", papers=3),
    Case("busy_for_long", "answers 429, and wants 900 s of rest"),
    Case("busy_until_a_date", "answers 429, and wants 10,[78]"),
    Case("busy_without_a_word", "answers 429"),
    Case("down", "answers 503"),
    Case("gone", "answers 404"),
    Case("silent", _SLOW),
    Case("slow_head", _SLOW),
    Case("slow_body", _SLOW),
    Case("endless_head", "cannot be fetched|" + _SLOW),
    Case("cut", _CUT),
    Case("cut_chunks", _CUT),
    Case("cut_gzip", _CUT),
    Case("cut_gzip_at_once", _CUT),
    Case("cut_without_length", "damaged|ends in the middle"),
    Case("reset", "disconnected without sending"),
    Case("gzip_bomb", _LARGE),
    Case("image", "PNG picture"),
    Case("error_page", "it seems to be an error page"),
    Case("error_object", "JSON, but not of papers"),
    Case("other_format", "JSON, but not of papers"),
    Case("nothing", "empty"),
    Case("empty", "nothing|no papers", ("hf:daily", "arxiv:cs.LG", "biorxiv:all")),
    Case("redirects", "redirects more than 5 times"),
    Case("redirects_home", "private network or on this machine"),
    Case("redirects_inside", "private network or on this machine"),
    Case("redirects_down", "redirects to http://"),
    Case("redirects_by_name", "private network or on this machine"),
    Case("large", _LARGE),
    Case("large_and_said", _LARGE),
    Case("entities", "entities|damaged|XML"),
    Case("json_bomb", "JSON of more than"),
    Case("json_digits", "JSON"),
    Case("deep_json", "JSON"),
    Case("deep_xml", "damaged|tags|entries|no papers|nested"),
    Case("wide_xml", "damaged|attributes|no papers"),
    Case("token_dies_once", "", HARVEST, papers=6),
    Case("token_dies", "badResumptionToken", HARVEST, papers=3),
    Case("same_token", "goes on where it went on before", HARVEST, papers=3),
    Case("endless_list", "more papers than can be read", HARVEST, papers=39_000),
)


SLOWEST = frozenset({"endless_list", "gzip_bomb", "large", "large_and_said"})
"""Cases of many megabytes, which are measured by hand (``tests/bench/misbehaving_hosts.py``)."""


@dataclass
class Outcome:
    """What came of a case."""

    records: list[Record] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    look_ups: int = 0


def read_case(
    address: str,
    behaviour: str,
    service: str,
    context: ssl.SSLContext | None,
    *,
    timeout: float = 1.0,
) -> Outcome:
    """Read a service whose endpoint is the misbehaving host."""
    outcome = Outcome()
    endpoint = f"{address}/{behaviour}"

    def look_up(host: str, port: int) -> list[str]:
        outcome.look_ups += 1
        # Another answer every time: public when it is checked, private when it is used.
        return [["93.184.216.34"], ["127.0.0.1"]][outcome.look_ups % 2]

    tools = SourceTools(
        hurried(SourceLimits(timeout=timeout), context=context, resolve=look_up),
        last_read=lambda location: LAST_READ if behaviour == "empty" and "hf" in location else None,
        endpoints=dict.fromkeys(("hf", "arxiv", "biorxiv"), endpoint),
    )
    location = f"oai:{endpoint}/oai?metadataPrefix=arXiv" if service == "oai:" else service
    reader = LocationReader([location], today=TODAY, tools=tools)
    for dump in reader:
        outcome.records.extend(dump.records)
    outcome.lines = [str(error) for error in reader.failed]
    outcome.lines += [piece.reason for piece in reader.rejected]
    return outcome
