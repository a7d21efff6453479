"""Check that prose keeps the width of the formatters: Markdown, and the comments of Rust.

rustfmt leaves comments as they are, and nothing formats Markdown. Python's docstrings and comments are ruff's
to check. A row of a table, a block of code and a line of one word, such as a link, may be longer. `--fix`
fills the paragraphs that have such a line again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
COMMENT = re.compile(r"\s*//[/!]? ?")
ITEM = re.compile(r"\s*(?:[-*+]|\d+\.) +")
# Not a paragraph's text: headings, rows of tables, targets of links, quotations, lines of HTML.
ALONE = re.compile(r"\s*(?:#|\||\[[^]]+\]:|>|<)")
# What would mean something else at the start of a line: it stays behind the word before it.
NO_START = re.compile(r"(?:[-*+#>|]|\d+\.)")


class Line(NamedTuple):
    """A line of prose: what is before the text (indentation, comment signs), and the text."""

    number: int
    prefix: str
    text: str

    @property
    def whole(self) -> str:
        """The line as it is in the file."""
        return (self.prefix + self.text).rstrip()


def prose(lines: Sequence[str], *, markdown: bool) -> Iterator[Line]:
    """Yield the lines that are prose, blank ones too."""
    in_code = False
    for number, line in enumerate(lines):
        sign = COMMENT.match(line)
        if not markdown and sign is None:
            in_code = False
            continue
        prefix = "" if markdown or sign is None else sign[0]
        text = line[len(prefix) :]
        if text.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield Line(number, prefix, text)


def paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines that are filled together: a paragraph, or an item of a list."""
    found: list[Line] = []
    for line in lines:
        goes_on = (
            found
            and line.number == found[-1].number + 1
            and line.prefix.rstrip() == found[-1].prefix.rstrip()
            and line.text.strip()
            and not ITEM.match(line.text)
            and not ALONE.match(line.text)
        )
        if not goes_on and found:
            yield found
            found = []
        if line.text.strip() and (goes_on or not ALONE.match(line.text)):
            found.append(line)
    if found:
        yield found


def fill(paragraph: Sequence[Line], width: int) -> list[str]:
    """Return the paragraph's lines, none longer than the width if its words let it."""
    first = paragraph[0]
    item = ITEM.match(first.text)
    start = item[0] if item else first.text[: len(first.text) - len(first.text.lstrip())]
    rest = paragraph[1].text if len(paragraph) > 1 else " " * len(start)
    hang = rest[: len(rest) - len(rest.lstrip())]
    units: list[str] = []
    for word in " ".join([first.text[len(start) :], *(line.text for line in paragraph[1:])]).split():
        if units and NO_START.fullmatch(word):
            units[-1] += f" {word}"
        else:
            units.append(word)
    lines, now = [], first.prefix + start + units[0]
    for unit in units[1:]:
        if len(f"{now} {unit}") > width:
            lines.append(now)
            now = first.prefix.rstrip() + " " * (first.prefix != "") + hang + unit
        else:
            now += f" {unit}"
    return [*lines, now]


def check(path: Path, width: int, *, fix: bool) -> Iterator[int]:
    """Yield the numbers of the lines that are too long; with `fix` rewrite the file."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    found = list(prose(lines, markdown=path.suffix == ".md"))
    if fix:
        for paragraph in list(paragraphs(found))[::-1]:
            if any(len(line.whole) > width for line in paragraph):
                start = paragraph[0].number
                lines[start : start + len(paragraph)] = fill(paragraph, width)
        if lines != text.split("\n"):
            path.write_text("\n".join(lines), encoding="utf-8")
        found = list(prose(lines, markdown=path.suffix == ".md"))
    for line in found:
        row = line.text.lstrip().startswith("|")
        if len(line.whole) > width and len(line.text.split()) > 1 and not row:
            yield line.number + 1


def main() -> int:
    """Show the lines that are too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fix", action="store_true", help="fill the paragraphs that are too wide")
    parser.add_argument("files", nargs="*", type=Path, help="all that Git knows, if none is named")
    options = parser.parse_args()
    width = tomllib.loads((ROOT / "rustfmt.toml").read_text(encoding="utf-8"))["max_width"]
    files = options.files
    if not files:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.md"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        files = [ROOT / name for name, _ in groupby(sorted(listed.stdout.splitlines()))]
    faults = 0
    for path in files:
        for number in check(path, width, fix=options.fix) if path.exists() else ():
            print(f"{path.resolve().relative_to(ROOT)}:{number}: more than {width} characters")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
