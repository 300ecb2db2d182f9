"""A page is fetched from the addresses that were checked, and from private ones only if named."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
import trustme
from fakes import QuietHttpServer
from sources import shelf
from sources.fetching.hurried import hurried
from sources.shelf import SHELF, TODAY

from digest.errors import DigestError, SourceError, TemporaryError
from digest.model import Dump, Rejected
from digest.sources import SourceLimits
from digest.sources.fetching import addresses
from digest.sources.web import WebSource

PAGE = shelf.saved_cards(SHELF).encode()
SMALL = SourceLimits(max_bytes=1 << 20, timeout=5.0)
HOME = "https://papers.invented.io/daily"
PUBLIC, OTHER = "93.184.216.34", "198.41.0.4"
Found = Dump | Rejected | DigestError


class Site:
    """Answers requests from a table of addresses; notes where each went, in which name."""

    def __init__(self, pages: dict[str, str | bytes], names: dict[str, list[list[str]]]) -> None:
        self.pages = pages
        self.names = names
        self.asked: list[str] = []
        self.went: list[tuple[str, str, str]] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def answer(self, request: httpx.Request) -> httpx.Response:
        named = request.headers["Host"]
        self.went.append((request.url.host, named, request.extensions.get("sni_hostname", "")))
        page = self.pages[f"{request.url.scheme}://{named}{request.url.path}"]
        if isinstance(page, str):
            return httpx.Response(302, headers={"Location": page})
        return httpx.Response(200, content=iter([page]))

    def fetch(self, url: str = HOME) -> Found:
        transport = httpx.MockTransport(self.answer)
        source = WebSource(url, hurried(SMALL, transport=transport, resolve=self.resolve))
        try:
            (found,) = source.read(today=TODAY)
        except DigestError as error:
            return error
        return found


def redirecting(target: str, **names: list[list[str]]) -> Site:
    known = {"papers.invented.io": [[PUBLIC]], **{k.replace("_", "."): v for k, v in names.items()}}
    return Site({HOME: target}, known)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    names = {"papers.invented.io": [[PUBLIC], ["127.0.0.1"]]}
    site = Site({HOME: "/again", "https://papers.invented.io/again": PAGE}, names)
    assert isinstance(site.fetch(), Dump)
    name = "papers.invented.io"
    assert site.went == [(PUBLIC, name, name), (PUBLIC, name, name)]
    assert site.asked == [name]


def test_an_answer_that_changes_after_the_check_changes_nothing() -> None:
    site = redirecting("https://mirror.example/x", mirror_example=[[OTHER], ["127.0.0.1"]])
    site.pages["https://mirror.example/x"] = "https://mirror.example/y"
    site.pages["https://mirror.example/y"] = PAGE
    assert isinstance(site.fetch(), Dump)
    assert [where for where, _, _ in site.went] == [PUBLIC, OTHER, OTHER]


@pytest.mark.parametrize(
    "target",
    [
        "HTTP://127.0.0.1:8080/x",
        "hTTp://localhost/x",
        "http:\\\\127.0.0.1/x",
        "\tHTTP://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[fe80::1]/x",
        "https://224.0.1.1/x",
        "https://0.0.0.0/x",
        "//192.168.1.1/x",
        "https://internal.example/x",
        "https://papers.invented.io:8443@10.0.0.1/x",
        "https://someone@papers.invented.io/x",
        "https://papers.invented.io:secret@mirror.example/x",
        "FTP://papers.invented.io/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/x",
        "data:text/html,x",
        "javascript:x",
        "https://[::1/",
        "https://" + "a" * 9_000 + ".example/",
        "/" + "x" * 9_000,
    ],
)
def test_a_redirect_to_where_nothing_is_to_be_fetched_is_refused(target: str) -> None:
    internal = [["10.0.0.7"]]
    site = redirecting(target, localhost=[["127.0.0.1"]], internal_example=internal)
    error = site.fetch()
    assert isinstance(error, DigestError), error
    assert len(site.went) == 1, "it was asked for"
    assert "\n" not in str(error)
    assert len(str(error)) < 500


def test_of_a_hosts_addresses_only_the_public_are_asked() -> None:
    site = redirecting("https://mixed.example/x", mixed_example=[["127.0.0.1", OTHER, "::1"]])
    site.pages["https://mixed.example/x"] = PAGE
    assert isinstance(site.fetch(), Dump)
    assert site.went[-1][0] == OTHER


@pytest.mark.parametrize("answers", [["2130706433"], ["0x7f.1"], ["not an address"], [""]])
def test_what_is_no_address_is_not_public(answers: list[str]) -> None:
    assert not any(map(addresses.is_public, answers))


def test_a_number_that_means_this_machine_is_seen_through() -> None:
    site = redirecting("https://2130706433/x")
    site.names["2130706433"] = [addresses.resolve("2130706433", 443)]
    assert site.names["2130706433"] == [["127.0.0.1"]]
    assert isinstance(site.fetch(), SourceError)
    assert len(site.went) == 1


def test_a_private_host_that_the_operator_names_is_fetched_and_may_redirect_to_itself() -> None:
    names = {"wiki.lan": [["10.0.0.9"]]}
    pages: dict[str, str | bytes] = {
        "https://wiki.lan/papers": "https://WIKI.lan/now",
        "https://wiki.lan/now": PAGE,
        "https://WIKI.lan/now": PAGE,
    }
    site = Site(pages, names)
    assert isinstance(site.fetch("https://wiki.lan/papers"), Dump)
    for other in ("https://wiki.lan:9443/x", "https://10.0.0.9/x", "https://10.0.0.10/x"):
        site = Site({"https://wiki.lan/papers": other}, names)
        assert isinstance(site.fetch("https://wiki.lan/papers"), SourceError)
        assert len(site.went) == 1


def test_a_page_of_this_machine_may_not_lead_to_its_other_doors() -> None:
    for target in ("http://127.0.0.1:22/", "http://localhost:9000/x", "http://papers.localhost/"):
        names = {"localhost": [["127.0.0.1"]], "papers.localhost": [["127.0.0.1"]]}
        site = Site({"http://127.0.0.1:9000/x": target}, names)
        assert isinstance(site.fetch("http://127.0.0.1:9000/x"), SourceError)
        assert len(site.went) == 1


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_fetched_without_tls() -> None:
    site = Site({"http://papers.localhost/": PAGE}, {"papers.localhost": [[PUBLIC]]})
    assert isinstance(site.fetch("http://papers.localhost/"), SourceError)
    assert site.went == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("64:ff9b::5db8:d822", True),
        ("::ffff:93.184.216.34", True), ("10.0.0.1", False), ("172.16.5.4", False),
        ("192.168.0.1", False), ("127.8.8.8", False), ("169.254.1.1", False),
        ("100.127.255.254", False), ("192.0.0.1", False), ("192.0.2.1", False),
        ("198.18.0.1", False), ("224.0.0.251", False), ("232.1.1.1", False),
        ("239.255.255.250", False), ("240.0.0.1", False), ("255.255.255.255", False),
        ("0.0.0.0", False), ("::", False), ("::1", False), ("fc00::1", False),
        ("fe80::1%eth0", False), ("fec0::1", False), ("ff02::1", False), ("ff0e::1", False),
        ("2001:db8::1", False), ("::ffff:10.0.0.1", False), ("::ffff:7f00:1", False),
        ("::7f00:1", False), ("64:ff9b::a00:1", False), ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False), ("2002:c0a8:101::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False), ("100::1", False),
    ],
)  # fmt: skip
def test_addresses_of_the_public_internet_are_told_from_all_others(
    address: str, public: bool
) -> None:
    assert addresses.is_public(address) is public


def test_a_name_service_that_does_not_answer_is_given_up_on() -> None:
    release = threading.Event()

    def waiting(host: str, port: int) -> list[str]:
        release.wait(60)
        return [PUBLIC]

    begun = time.monotonic()
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    source = WebSource(
        HOME, hurried(replace(SMALL, timeout=0.3), transport=transport, resolve=waiting)
    )
    with pytest.raises(TemporaryError, match="no complete answer"):
        list(source.read(today=TODAY))
    release.set()
    assert time.monotonic() - begun < 15


def test_a_name_that_nobody_knows_is_a_matter_of_another_time() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with pytest.raises(TemporaryError, match="Name or service not known"):
        list(
            WebSource(HOME, hurried(SMALL, transport=transport, resolve=unknown)).read(today=TODAY)
        )


# A real server, over TLS, under a name that only the injected resolver knows.


class EndlessAnswers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.close_connection = True
        with contextlib.suppress(OSError):
            {"/headers": self._headers, "/wait": self._wait, "/inside": self._inside}.get(
                self.path, self._page
            )()

    def _page(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def _headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for place in range(100_000):
            self.wfile.write(b"X-%d: %s\r\n" % (place, b"x" * 1000))

    def _wait(self) -> None:
        for _ in range(1_000):
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            time.sleep(0.02)

    def _inside(self) -> None:
        self.send_response(302)
        port = self.server.server_address[1]  # type: ignore[index]
        self.send_header("Location", f"HTTPS://127.0.0.1:{port}/page")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Fetch = Callable[[str, SourceLimits], Dump | Rejected]


@pytest.fixture
def server() -> Iterator[tuple[QuietHttpServer, Fetch, list[str | None]]]:
    authority = trustme.CA()
    running = QuietHttpServer(("127.0.0.1", 0), EndlessAnswers)
    running.seen = []  # type: ignore[attr-defined]
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("papers.invented.io").configure_cert(context)
    context.sni_callback = lambda _, name, __: names.append(name)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    def fetch(path: str, limits: SourceLimits) -> Dump | Rejected:
        url = f"https://papers.invented.io:{running.server_port}{path}"
        source = WebSource(
            url,
            hurried(
                limits,
                context=trusting,
                resolve=lambda host, port: answers.pop(0) if len(answers) > 1 else answers[0],
            ),
        )
        (found,) = source.read(today=TODAY)
        return found

    yield running, fetch, names
    running.shutdown()
    thread.join()
    running.server_close()


def test_the_server_sees_the_name_and_its_certificate_is_checked_against_it(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    running, fetch, names = server
    assert isinstance(fetch("/", SMALL), Dump)
    assert names == ["papers.invented.io"]
    assert running.seen == [f"papers.invented.io:{running.server_port}"]  # type: ignore[attr-defined]


def test_a_certificate_of_another_name_is_refused(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    running, _, _ = server
    source = WebSource(
        f"https://other.invented.io:{running.server_port}/",
        hurried(SMALL, resolve=lambda host, port: ["127.0.0.1"]),
    )
    with pytest.raises(SourceError, match="certificate"):
        list(source.read(today=TODAY))


def test_a_real_redirect_to_this_machine_is_refused(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    running, fetch, _ = server
    with pytest.raises(SourceError, match="private network or on this machine"):
        fetch("/inside", SMALL)
    assert len(running.seen) == 1  # type: ignore[attr-defined]


def test_headers_without_end_are_not_read(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    _, fetch, _ = server
    with pytest.raises(TemporaryError, match="cannot be fetched"):
        fetch("/headers", SMALL)


def test_answers_that_only_promise_an_answer_are_given_up_on(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    _, fetch, _ = server
    begun = time.monotonic()
    with pytest.raises(TemporaryError, match="no complete answer"):
        fetch("/wait", replace(SMALL, timeout=0.5))
    assert time.monotonic() - begun < 15


def test_where_a_name_has_an_address_that_is_dead_the_next_is_tried(
    server: tuple[QuietHttpServer, Fetch, list[str | None]],
) -> None:
    running, _, _ = server
    site_port = running.server_port
    source = WebSource(
        f"https://papers.invented.io:{site_port}/",
        hurried(SMALL, resolve=lambda host, port: ["::1", "127.0.0.1"]),
    )
    # Nobody vouches for the certificate here: that it was shown at all is what counts.
    with pytest.raises(SourceError, match="certificate"):
        list(source.read(today=TODAY))
