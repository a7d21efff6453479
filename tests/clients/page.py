"""Writes docs/clients.md: `python -m tests.clients.page`. Without the libraries of the group `clients` it
can't.

The page is made of what the clients do here and now; `test_clients.py` compares it with the one in the
repository.
"""

from __future__ import annotations

import importlib.metadata
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from .cells import SMALL, outcome, sizes_of
from .client import FAULT, OTHER, SAME, WAYS, Client
from .families import STANDARD, THIRD, libraries, standard, third

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
STANDARD_TITLE = "The standard library"
THIRD_TITLE = "Other libraries"

HEAD = """\
# Clients: what takes a view, and what refuses it

{own} calls of the standard library (Python 3.11) and {others} of {libraries} other libraries. Each is tried
with a view of {fragments} fragments and compared with the same call of `bytes`. `make test-clients` tries
them all again. `python -m tests.clients.page` writes this page.

- [In short](#in-short)
- [Wrong, and silent](#wrong-and-silent)
- [Works, at a cost in memory](#works-at-a-cost-in-memory)
- [The standard library](#the-standard-library)
- [Other libraries](#other-libraries)
- [What the refusals say](#what-the-refusals-say)

## In short

| A function that | take |
| --- | --- |
| reads a file | `v.open()` |
| takes its input in parts (`update`, `feed`, `compress`, `writev`) | each of `v.fragments` |
| takes any contiguous buffer | `with v.gather(writeback=False) as x: …`, a copy where the view has seams |
| fills a buffer | `with v.gather() as x: …`, or `v.read_from(file)` |
| takes `bytes` only | `bytes(v)`, a copy |
| iterates over bytes, compares, indexes | the view itself |

A view of one fragment is taken wherever a `memoryview` is, unless the function asks for that type by name.

{summary}
"""

LEGEND = """\
The columns are ways to give a view `v` as `x`: a view of one fragment; a view with seams; `memoryview(v)`,
`v.open()`, `v.fragments` and `v.gather()` of the latter. **yes**: the result is that for `bytes`, or for a
file where the function reads files. *As a memoryview*, *as a file*, *as a list*: the function makes
something else of `bytes` than of these, and treats the view's as it treats any of them. **wrong**,
**harm**: see [above](#wrong-and-silent). The number behind an exception is that of [its
text](#what-the-refusals-say). `n` is `len(data)`.
"""

TITLES = {
    "whole": "one fragment",
    "view": "with seams",
    "memoryview": "`memoryview(v)`",
    "open": "`v.open()`",
    "fragments": "`v.fragments`",
    "gather": "`v.gather()`",
}
KINDS = {"open": "*as a file*", "fragments": "*as a list*"}


class Refusals:
    """The texts of refusals, numbered as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of this text, whichever of our classes it names."""
        text = re.sub(r"<class '(fragview\.)?(FragView|FragFile|Fragments|memoryview)'>", "*X*", text)
        text = re.sub(r"'(fragview\.)?(FragView|FragFile|Fragments|memoryview)'", "*X*", text)
        text = re.sub(r"\b(fragview\.)?(FragView|FragFile|Fragments)\b", "*X*", text)
        text = re.sub(r"\bnot memoryview\b", "not *X*", text)
        text = re.sub(r"<memory at [^>]*>|<\*X\* [^>]*>", "*X*", text)
        text = re.sub(r"\b\d+ fragments\b", "*n* fragments", text)
        text = text.replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")
        text = text if len(text) <= 260 else text[:259] + "…"
        self.counts[text] = self.counts.get(text, 0) + 1
        return self.numbers.setdefault(text, len(self.numbers) + 1)


def code(text: str) -> str:
    """Python in a cell of a table."""
    text = text.replace("\n    ", " ").replace("\n", "; ").replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def call_of(client: Client) -> str:
    """The call, with a remark behind it; a library that is not Python's own is named with its version."""
    call, _, remark = (client.shown[0] or client.call).partition("  # ")
    remarks = [remark] if remark else []
    if client.library != "stdlib":
        remarks.insert(0, f"{client.library} {importlib.metadata.version(client.library)}")
    return code(call) + (f" ({', '.join(remarks)})" if remarks else "")


def instead_of(client: Client) -> str:
    """What to call with a view with seams, where the call does not take one, or at a cost."""
    if client.cell("view") == SAME and not client.costs:
        return ""
    if client.instead:
        return code(client.shown[1] or client.instead)
    if client.cell("view") == SAME:
        return ""
    return "`with v.gather(writeback=False) as x: …`" if client.cell("gather") == SAME else "`bytes(v)`"


def cells_of(client: Client, refusals: Refusals) -> Iterator[str]:
    """A row's cells."""
    for way in WAYS:
        got = outcome(client, way)
        if got.letter == SAME:
            cost = client.costs.get(way)
            yield f"yes (+{cost})" if cost else "yes"
        elif got.letter == OTHER:
            yield KINDS.get(way, "*as a memoryview*")
        elif got.letter == FAULT:
            yield "**wrong**"
        else:
            harm = "**harm**, " if got.letter.islower() else ""
            yield f"{harm}{got.text.partition(':')[0]} {refusals.number(got.text)}"


