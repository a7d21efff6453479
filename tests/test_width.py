"""`scripts/check_width.py`: lines that are too wide are shown; `--fix` moves words between lines only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the script and a width of 40."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(REPOSITORY / "scripts/check_width.py", tmp_path / "scripts")
    (tmp_path / "rustfmt.toml").write_text("max_width = 40\n", encoding="utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "scripts/check_width.py", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout.splitlines()


RUST = """\
//! A short line.
//!
//! A line of a module's documentation that is too long.
//! It goes on here.
    /// - an item that has more than forty characters
    ///   and another line
    /// - a second item
    ///
    /// ```
    /// let code = "is left alone, however long it is";
    /// ```
    /// | a row of a table | is left alone as well |
    fn f() {} // and so is what comes after code
    // A comment about 1 thousand - no, 12 - of them.
"""
FIXED = """\
//! A short line.
//!
//! A line of a module's documentation
//! that is too long. It goes on here.
    /// - an item that has more than
    ///   forty characters and another
    ///   line
    /// - a second item
    ///
    /// ```
    /// let code = "is left alone, however long it is";
    /// ```
    /// | a row of a table | is left alone as well |
    fn f() {} // and so is what comes after code
    // A comment about 1 thousand - no,
    // 12 - of them.
"""


def test_rust(root: Path) -> None:
    path = root / "a.rs"
    path.write_text(RUST, encoding="utf-8")
    assert run(root, "a.rs") == [f"a.rs:{line}: more than 40 characters" for line in (3, 5, 14)]
    assert path.read_text(encoding="utf-8") == RUST
    assert run(root, "--fix", "a.rs") == []
    assert path.read_text(encoding="utf-8") == FIXED
    assert run(root, "a.rs") == []


def test_markdown(root: Path) -> None:
    """What would become a list, a heading or a table at the start of a line stays behind another word."""
    path = root / "a.md"
    link = "https://example.org/a/very/long/link/of/one/word"
    text = f"# A heading\n\nThree words and then it is more than 1. - # of them, {link}\n"
    text += f"```text\n{'x ' * 30}\n```\n"
    path.write_text(text, encoding="utf-8")
    assert run(root, "a.md") == ["a.md:3: more than 40 characters"]
    assert run(root, "--fix", "a.md") == []
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == [
        "# A heading",
        "",
        "Three words and then it is more",
        "than 1. - # of them,",
        link,
        "```text",
        "x " * 30,
        "```",
    ]
