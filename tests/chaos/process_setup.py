"""Set-up before a campaign's processes start: importable program, certificates of the server."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import trustme
from chaos import sender_process


@contextlib.contextmanager
def server_certificates(folder: Path) -> Iterator[tuple[dict[str, ssl.SSLContext], Path]]:
    """Make two server certificates and the CA file that trusts only the one called ``trusted``."""
    authority, other = trustme.CA(), trustme.CA()
    contexts = {}
    for name, issuer in (("trusted", authority), ("untrusted", other)):
        contexts[name] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issuer.issue_cert("127.0.0.1").configure_cert(contexts[name])
    with authority.cert_pem.tempfile(dir=str(folder)) as path:
        yield contexts, Path(path)


@contextlib.contextmanager
def importable_in_fork_server() -> Iterator[None]:
    """Let the fork server import the sender once for all senders, and the right one.

    Before Python 3.12 it does not know `sys.path`, and says nothing when an import fails; what lies
    in the working directory comes first unless it is told not to.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload([sender_process.__name__])
    ours = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONSAFEPATH": "1",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
