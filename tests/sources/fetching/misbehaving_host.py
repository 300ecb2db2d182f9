"""A host on real sockets, with TLS, that does what hosts should not: a behaviour for each first part of a path.

``https://127.0.0.1:PORT/cut/api/daily_papers`` is what a service asks whose endpoint is ``…/cut``.
"""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import trustme

MEGABYTE = 1 << 20
TODAY = date(2026, 11, 20)
"""A Friday."""
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ERROR_PAGE = (
    b"<!doctype html><html><head><title>Something went wrong</title></head><body>"
    b"<h1>502 Bad Gateway</h1><p>The server is down for maintenance. Please try again later.</p>"
    b"</body></html>"
)
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9)
    )
    + b"]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>"
)


def rows(first: int, count: int) -> list[dict[str, object]]:
    """Rows of papers as Hugging Face lists them."""
    return [
        {
            "paper": {
                "id": f"2611.{number:05}",
                "title": f"Lanterns and Moths, Part {number}",
                "summary": f"We train a model on {number} moths and show that it finds lanterns.",
                "authors": [{"name": "Ada Invented"}, {"name": "Ben Made-Up"}],
                "upvotes": 3,
                "publishedAt": "2026-11-19T00:00:00.000Z",
            }
        }
        for number in range(first, first + count)
    ]


def feed(first: int = 1, count: int = 3, built: str = "Fri, 20 Nov 2026 05:00:00 +0000") -> bytes:
    """An RSS feed as arXiv writes it."""
    items = "".join(
        f"<item><title>Lanterns and Moths, Part {number}</title>"
        f"<link>https://arxiv.org/abs/2611.{number:05}</link>"
        f"<description>arXiv:2611.{number:05}v1 Announce Type: new \nAbstract: We train a model"
        f" on {number} moths and show that it finds lanterns.</description>"
        f"<guid isPermaLink='false'>oai:arXiv.org:2611.{number:05}v1</guid>"
        "<category>cs.LG</category><arxiv:announce_type>new</arxiv:announce_type>"
        "<dc:creator>Ada Invented, Ben Made-Up</dc:creator></item>"
        for number in range(first, first + count)
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss xmlns:arxiv='http://arxiv.org/schemas/atom'"
        " xmlns:dc='http://purl.org/dc/elements/1.1/' version='2.0'><channel>"
        f"<title>cs.LG updates</title><lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
    ).encode()


def harvest(first: int = 1, count: int = 3, token: str = "") -> bytes:
    """An OAI-PMH answer with records as arXiv writes them."""
    records = "".join(
        "<record><header/><metadata><arXiv xmlns='http://arxiv.org/OAI/arXiv/'>"
        f"<id>2611.{number:05}</id><created>2026-11-17</created>"
        "<authors><author><keyname>Invented</keyname><forenames>Ada</forenames></author></authors>"
        f"<title>Lanterns and Moths, Part {number}</title><categories>cs.LG</categories>"
        f"<abstract>We train a model on {number} moths and show that it finds lanterns.</abstract>"
        "</arXiv></metadata></record>"
        for number in range(first, first + count)
    )
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return _oai(f"<ListRecords>{records}{more}</ListRecords>")


def _oai(inside: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>{inside}</OAI-PMH>"
    ).encode()


def preprints(first: int = 1, count: int = 3) -> bytes:
    """An answer of bioRxiv's API."""
    listed = [
        {
            "title": f"Lanterns and Moths, Part {number}", "authors": "Invented, A.; Made-Up, B.",
            "doi": f"10.1101/2026.11.18.{number:06}", "date": "2026-11-18", "version": "1",
            "category": "neuroscience", "server": "bioRxiv",
            "abstract": f"We show that {number} moths find lanterns in our experiments.",
        }
        for number in range(first, first + count)
    ]  # fmt: skip
    return json.dumps({"messages": [{"status": "ok"}], "collection": listed}).encode()


