"""A view through asyncio: its fragments out with `writelines`, bytes in straight into its memory.

python examples/asyncio_example.py
"""

from __future__ import annotations

import asyncio

from fragview import FragView


class Receiver(asyncio.BufferedProtocol):
    """Receives into the fragments of a view: the system writes each byte to where it belongs."""

    def __init__(self, view: FragView[int]) -> None:
        """Receive as many bytes as the view has."""
        self.fragments = iter(view.fragments)
        self.rest = memoryview(b"")
        self.received = 0
        self.finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return memory to receive into: the rest of a fragment, or the next one."""
        if not self.rest:
            # More than the view has room for goes nowhere.
            self.rest = next(self.fragments, memoryview(bytearray(1)))
        return self.rest

    def buffer_updated(self, nbytes: int) -> None:
        """Take note of what was received."""
        self.rest = self.rest[nbytes:]
        self.received += nbytes

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell how many bytes there were."""
        self.rest.release()
        if exc is None:
            self.finished.set_result(self.received)
        else:
            self.finished.set_exception(exc)


async def serve(view: FragView[int]) -> asyncio.Server:
    """Serve a view: each client gets its bytes."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.writelines(view.fragments)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(send, "127.0.0.1")


async def transfer(source: FragView[int], target: FragView[int]) -> int:
    """Send one view's bytes to another one through a TCP connection; return how many there were."""
    async with await serve(source) as server:
        host, port = server.sockets[0].getsockname()
        loop = asyncio.get_running_loop()
        _, receiver = await loop.create_connection(lambda: Receiver(target), host, port)
        return await receiver.finished


def main() -> None:
    """Send records that lie in a file to memory that is laid out otherwise."""
    file = b"\x05Hello\x02, \x07fragmen\x02ts"
    source = FragView.from_extents(file, [(1, 5), (7, 2), (10, 7), (18, 2)])
    head, body = bytearray(7), bytearray(9)
    count = asyncio.run(transfer(source, FragView([head, body])))
    print(
        f"{count} bytes of {len(source.fragments)} fragments arrived as {bytes(head)!r} and {bytes(body)!r}"
    )


if __name__ == "__main__":
    main()