def table(clients: Iterable[Client], refusals: Refusals) -> str:
    """The rows of one library or family."""
    lines = ["| call | " + " | ".join(TITLES.values()) + " | call instead |", "| --- " * 8 + "|"]
    lines += [
        f"| {call_of(client)} | {' | '.join(cells_of(client, refusals))} | {instead_of(client)} |"
        for client in clients
    ]
    return "\n".join(lines) + "\n"


def standard_section(refusals: Refusals) -> str:
    """The calls of the standard library."""
    parts = [f"## {STANDARD_TITLE}\n", LEGEND]
    for title, clients in STANDARD:
        parts += [f"### {title}\n", table(clients, refusals)]
    return "\n".join(parts)


def third_section(refusals: Refusals) -> str:
    """The calls of other libraries, by family."""
    parts = [f"## {THIRD_TITLE}\n"]
    for title, clients in THIRD:
        parts += [f"### {title}\n", table(clients, refusals)]
    return "\n".join(parts)


def faults_section() -> str:
    """Each fault of a library, with its reason."""
    lines = [
        "## Wrong, and silent\n",
        "These calls neither give what they give for `bytes` nor refuse, or refuse too late. "
        "The fault is the library's.\n",
        "| call | given | fault | call instead |",
        "| --- | --- | --- | --- |",
    ]
    for client in [*standard(), *third()]:
        for ways, reason in client.faults.items():
            given = ", ".join(TITLES[way] for way in ways.split())
            lines.append(f"| {call_of(client)} | {given} | {reason} | {instead_of(client)} |")
    return "\n".join(lines) + "\n"


def costs_section() -> str:
    """Each call that works and takes more memory than for `bytes`."""
    lines = [
        "## Works, at a cost in memory\n",
        "These calls work, and take more memory than for `bytes`. The third column says how many bytes "
        "more for each byte of the view; in the tables below it stands behind *yes*. 1 is a copy, "
        "mostly one that `bytes` spare because they are the result or lend themselves. 8 is the table "
        "of pointers that any `memoryview(v)` has across seams; the column `memoryview(v)` has it "
        "before the call, too. 9 is both.\n\nPython copies through such a table byte by byte, "
        "`bytes(v)` whole fragments. Instructions a byte, counted with Callgrind (CPython 3.11, "
        "fragments of 4 KiB): `bytearray(v)` 65, `bytearray(bytes(v))` 2; `memoryview(a)[:] = v` 65, "
        "`FragView(a)[:] = v` 1; `base64.b64decode(v)` 89, of `bytes(v)` 25; `msgpack.unpackb(v)` 74, "
        "of `bytes(v)` 2.\n",
        "| call | given | bytes a byte | call instead |",
        "| --- | --- | --- | --- |",
    ]
    for client in [*standard(), *third()]:
        for way, cost in client.costs.items():
            better = instead_of(client) if way != "open" else ""
            lines.append(f"| {call_of(client)} | {TITLES[way]} | {cost} | {better} |")
    return "\n".join(lines) + "\n"


def refusals_section(refusals: Refusals) -> str:
    """Their texts."""
    lines = [
        "## What the refusals say\n",
        "*X* stands for the class of what was given. The last column counts the cells above.\n",
        "| | text | cells |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {number} | {text} | {refusals.counts[text]} |" for text, number in refusals.numbers.items()]
    return "\n".join(lines) + "\n"


def summary() -> str:
    """How many cells of each kind each way has."""
    lines = ["| | " + " | ".join(TITLES.values()) + " |", "| --- " * 7 + "|"]
    for title, clients in ((STANDARD_TITLE, standard()), (THIRD_TITLE, third())):
        for name, letters in (
            ("as for `bytes`", SAME),
            ("as for its like", OTHER),
            ("wrong, or too late", FAULT),
        ):
            counts = [
                sum(c.cell(way) in letters or (letters == FAULT and c.cell(way).islower()) for c in clients)
                for way in WAYS
            ]
            lines.append(f"| {title} ({len(clients)}): {name} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def matrix(*, libraries: bool = True) -> str:
    """The whole page, or that part for which no library is needed."""
    refusals = Refusals()
    parts = [standard_section(refusals)]
    if libraries:
        parts = [
            head(),
            faults_section(),
            costs_section(),
            *parts,
            third_section(refusals),
            refusals_section(refusals),
        ]
    return filled("\n".join(parts))


def filled(text: str) -> str:
    """The text with its paragraphs in lines of the width that prose has here."""
    blocks = text.split("\n\n")
    prose = [block[:1] not in "|#-" and "\n|" not in block for block in blocks]
    return "\n\n".join(
        textwrap.fill(block.strip(), 110, break_long_words=False, break_on_hyphens=False)
        if is_prose
        else block
        for block, is_prose in zip(blocks, prose, strict=True)
    )


def head() -> str:
    """The page's beginning."""
    return HEAD.format(
        own=len(standard()),
        others=len(third()),
        libraries=len(libraries()),
        fragments=len([size for size in sizes_of(SMALL) if size]),
        summary=summary(),
    )


def section(text: str, title: str) -> str:
    """The part of the page under this heading."""
    return next(part for part in re.split(r"^## ", text, flags=re.M) if part.startswith(title + "\n")).strip()


if __name__ == "__main__":
    PAGE.write_text(matrix())