class MisbehavingHost(http.server.ThreadingHTTPServer):
    """Serves ``https://127.0.0.1:PORT``; ``asked`` has every path in order."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._context = context
        self.authority = authority
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.server_port}"

    def finish_request(self, request: object, client_address: object) -> None:
        # Here, and not on the listening socket: a client that stalls must not hold up others.
        with self._context.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type]
            self.RequestHandlerClass(secured, client_address, self)  # type: ignore[arg-type]

    def handle_error(self, *_: object) -> None:
        """A client that hangs up, or trusts nobody, is what some cases are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MisbehavingHost

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        name = self.path.split("/")[1].partition("?")[0]
        with contextlib.suppress(OSError):
            BEHAVIOURS[name](self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def good(self) -> bytes:
        """What the service that asks would like to hear."""
        if "/rss/" in self.path:
            return feed()
        if "verb=" in self.path:
            return harvest()
        if "/details/" in self.path:
            return preprints()
        return json.dumps(rows(1, 3)).encode()

    def page(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def head(self, **headers: str) -> None:
        self.close_connection = True
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def trickle(self, data: bytes, pause: float = 0.05) -> None:
        self.close_connection = True
        for place in range(len(data)):
            self.wfile.write(data[place : place + 1])
            time.sleep(pause)

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    @property
    def is_first(self) -> bool:
        return self.server.asked.count(self.path) == 1


Behaviour = Callable[[_Handler], None]
BEHAVIOURS: dict[str, Behaviour] = {}


def _behaviour(function: Behaviour) -> Behaviour:
    BEHAVIOURS[function.__name__.lstrip("_")] = function
    return function


@_behaviour
def _well(asked: _Handler) -> None:
    asked.page(asked.good(), ETag='"1"')


@_behaviour
def _busy_for_a_moment(asked: _Handler) -> None:
    if asked.is_first:
        asked.page(b"slow down", 429, Retry_After="1")
    else:
        asked.page(asked.good())


@_behaviour
def _busy_for_long(asked: _Handler) -> None:
    asked.page(b"slow down", 429, Retry_After="900")


@_behaviour
def _busy_until_a_date(asked: _Handler) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)
    asked.page(b"", 429, Retry_After=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))


@_behaviour
def _busy_without_a_word(asked: _Handler) -> None:
    asked.page(b"", 429)


@_behaviour
def _down(asked: _Handler) -> None:
    asked.page(ERROR_PAGE, 503)


@_behaviour
def _gone(asked: _Handler) -> None:
    asked.page(ERROR_PAGE, 404)


@_behaviour
def _silent(asked: _Handler) -> None:
    asked.close_connection = True
    time.sleep(3)


@_behaviour
def _slow_head(asked: _Handler) -> None:
    asked.trickle(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 100)


@_behaviour
def _slow_body(asked: _Handler) -> None:
    asked.head()
    asked.trickle(asked.good()[:100])


@_behaviour
def _endless_head(asked: _Handler) -> None:
    asked.close_connection = True
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        asked.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 1_000))


@_behaviour
def _cut(asked: _Handler) -> None:
    asked.head(Content_Length="100000")
    asked.wfile.write(asked.good())


@_behaviour
def _cut_chunks(asked: _Handler) -> None:
    asked.head(Transfer_Encoding="chunked")
    asked.chunk(asked.good())


