"""All clients, by family."""

from __future__ import annotations

from . import (
    standard_builtins,
    standard_codes,
    standard_documents,
    standard_files,
    third_arrays,
    third_binary,
    third_compression,
    third_cryptography,
    third_media,
    third_network,
    third_serialisation,
    third_tables,
)
from .client import Client

STANDARD: tuple[tuple[str, tuple[Client, ...]], ...] = (
    ("Built-in types and functions, sequences", standard_builtins.CLIENTS),
    ("Conversion, packing, compression, digests", standard_codes.CLIENTS),
    ("Files, sockets, processes, the web", standard_files.CLIENTS),
    ("Archives, documents, databases, patterns", standard_documents.CLIENTS),
)
"""Of the standard library."""

THIRD: tuple[tuple[str, tuple[Client, ...]], ...] = (
    ("Checksums and compression", third_compression.CLIENTS),
    ("Encodings and cryptography", third_cryptography.CLIENTS),
    ("Arrays", third_arrays.CLIENTS),
    ("Tables", third_tables.CLIENTS),
    ("Serialisation, text and patterns", third_serialisation.CLIENTS),
    ("Binary formats, programs and packets", third_binary.CLIENTS),
    ("Documents, pictures and sounds", third_media.CLIENTS),
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
