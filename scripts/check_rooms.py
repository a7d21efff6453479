"""Check that no Rust file uses a room above its own, and that no files use each other in a circle.

A room is a folder or a file directly below a crate's `src`. `rooms.toml` lists the rooms bottom to top. An
arrow leads from a file to each file whose items it names: in `use` lines, and in paths that begin with
`crate`, `super`, `self`, or a module. A name that a `mod.rs` re-exports counts as the file that defines it,
and the re-export itself is no arrow. Comments, strings and `#[cfg(test)]` modules don't count; all other
`cfg`s do, each as if it were on.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

TOKEN = re.compile(
    r"""
    (?P<skip> \s+ | //[^\n]*
      | [bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | [bc]"(?:\\.|[^"\\])*"
      | b?'(?:\\[^\n]+?|[^\\'\n])' | '\w+ )
  | (?P<comment> /\*)
  | (?P<token> "(?:\\.|[^"\\])*" | (?:r\#)?[A-Za-z_]\w* | :: | \d[\w.]* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[A-Za-z_]\w*$")
DEFINES = {"fn", "struct", "enum", "union", "trait", "type", "const", "static", "macro_rules", "mod"}
ROOTS = {"crate", "super", "self"}


@dataclass(frozen=True)
class Token:
    """A word or a sign of a Rust source, and its line."""

    text: str
    line: int


@dataclass(frozen=True)
class Import:
    """One leaf of a `use` tree: the path it names, and the name it gives."""

    path: tuple[str, ...]
    name: str  # "*" for a glob
    line: int
    public: bool = False  # a re-export


