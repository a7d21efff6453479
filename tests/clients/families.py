"""All clients, by family."""

from __future__ import annotations

from . import standard_bytes, standard_io, third_codes, third_data, third_documents, third_network
from .client import Client

STANDARD: tuple[tuple[str, tuple[Client, ...]], ...] = (
    ("Bytes, text, numbers, digests", standard_bytes.CLIENTS),
    ("Files, sockets, processes, documents", standard_io.CLIENTS),
)
"""Of the standard library."""

THIRD: tuple[tuple[str, tuple[Client, ...]], ...] = (
    ("Checksums, compression, cryptography", third_codes.CLIENTS),
    ("Arrays, tables, serialisation", third_data.CLIENTS),
    ("Documents, pictures, packets", third_documents.CLIENTS),
    ("The web, protocols, event loops", third_network.CLIENTS),
)
"""Of libraries from PyPI."""


def standard() -> list[Client]:
    """The clients of the standard library."""
    return [client for _, clients in STANDARD for client in clients]


def third() -> list[Client]:
    """The clients of other libraries."""
    return [client for _, clients in THIRD for client in clients]


def libraries() -> list[str]:
    """The other libraries' names on PyPI, in the order of their clients."""
    return list(dict.fromkeys(client.library for client in third()))
