"""What a type checker sees: `make lint` runs mypy on this file."""

from typing import Any, assert_type

from fragview import FragView

view = FragView([b"\1\2", bytearray(b"\3\4\5\6"), FragView(b"\7\x08")])
assert_type(view, FragView)
assert_type(view[2], int)
assert_type(view[1:7:2], FragView[int])
assert_type(view.cast("<H")[0], int)
assert_type(view.cast(">d")[0], float)
assert_type(view.cast("?")[0], bool)
assert_type(view.cast("c")[0], bytes)
assert_type(view.cast("<IHH")[0], Any)
assert_type(view.cast("B", [2, 4])[1, 2], int)
assert_type([run.nbytes for run in view.fragments], list[int])
assert_type(b"".join(view.fragments), bytes)
with view.gather(writeback=False) as scratch:
    assert_type(scratch, memoryview)
match view:
    case [first, *_, last]:
        print(first, last)
