"""One client, one way: the result is that for `bytes`, or the call is refused, or it is wrong."""

from __future__ import annotations

import array
import ast
import builtins
import contextlib
import functools
import importlib
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any, NamedTuple

import fragview
import fragview.re
from fragview import FragView

from .client import FAULT, OTHER, REFUSALS, SAME, Client

SMALL = 600
CANARY = b"\xa5\x5a\xc3\x3c\x99"


class Outcome(NamedTuple):
    """The letter of a cell, and the refusal's text or what differs."""

    letter: str
    text: str = ""


def sizes_of(n: int) -> list[int]:
    """Fragments of 1, 0 and many bytes, of odd and even lengths."""
    sizes: list[int] = []
    for size in (1, 2, 0, 7, n // 3, 1, n // 7):
        sizes.append(min(size, n - sum(sizes)))
    return [*sizes, n - sum(sizes)]


def fragments_of(data: bytes, sizes: list[int], *, writable: bool) -> list[memoryview]:
    """The data in pieces of memory of their own, each between canaries."""
    made, at = [], 0
    for size in sizes:
        framed = CANARY + data[at : at + size] + CANARY
        memory = memoryview(bytearray(framed) if writable else framed)
        made.append(memory[len(CANARY) : len(CANARY) + size])
        at += size
    return made


def canaries_live(fragments: list[memoryview]) -> bool:
    """Whether nothing was written around the fragments."""
    wholes = [bytes(memoryview(fragment.obj)) for fragment in fragments]
    return all(whole.startswith(CANARY) and whole.endswith(CANARY) for whole in wholes)


def plain(value: Any) -> Any:
    """A result in comparable form: what shows bytes becomes bytes, arrays with their type and shape."""
    if isinstance(value, (bytes, bytearray, memoryview, FragView)):
        return bytes(value)
    if isinstance(value, str):
        return re.sub(r"0x[0-9a-f]{6,}", "0x…", value)
    if isinstance(value, io.BufferedIOBase):
        return "file", value.read()
    if isinstance(value, array.array):
        return value.typecode, value.tobytes()
    if hasattr(value, "__array_interface__"):
        if value.dtype == object:
            return "objects", value.shape, plain(value.tolist())
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return {plain(item) for item in value}
    return value


@functools.cache
def compiled(text: str) -> tuple[CodeType, CodeType, frozenset[str]]:
    """The statements, the last expression, and the names that they look up."""
    tree = ast.parse(text)
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names = {node.id for node in named} - {node.id for node in named if isinstance(node.ctx, ast.Store)}
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), text
    return compile(tree, text, "exec"), compile(ast.Expression(last.value), text, "eval"), frozenset(names)


def evaluate(text: str, names: dict[str, Any]) -> Any:
    """The value of the last expression."""
    statements, expression, wanted = compiled(text)
    for name in wanted - names.keys() - vars(builtins).keys():
        with contextlib.suppress(ImportError):
            names[name] = importlib.import_module(name)
    exec(statements, names)
    return eval(expression, names)


@contextlib.contextmanager
def namespace(client: Client, data: bytes) -> Iterator[dict[str, Any]]:
    """The names that a call may use."""
    with client.given() as given, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names: dict[str, Any] = {"fragview": fragview, "FragView": FragView, "data": data, "n": len(data)}
        exec(client.imports, names)
        names.update(given or {})
        yield names


def standard(kind: str, source: bytes | bytearray) -> Any:
    """These bytes in an object of Python's own."""
    if kind == "bytes":
        return source
    if kind == "file":
        return io.BytesIO(source)
    whole, made = memoryview(source), []
    if kind == "memoryview":
        return whole
    for size in sizes_of(len(source)):
        made.append(whole[:size])
        whole = whole[size:]
    return [part for part in made if part]


LIKE = {"open": "file", "fragments": "list"}


def expected(client: Client, data: bytes, kind: str) -> Any:
    """The result for that kind of object; for a call that writes, from a `bytearray` of zeros and with what
    is in it then."""
    source = bytearray(len(data)) if client.fills else data
    with namespace(client, data) as names:
        result = plain(evaluate(client.call, names | {"x": standard(kind, source)}))
    return (result, bytes(source)) if client.fills else result


def as_others(client: Client, data: bytes, way: str, result: Any) -> bool:
    """Whether the result is that for a memoryview, a file or a list in place of the view."""
    try:
        return bool(result == expected(client, data, LIKE.get(way, "memoryview")))
    except Exception:
        return False


@contextlib.contextmanager
def given(view: FragView[int], way: str) -> Iterator[Any]:
    """The view, as this way has it."""
    if way == "memoryview":
        yield memoryview(view)
    elif way == "open":
        yield view.open()
    elif way == "fragments":
        yield view.fragments
    elif way == "gather":
        with view.gather() as whole:
            yield whole
    else:
        yield view


def view_of(client: Client, data: bytes, way: str) -> tuple[FragView[int], list[memoryview]]:
    """A view, and its fragments with their canaries."""
    sizes = [len(data)] if way == "whole" else sizes_of(len(data))
    fragments = fragments_of(bytes(len(data)) if client.fills else data, sizes, writable=client.fills)
    return FragView(fragments), fragments


def letter_of(error: BaseException) -> str:
    """The first letter whose class the error is of."""
    if not isinstance(error, Exception):
        return "P"
    # What is derived from ValueError or OSError is a class with a name that says more.
    return next((letter for letter, kind in REFUSALS.items() if type(error) is kind), "E")


def words_of(error: BaseException) -> str:
    """The error's class and its first line, without what differs from run to run."""
    line = next(iter(str(error).strip().splitlines()), "")
    line = re.sub(r"0x[0-9a-f]{6,}", "0x…", line)
    line = re.sub(r"(/[\w.+-]+){2,}/?", "…", line)
    line = re.sub(r"\b\d{5,}\b", "…", line)
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def outcome(client: Client, way: str, data: bytes | None = None) -> Outcome:
    """Try it."""
    data = client.data(SMALL) if data is None else data
    wanted = expected(client, data, client.takes)
    view, fragments = view_of(client, data, way)
    with namespace(client, data) as names:
        mine = dict(names)
        try:
            with given(view, way) as mine["x"]:
                result = plain(evaluate(client.call, mine))
                mine.clear()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            words, letter = words_of(error), letter_of(error)
            error.__traceback__ = None
            harm = client.unharmed and not evaluate(client.unharmed, mine)
            return Outcome(letter.lower() if harm else letter, words)
        finally:
            assert canaries_live(fragments), "a write beside the fragments"
    if client.fills:
        result = (result, b"".join(fragments))
    else:
        assert b"".join(fragments) == data, "the memory of a view has been written"
    if result == wanted:
        return Outcome(SAME)
    return Outcome(OTHER if as_others(client, data, way, result) else FAULT, shortened(result, wanted))


def instead(client: Client, data: bytes | None = None) -> Outcome:
    """Try what the page names instead."""
    data = client.data(SMALL) if data is None else data
    wanted = expected(client, data, client.takes)
    view, fragments = view_of(client, data, "view")
    with namespace(client, data) as names:
        result = plain(evaluate(client.instead, names | {"v": view}))
    if client.fills:
        result, wanted = b"".join(fragments), wanted[1]
    return Outcome(SAME) if result == wanted else Outcome(FAULT, shortened(result, wanted))


def shortened(result: Any, wanted: Any) -> str:
    """Both, for an error."""
    return f"{repr(result)[:200]} instead of {repr(wanted)[:200]}"
