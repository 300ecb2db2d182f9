"""Pages over https: verified, limited, and refused in one clear line when they must be."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import trustme
from fakes import QuietHttpServer
from sources import shelf
from sources.fetching.hurried import hurried
from sources.shelf import SHELF, TODAY

from digest.errors import SourceError, TemporaryError
from digest.model import Dump, Rejected
from digest.sources import SourceLimits, open_source
from digest.sources.fetching.web_address import shown
from digest.sources.web import WebSource

PAGE = shelf.saved_cards(SHELF).encode()
SMALL = SourceLimits(max_bytes=1 << 20, timeout=5.0)
ADDRESS = "https://papers.invented.io/daily?key=secret"
PUBLIC = "93.184.216.34"
Answer = Callable[[httpx.Request], httpx.Response]


def fetch(answer: Answer, url: str = ADDRESS, limits: SourceLimits = SMALL) -> Dump | Rejected:
    transport = httpx.MockTransport(answer)
    source = WebSource(
        url, hurried(limits, transport=transport, resolve=lambda host, port: [PUBLIC])
    )
    (found,) = source.read(today=TODAY)
    return found


def test_a_page_is_read_like_any_other_dump() -> None:
    headers = {"Last-Modified": "Wed, 18 Nov 2026 07:00:00 GMT"}
    dump = fetch(lambda request: httpx.Response(200, content=iter([PAGE]), headers=headers))
    assert isinstance(dump, Dump)
    assert [record.title for record in dump.records] == [paper.title for paper in SHELF]
    assert dump.modified == datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert dump.location == "https://papers.invented.io/daily"


def test_a_wrong_time_of_change_is_no_time() -> None:
    dump = fetch(
        lambda request: httpx.Response(200, content=iter([PAGE]), headers={"Last-Modified": "soon"})
    )
    assert isinstance(dump, Dump)
    assert dump.modified is None


def test_redirects_are_followed_while_they_stay_on_https() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/end":
            return httpx.Response(200, content=iter([PAGE]))
        return httpx.Response(302, headers={"Location": "/end"})

    assert isinstance(fetch(answer), Dump)


@pytest.mark.parametrize(
    "target", ["http://papers.invented.io/x", "http://127.0.0.1/x", "ftp://x.io/y", "https://"]
)
def test_redirects_to_anything_else_are_not(target: str) -> None:
    with pytest.raises(SourceError, match=r"papers\.invented\.io|x\.io|https://"):
        fetch(lambda request: httpx.Response(301, headers={"Location": target}))


def test_redirects_in_a_circle_end() -> None:
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        fetch(lambda request: httpx.Response(307, headers={"Location": str(request.url)}))


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, SourceError), (403, SourceError), (503, TemporaryError), (429, TemporaryError)],
)
def test_an_error_of_the_host_says_whether_to_come_again(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"answers {status}") as caught:
        fetch(lambda request: httpx.Response(status))
    assert "secret" not in str(caught.value)


def test_a_page_that_is_too_large_is_not_read() -> None:
    def announced(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Length": str(1 << 40)}, content=b"")

    def endless(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b"x" * 65536 for _ in range(1 << 30)))

    for answer in (announced, endless):
        rejected = fetch(answer)
        assert isinstance(rejected, Rejected)
        assert "over the limit of 1 MB" in rejected.reason


def test_a_small_packet_that_unpacks_to_a_giant_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 100_000
    headers = {"Content-Encoding": "gzip"}
    rejected = fetch(lambda request: httpx.Response(200, content=iter([bomb]), headers=headers))
    assert isinstance(rejected, Rejected)
    assert "over the limit" in rejected.reason


def test_a_broken_packing_is_a_matter_of_another_time() -> None:
    with pytest.raises(TemporaryError, match="cannot be fetched"):
        fetch(
            lambda request: httpx.Response(
                200, content=iter([b"no gzip"]), headers={"Content-Encoding": "gzip"}
            )
        )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://papers.invented.io/", "Use https://"),
        ("ftp://papers.invented.io/", "Use https://"),
        ("file:///etc/passwd", "without a host"),
        ("https:///x", "without a host"),
        ("https://[::1/", "not a web address"),
        ("https://host:99999999/", "not a web address"),
    ],
)
def test_other_addresses_are_refused_in_one_line(url: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        open_source(url)
    assert "\n" not in str(caught.value)


def test_an_address_that_only_the_client_sees_through_is_refused() -> None:
    with pytest.raises((SourceError, TemporaryError)):
        list(open_source("https://exa mple\x01.invented/").read(today=TODAY))


def test_this_machine_may_be_asked_without_tls() -> None:
    for host in ("127.0.0.1:9", "localhost:9", "[::1]:9", "papers.localhost:9"):
        open_source(f"http://{host}/page")


def test_secrets_in_an_address_are_not_shown() -> None:
    assert shown("https://me:pass@papers.invented.io/x?key=1#y") == "https://papers.invented.io/x"


class SlowPages(http.server.BaseHTTPRequestHandler):
    """A page at /, a redirect to http at /down, a trickle at /slow and, of headers, /slower."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/down":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/slower":
            self._trickle(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        if self.path != "/slow":
            self.wfile.write(PAGE)
            return
        self._trickle(PAGE[:100])

    def _trickle(self, data: bytes) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            for place in range(len(data)):
                self.wfile.write(data[place : place + 1])
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(authority: trustme.CA) -> Iterator[str]:
    server = QuietHttpServer(("127.0.0.1", 0), SlowPages)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_a_real_server_with_a_trusted_certificate_is_read(
    address: str, trusting: ssl.SSLContext
) -> None:
    (dump,) = WebSource(address, hurried(SMALL, context=trusting)).read(today=TODAY)
    assert isinstance(dump, Dump)
    assert len(dump.records) == len(SHELF)


def test_a_certificate_that_nobody_vouches_for_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="certificate cannot be trusted"):
        list(open_source(address).read(today=TODAY))


def test_a_real_redirect_to_http_is_refused(address: str, trusting: ssl.SSLContext) -> None:
    with pytest.raises(SourceError, match="redirects to http://"):
        list(WebSource(f"{address}/down", hurried(SMALL, context=trusting)).read(today=TODAY))


@pytest.mark.parametrize("path", ["/slow", "/slower"])
def test_a_trickle_is_cut_off_at_the_time_limit(
    path: str, address: str, trusting: ssl.SSLContext
) -> None:
    start = time.monotonic()
    with pytest.raises(TemporaryError, match=r"no complete answer within 0\.5 s"):
        list(
            WebSource(
                f"{address}{path}", hurried(SourceLimits(timeout=0.5), context=trusting)
            ).read(today=TODAY)
        )
    assert time.monotonic() - start < 15


def test_a_host_out_of_reach_is_a_matter_of_another_time(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="cannot be fetched"):
        list(open_source("http://127.0.0.1:9/").read(today=TODAY))


def test_a_host_that_never_answers_is_given_up_on() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    with pytest.raises(TemporaryError, match="no complete answer"):
        fetch(answer)
