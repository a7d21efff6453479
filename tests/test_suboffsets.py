"""What C code sees of a view with seams: pointers and suboffsets, or, where that is not wanted, a refusal."""

from __future__ import annotations

import copy
import ctypes
import pickle
from typing import Any

import pytest

import rawbuffer
from fragmented import FragView, cut, needs_fragview

pytestmark = needs_fragview

DATA = bytes(range(48))
REFUSED = r"use tobytes\(\) for a copy, fragments for each fragment, gather\(\)"


def test_the_table_is_what_ignorant_code_sees() -> None:
    """Code that ignores suboffsets takes the table for the bytes, and finds addresses of memory."""
    view = FragView([DATA[:5], DATA[5:]])
    with rawbuffer.request(view, rawbuffer.INDIRECT) as buffer:
        assert (buffer.suboffsets, buffer.strides) == ((0,), (ctypes.sizeof(ctypes.c_void_p),))
        # What lies there is an address, and no byte of the view; who follows it finds the first one.
        address = ctypes.c_void_p.from_address(buffer.buf).value
        assert address is not None
        assert ctypes.string_at(address, 5) == DATA[:5]
        assert rawbuffer.item(buffer, (7,)) == DATA[7:8]


@pytest.mark.parametrize("sizes", [(48,), (5, 0, 1, 2, 40), (24, 24)])
def test_refusal(sizes: tuple[int, ...]) -> None:
    """`without_suboffsets()` refuses a memoryview across seams; the rest goes on as before."""
    fragmented = cut(DATA, sizes)
    view = fragmented.view()
    strict = view.without_suboffsets()
    seams = len(view.fragments) > 1
    for made in (
        strict,
        strict[1:-1],
        strict[::2][1:],
        strict.cast("c"),
        strict.toreadonly(),
        copy.copy(strict),
    ):
        if seams:
            with pytest.raises(BufferError, match=REFUSED):
                memoryview(made)
            with pytest.raises(BufferError, match=REFUSED):
                bytearray(8)[:] = made  # type: ignore[assignment]
        else:
            assert memoryview(made).tobytes() == made.tobytes()
    # Only what is asked for: the view itself lends its table still.
    assert memoryview(view).tobytes() == DATA
    # In one piece the memory is lent.
    assert memoryview(strict[:3]).tobytes() == DATA[:3]
    assert bytes(strict) == strict.tobytes() == DATA
    assert [bytes(piece) for piece in strict.fragments] == [bytes(piece) for piece in view.fragments]
    assert strict == view
    assert strict.open().read() == DATA
    with strict.gather() as memory:
        assert bytes(memory) == DATA
    strict[2:4] = b"ab"
    assert view[2:4] == b"ab"
    fragmented.check(DATA[:2] + b"ab" + DATA[4:])


def test_what_is_made_of_it() -> None:
    """Pickles, edits and joins keep the refusal."""
    strict = FragView([DATA[:5], DATA[5:]]).without_suboffsets()
    made: list[Any] = [pickle.loads(pickle.dumps(strict, protocol)) for protocol in (2, 5)]
    made += [copy.deepcopy(strict), strict + b"end", strict.splice(0, 1, b"xyz"), strict[::3]]
    made += [pickle.loads(pickle.dumps(strict[::3]))]
    for view in made[:-1]:
        if len(view.fragments) > 1:
            with pytest.raises(BufferError, match=REFUSED):
                memoryview(view)
    # A new view of it is as it says: the refusal is the view's and not the memory's.
    assert memoryview(FragView([strict, b""])).tobytes() == DATA


def test_peers_do_not_hang() -> None:
    """`Connection.send_bytes` sends a length before it looks at the bytes: a refusal comes first."""
    from multiprocessing import Pipe

    view = FragView([bytes(20000), bytes(20000)])
    reader, writer = Pipe(duplex=False)
    with reader, writer:
        with pytest.raises(BufferError, match=REFUSED):
            writer.send_bytes(view.without_suboffsets())
        assert not reader.poll(0)