@dataclass
class Module:
    """A module: its file, what it defines, and the modules in it."""

    file: Path
    parent: Module | None = None
    children: dict[str, list[Module]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    imports: list[Import] = field(default_factory=list)
    paths: list[Import] = field(default_factory=list)

    @property
    def root(self) -> Module:
        """The crate's root module."""
        return self if self.parent is None else self.parent.root

    def walk(self) -> Iterator[Module]:
        """Yield this module and all that are in it."""
        yield self
        for modules in self.children.values():
            for module in modules:
                yield from module.walk()


@dataclass(frozen=True, order=True)
class Arrow:
    """That a file uses another, and where it says so first."""

    source: Path
    target: Path
    line: int
    path: str


# --- reading ---


def tokens_of(text: str) -> list[Token]:
    """Return the source's tokens, without comments, strings, characters and lifetimes."""
    found, at, line = [], 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match is not None
        end = match.end()
        if match["comment"]:
            depth = 1
            while depth:
                mark = re.compile(r"/\*|\*/").search(text, end)
                if mark is None:
                    end = len(text)
                    break
                depth, end = depth + (1 if mark[0] == "/*" else -1), mark.end()
        elif match["token"]:
            found.append(Token(match["token"].removeprefix("r#"), line))
        line += text.count("\n", at, end)
        at = end
    return found


def tree(tokens: Sequence[Token], at: int, prefix: tuple[str, ...]) -> tuple[list[Import], int]:
    """Return the leaves of the `use` tree that begins at `at`, and where it ends."""
    path, line = list(prefix), tokens[at].line
    while True:
        text = tokens[at].text
        if text == "{":
            leaves: list[Import] = []
            at += 1
            while tokens[at].text != "}":
                inner, at = tree(tokens, at, tuple(path))
                leaves += inner
                at += tokens[at].text == ","
            return leaves, at + 1
        if text == "*":
            return [Import(tuple(path), "*", line)], at + 1
        if text != "::":
            if text != "self" or len(path) == 0:
                path.append(text)
            if tokens[at + 1].text == "as":
                return [Import(tuple(path), tokens[at + 2].text, line)], at + 3
            if tokens[at + 1].text != "::":
                return [Import(tuple(path), path[-1], line)], at + 1
        at += 1


def attribute(tokens: Sequence[Token], at: int) -> int:
    """Return where the attribute ends whose `[` is at `at`."""
    depth = 0
    while True:
        depth += {"[": 1, "]": -1}.get(tokens[at].text, 0)
        at += 1
        if depth == 0:
            return at


def block(tokens: Sequence[Token], at: int) -> int:
    """Return where the block ends whose `{` is at `at`."""
    depth = 0
    while True:
        depth += {"{": 1, "}": -1}.get(tokens[at].text, 0)
        at += 1
        if depth == 0:
            return at


def read(module: Module, folder: Path) -> None:
    """Read a module's file and the files of the modules in it, which lie in `folder`."""
    tokens = tokens_of(module.file.read_text(encoding="utf-8"))
    read_items(module, folder, tokens, 0, len(tokens))


def read_items(module: Module, folder: Path, tokens: Sequence[Token], at: int, end: int) -> None:
    """Read the tokens from `at` to `end` into the module."""
    only_tests = False
    depth = 0
    named: list[str] = []  # The files that `#[path]` gives the next `mod`.
    while at < end:
        text, line = tokens[at].text, tokens[at].line
        after = tokens[at + 1].text if at + 1 < end else ""
        before = tokens[at - 1].text if at else ""
        depth += {"{": 1, "}": -1}.get(text, 0)
        if text == "#" and after == "[":
            stop = attribute(tokens, at + 1)
            words = [token.text for token in tokens[at + 2 : stop - 1]]
            only_tests |= words == ["cfg", "(", "test", ")"]
            named += [words[i + 2][1:-1] for i in range(len(words) - 2) if words[i : i + 2] == ["path", "="]]
            at += 2  # What is in it is read, too: an attribute may name a path.
            continue
        if text == "mod" and WORD.match(after) and at + 2 < end and tokens[at + 2].text in {";", "{"}:
            if tokens[at + 2].text == "{":
                stop = block(tokens, at + 2)
                if not only_tests:
                    child = Module(module.file, module)
                    module.children.setdefault(after, []).append(child)
                    read_items(child, folder / after, tokens, at + 3, stop - 1)
                at = stop
            else:
                beside = [module.file.parent / name for name in named]
                for file in beside or [folder / f"{after}.rs", folder / after / "mod.rs"]:
                    if file.exists() and not only_tests:
                        child = Module(file, module)
                        module.children.setdefault(after, []).append(child)
                        read(child, file.parent if file.name == "mod.rs" else file.with_suffix(""))
                at += 3
            named = []
            only_tests = False
            continue
        if text == "use" and before != "." and (WORD.match(after) or after in {"{", "::"}) and after != "use":
            start = at + 1 + (after == "::")
            leaves, at = tree(tokens, start, ())
            if not only_tests:
                module.imports += [replace(leaf, public=before in {"pub", ")"}) for leaf in leaves]
            only_tests = False
            continue
        if text in DEFINES and depth == 0:
            name = tokens[at + 2].text if text == "macro_rules" else after
            name = tokens[at + 2].text if name in {"mut", "unsafe", "fn", "extern"} else name
            module.names.add(name)
        if WORD.match(text) and after == "::" and before != "::":
            path = [text]
            while at + 2 < end and tokens[at + 1].text == "::" and WORD.match(tokens[at + 2].text):
                path.append(tokens[at + 2].text)
                at += 2
            module.paths.append(Import(tuple(path), path[-1], line))
        only_tests &= text not in {";", "}"} or depth > 0
        at += 1


# --- resolving ---


def start_of(module: Module, path: tuple[str, ...]) -> tuple[list[Module], tuple[str, ...]]:
    """Return the modules at which a path begins, and the rest of it; no module for another crate's path."""
    first, rest = path[0], path[1:]
    if first == "crate":
        return [module.root], rest
    if first == "self":
        return [module], rest
    if first == "super":
        here = module.parent
        while rest and rest[0] == "super" and here is not None:
            here, rest = here.parent, rest[1:]
        return [here] if here is not None else [], rest
    if first in module.children:
        return [module], path
    return [], path


def resolve(
    module: Module, path: tuple[str, ...], seen: frozenset[tuple[int, str]] = frozenset()
) -> set[Path]:
    """Return the files that define what `path`, looked up in this module, names."""
    if not path:
        return {module.file}
    name, rest = path[0], path[1:]
    if (id(module), name) in seen:
        return set()
    seen |= {(id(module), name)}
    if name == "*":
        files = {module.file} if module.names else set()
        for leaf in module.imports:
            files |= follow(module, leaf, (), seen)
        return files or {module.file}
    files = set()
    for child in module.children.get(name, []):
        files |= resolve(child, rest, seen)
    for leaf in module.imports:
        if leaf.name == name:
            files |= follow(module, leaf, rest, seen)
    if files or name in module.names:
        return files | ({module.file} if name in module.names else set())
    for leaf in module.imports:
        if leaf.name == "*" and (found := globbed(module, leaf, path, seen)):
            return found
    return files


def globbed(
    module: Module, leaf: Import, path: tuple[str, ...], seen: frozenset[tuple[int, str]]
) -> set[Path]:
    """Return the files of `path` where a glob brings its first name into the module."""
    starts, tail = start_of(module, leaf.path)
    files: set[Path] = set()
    for start in starts:
        files |= resolve(start, (*tail, *path), seen)
    return files


def follow(
    module: Module, leaf: Import, rest: tuple[str, ...], seen: frozenset[tuple[int, str]]
) -> set[Path]:
    """Return the files to which one `use` leaf leads."""
    starts, tail = start_of(module, leaf.path)
    star = ("*",) if leaf.name == "*" else ()
    files: set[Path] = set()
    for start in starts:
        files |= resolve(start, tail + star + rest, seen)
    return files


def arrows_of(root: Module) -> list[Arrow]:
    """Return all arrows between files of a crate, one for each pair."""
    first: dict[tuple[Path, Path], Arrow] = {}
    for module in root.walk():
        leaves = list(module.imports)
        for leaf in module.paths:
            leaves.append(leaf)
            # A path that begins with a module that a `use` brought here.
            leaves += [
                Import(brought.path + leaf.path[1:], leaf.name, leaf.line)
                for brought in module.imports
                if brought.name == leaf.path[0]
            ]
        for leaf in leaves:
            starts, tail = start_of(module, leaf.path)
            if leaf.public and starts == [module] and tail[0] in module.children:
                continue  # A line of a table of contents.
            if not starts:
                continue
            for target in sorted(follow(module, leaf, (), frozenset())):
                if target != module.file:
                    arrow = Arrow(module.file, target, leaf.line, "::".join(leaf.path))
                    first.setdefault((module.file, target), arrow)
    return sorted(first.values())


# --- checking ---


def circles(arrows: Sequence[Arrow]) -> list[list[Path]]:
    """Return the strongly connected files, by Tarjan's algorithm, where there are two or more."""
    targets: dict[Path, list[Path]] = {}
    for arrow in arrows:
        targets.setdefault(arrow.source, []).append(arrow.target)
    number: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    found: list[list[Path]] = []

    def visit(file: Path) -> None:
        number[file] = low[file] = len(number)
        stack.append(file)
        for target in targets.get(file, []):
            if target not in number:
                visit(target)
                low[file] = min(low[file], low[target])
            elif target in stack:
                low[file] = min(low[file], number[target])
        if low[file] == number[file]:
            members = stack[stack.index(file) :]
            del stack[stack.index(file) :]
            if len(members) > 1:
                found.append(sorted(members))

    for file in sorted(targets):
        if file not in number:
            visit(file)
    return found


def check(repository: Path, name: str, source: str, rooms: Sequence[str], report: bool) -> int:
    """Print what is wrong with one crate's arrows, and return how many faults there are."""
    folder = repository / source
    root = Module(folder / "lib.rs")
    read(root, folder)
    arrows = arrows_of(root)
    files = {module.file for module in root.walk()}
    order = {room: number for number, room in enumerate(rooms)}

    def room(file: Path) -> str:
        return file.relative_to(folder).parts[0]

    def show(file: Path) -> str:
        return file.relative_to(repository).as_posix()

    upward = [
        arrow
        for arrow in arrows
        if room(arrow.source) in order
        and order[room(arrow.source)] < order.get(room(arrow.target), len(order))
    ]
    found = circles(arrows)
    there = {room(file) for file in files}
    faults = [
        f"{source}/{missing}: no such room in scripts/rooms.toml" for missing in sorted(there - set(order))
    ]
    faults += [
        f"{source}/{empty}: scripts/rooms.toml names this room, but it is not there"
        for empty in sorted(set(order) - there)
    ]
    faults += [
        f"{show(arrow.source)}:{arrow.line}: `{arrow.path}` runs up, from {room(arrow.source)} to "
        f"{room(arrow.target)}: {show(arrow.target)}"
        for arrow in upward
    ]
    for members in found:
        faults.append(f"{name}: a circle of {len(members)} files: {', '.join(map(show, members))}")
        faults += [
            f"    {show(arrow.source)}:{arrow.line}: `{arrow.path}`: {show(arrow.target)}"
            for arrow in arrows
            if arrow.source in members and arrow.target in members
        ]
    for fault in faults:
        print(fault)
    if report or faults:
        print(
            f"{name}: {len(files)} files, {len(arrows)} arrows; {len(upward)} upward, "
            f"{sum(map(len, found))} files in {len(found)} circles"
        )
    return len(faults)


def main() -> int:
    """Check both crates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--report", action="store_true", help="list everything and exit with 0")
    parser.add_argument("repository", nargs="?", type=Path, default=Path(__file__).parent.parent)
    options = parser.parse_args()
    repository = options.repository.resolve()
    table = tomllib.loads((repository / "scripts/rooms.toml").read_text(encoding="utf-8"))
    faults = 0
    for name, crate in table.items():
        faults += check(repository, name, crate["source"], crate["rooms"], options.report)
    return 0 if options.report or faults == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
