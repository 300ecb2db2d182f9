"""Fixtures of the delivery tests."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that only these tests know."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate, as `Relay.ca_file` wants it."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What a server called localhost needs to prove it."""
    return _server_context(authority, "localhost")


@pytest.fixture(scope="session")
def tls_of_another(authority: trustme.CA) -> ssl.SSLContext:
    """A good certificate, but somebody else's."""
    return _server_context(authority, "elsewhere.test")


def _server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[Path]:
    """A folder for journals, which every finished sender leaves empty."""
    folder = tmp_path / "journals"
    yield folder
    assert not list(folder.glob("*.new"))