@_behaviour
def _cut_gzip(asked: _Handler) -> None:
    packed = gzip.compress(asked.good())
    asked.head(Content_Encoding="gzip")
    asked.wfile.write(packed[: len(packed) // 2])


@_behaviour
def _cut_gzip_at_once(asked: _Handler) -> None:
    asked.head(Content_Encoding="gzip")
    asked.wfile.write(gzip.compress(asked.good())[:5])


@_behaviour
def _cut_without_length(asked: _Handler) -> None:
    asked.head()
    asked.wfile.write(asked.good()[:-40])


@_behaviour
def _reset(asked: _Handler) -> None:
    asked.close_connection = True


@_behaviour
def _gzip_bomb(asked: _Handler) -> None:
    asked.head(Content_Encoding="gzip")
    packer = zlib.compressobj(9, wbits=31)
    for _ in range(2_000):
        asked.wfile.write(packer.compress(bytes(MEGABYTE)))
    asked.wfile.write(packer.flush())


@_behaviour
def _image(asked: _Handler) -> None:
    asked.page(PIXEL, Content_Type="image/png")


@_behaviour
def _error_page(asked: _Handler) -> None:
    asked.page(ERROR_PAGE, Content_Type="text/html")


@_behaviour
def _error_object(asked: _Handler) -> None:
    asked.page(b'{"error": "the service is not available now"}', Content_Type="application/json")


@_behaviour
def _other_format(asked: _Handler) -> None:
    other = [{"headline": f"{number}", "body": {"text": "news"}} for number in range(30)]
    asked.page(json.dumps(other).encode())


@_behaviour
def _nothing(asked: _Handler) -> None:
    asked.page(b"")


@_behaviour
def _empty(asked: _Handler) -> None:
    if "/rss/" in asked.path:
        asked.page(feed(count=0))
    elif "verb=" in asked.path:
        asked.page(_oai("<error code='noRecordsMatch'>none</error>"))
    elif "/details/" in asked.path:
        asked.page(b'{"messages": [{"status": "no posts found"}], "collection": []}')
    else:
        asked.page(b"[]")


@_behaviour
def _redirects(asked: _Handler) -> None:
    asked.page(b"", 302, Location=f"{asked.path.partition('?')[0]}?again={len(asked.server.asked)}")


@_behaviour
def _redirects_home(asked: _Handler) -> None:
    asked.page(b"", 302, Location="https://127.0.0.1:1/secret")


@_behaviour
def _redirects_inside(asked: _Handler) -> None:
    asked.page(b"", 302, Location="https://192.168.0.1/secret")


@_behaviour
def _redirects_down(asked: _Handler) -> None:
    asked.page(b"", 302, Location="http://127.0.0.1/secret")


@_behaviour
def _redirects_by_name(asked: _Handler) -> None:
    asked.page(b"", 302, Location="https://inside.invented.io/secret")


@_behaviour
def _large(asked: _Handler) -> None:
    asked.head(Transfer_Encoding="chunked")
    asked.chunk(b"[" + b" " * MEGABYTE)
    for _ in range(200):
        asked.chunk(b'{"title":"x"},' * (MEGABYTE // 14))


@_behaviour
def _large_and_said(asked: _Handler) -> None:
    asked.head(Content_Length=str(200 * MEGABYTE))
    for _ in range(200):
        asked.wfile.write(bytes(MEGABYTE))


@_behaviour
def _entities(asked: _Handler) -> None:
    asked.page(ENTITIES)


@_behaviour
def _json_bomb(asked: _Handler) -> None:
    asked.page(b"[" + b"[]," * 3_000_000 + b"[]]")


@_behaviour
def _json_digits(asked: _Handler) -> None:
    asked.page(b'[{"title": "x", "upvotes": ' + b"9" * 9_000_000 + b"}]")


@_behaviour
def _deep_json(asked: _Handler) -> None:
    asked.page(b"[" * 4_000_000)


@_behaviour
def _deep_xml(asked: _Handler) -> None:
    if "verb=" in asked.path:
        asked.page(_oai("<a>" * 60_000 + "</a>" * 60_000))
    else:
        asked.page(b"<rss version='2.0'><channel>" + b"<item>" * 150_000)


@_behaviour
def _wide_xml(asked: _Handler) -> None:
    crowd = " ".join(f"a{number}='1'" for number in range(400_000))
    if "verb=" in asked.path:
        asked.page(_oai(f"<ListRecords {crowd}/>"))
    else:
        asked.page(f"<rss version='2.0'><channel {crowd}/></rss>".encode())


@_behaviour
def _token_dies_once(asked: _Handler) -> None:
    if "resumptionToken" not in asked.path:
        asked.page(harvest(1, 3, token="next"))
    elif asked.is_first:
        asked.page(_oai("<error code='badResumptionToken'>expired</error>"))
    else:
        asked.page(harvest(4, 3))


@_behaviour
def _token_dies(asked: _Handler) -> None:
    if "resumptionToken" not in asked.path:
        asked.page(harvest(1, 3, token="next"))
    else:
        asked.page(_oai("<error code='badResumptionToken'>expired</error>"))


@_behaviour
def _same_token(asked: _Handler) -> None:
    asked.page(harvest(1, 3, token="again"))


@_behaviour
def _endless_list(asked: _Handler) -> None:
    number = len(asked.server.asked)
    asked.page(harvest(number * 3_000, 3_000, token=f"t{number}"))


@contextmanager
def misbehaving_host() -> Iterator[tuple[MisbehavingHost, ssl.SSLContext]]:
    """The host while it serves, and a context that trusts its certificate."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "papers.invented.io", "inside.invented.io").configure_cert(
        serving
    )
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    host = MisbehavingHost(serving, authority)
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host, trusting
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
