"""`scripts/check_rooms.py`: no Rust file uses a room above its own, and no files form a circle."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parent.parent
SCRIPT = REPOSITORY / "scripts/check_rooms.py"
ROOMS = tomllib.loads((REPOSITORY / "scripts/rooms.toml").read_text(encoding="utf-8"))


def run(repository: Path, *options: str) -> tuple[int, list[str]]:
    """The check's exit code and its lines."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options, str(repository)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def crate(folder: Path, files: dict[str, str], rooms: list[str]) -> Path:
    """A repository of one crate with these files."""
    for name, text in files.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "scripts").mkdir()
    (folder / "scripts/rooms.toml").write_text(f'[core]\nsource = "src"\nrooms = {rooms}\n', encoding="utf-8")
    return folder


# Two rooms; every way to name something that the check must see through without finding fault.
FILES = {
    "lib.rs": """\
mod low;
pub mod high;
pub use high::{Roof, beam::*};
fn all() { low::floor() }
""",
    "low/mod.rs": """\
mod stone;
mod wall;
#[macro_use]
mod tools;
pub(crate) use stone::{Stone, floor as ground};
pub(crate) use wall::Wall;
pub use self::stone::floor;
""",
    "low/stone.rs": """\
pub struct Stone;
pub fn floor() {}
pub fn r#move() {}
""",
    "low/wall.rs": """\
use super::{Stone, stone::{self, floor}};
pub struct Wall;
fn f() { stone::r#move(); }
""",
    "low/tools.rs": """\
macro_rules! plumb { () => { $crate::low::Wall } }
pub(crate) use plumb;
""",
    "high/mod.rs": """\
mod roof;
pub mod beam;
pub use roof::*;
""",
    "high/roof.rs": """\
use crate::low::{Wall as W, ground};
use std::{fmt, io::{self, Read}};
pub struct Roof<'a>(&'a u8, char);
const C: char = '"'; // crate::high::beam::Beam
/* /* use super::beam::Beam; */ use super::beam::Beam; */
const S: &str = r#"crate::high::beam::Beam ""#;
#[cfg(test)]
mod tests { use crate::high::beam::Beam; use super::*; }
""",
    "high/beam.rs": """\
use super::Roof;
pub struct Beam;
impl Beam { fn new() -> crate::low::Stone { todo!() } }
""",
}
ORDER = ["low", "high", "lib.rs"]


def test_clean(tmp_path: Path) -> None:
    assert run(crate(tmp_path, FILES, ORDER)) == (0, [])
    code, lines = run(tmp_path, "--report")
    assert code == 0
    assert lines == ["core: 8 files, 7 arrows; 0 upward, 0 files in 0 circles"]


@pytest.mark.parametrize(
    "line",
    [
        "use crate::high::Roof;",
        "use super::super::high::Roof;",
        "use crate::{high::{Roof as R}};",
        "use crate::Roof;",
        "pub(crate) use crate::high::*;",
        "#[cfg(unix)]\nuse crate::high::Roof;",
        "fn f() -> crate::high::Roof { todo!() }",
        "use crate::high as h;\nfn f() -> h::Roof { todo!() }",
        "mod inner { use super::super::super::high::Roof; }",
        "fn f() { use crate::high::Roof; }",
        "#[from(crate::high::Roof::from)]\nstruct X;",
        "const Q: char = '\\'';\nuse crate::high::Roof;",
        "fn f<'a>(x: &'a str) -> &'a str { x }\nuse crate::high::Roof;",
        'const B: &[u8] = br##""#"##;\nuse crate::high::Roof;',
    ],
)
def test_upward(tmp_path: Path, line: str) -> None:
    """Each way to name what lies above is found, though a `mod.rs` re-exports it."""
    files = FILES | {"low/stone.rs": FILES["low/stone.rs"] + line + "\n"}
    code, lines = run(crate(tmp_path, files, ORDER))
    assert code == 1
    upward = [text for text in lines if "runs up" in text]
    assert any(text.startswith("src/low/stone.rs:") and text.endswith("src/high/roof.rs") for text in upward)
    assert any("from low to high" in text for text in upward)
    assert run(tmp_path, "--report")[0] == 0


@pytest.mark.parametrize(
    ("file", "line", "members"),
    [
        ("low/stone.rs", "use super::Wall;", ["low/stone.rs", "low/wall.rs"]),
        ("low/stone.rs", "use crate::low::*;", ["low/stone.rs", "low/wall.rs"]),
        ("high/roof.rs", "type T = super::beam::Beam;", ["high/beam.rs", "high/roof.rs"]),
        ("high/roof.rs", "use crate::Beam;", ["high/beam.rs", "high/roof.rs"]),
        # What `mod.rs` defines itself is an item of that file.
        (
            "high/mod.rs",
            "pub struct Own;\nfn f() { roof::g() }",
            ["high/mod.rs", "high/roof.rs"],
        ),
    ],
)
def test_circle(tmp_path: Path, file: str, line: str, members: list[str]) -> None:
    files = FILES | {file: FILES[file] + line + "\n"}
    if file == "high/mod.rs":
        files["high/roof.rs"] += "use super::Own;\npub fn g() {}\n"
    code, lines = run(crate(tmp_path, files, ORDER))
    assert code == 1
    (circle,) = [text for text in lines if "a circle of" in text]
    assert circle == f"core: a circle of 2 files: {', '.join('src/' + name for name in members)}"


def test_rooms_and_files_agree(tmp_path: Path) -> None:
    code, lines = run(crate(tmp_path, FILES, ["low", "attic", "lib.rs"]))
    assert code == 1
    assert "src/high: no such room in scripts/rooms.toml" in lines
    assert "src/attic: scripts/rooms.toml names this room, but it is not there" in lines


def test_files_by_path(tmp_path: Path) -> None:
    """`#[path]` and `#[cfg]` give one module two files; both count."""
    files = FILES | {
        "low/mod.rs": FILES["low/mod.rs"] + '#[cfg_attr(unix, path = "one.rs")]\n'
        '#[cfg_attr(not(unix), path = "two.rs")]\nmod system;\n#[cfg(a)]\n#[path = "three.rs"]\nmod other;\n',
        "low/one.rs": "use crate::high::Roof;",
        "low/two.rs": "use crate::high::Roof;",
        "low/three.rs": "use crate::high::Roof;",
    }
    code, lines = run(crate(tmp_path, files, ORDER))
    assert code == 1
    assert sorted(text.split(":")[0] for text in lines if "runs up" in text) == [
        "src/low/one.rs",
        "src/low/three.rs",
        "src/low/two.rs",
    ]


# --- the project's own crates ---


def load() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("check_rooms", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_rooms"] = module
    spec.loader.exec_module(module)
    return module


def module_path(file: Path, source: Path) -> str:
    """The path of a file's module: `crate::geometry::map`."""
    parts = file.relative_to(source).with_suffix("").parts
    return "::".join(("crate", *(part for part in parts if part not in ("mod", "lib"))))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the sources of both crates, to plant faults in."""
    for table in ROOMS.values():
        shutil.copytree(REPOSITORY / table["source"], tmp_path / table["source"])
    shutil.copytree(REPOSITORY / "scripts", tmp_path / "scripts")
    return tmp_path


def test_no_arrow_runs_up() -> None:
    assert run(REPOSITORY) == (0, [])


@pytest.mark.parametrize("name", ROOMS)
def test_planted(copied: Path, name: str) -> None:
    """An arrow planted against one that is there is a circle; from room to room it also runs up."""
    source = copied / ROOMS[name]["source"]
    check_rooms = load()
    root = check_rooms.Module(source / "lib.rs")
    check_rooms.read(root, source)
    assert {module.file for module in root.walk()} == set(source.rglob("*.rs"))
    arrows = [arrow for arrow in check_rooms.arrows_of(root) if arrow.source.parent != source]
    inside = next(arrow for arrow in arrows if arrow.source.parent == arrow.target.parent)
    across = next(arrow for arrow in arrows if arrow.source.parent != arrow.target.parent != source)
    for arrow in (inside, across):
        with arrow.target.open("a", encoding="utf-8") as file:
            file.write(f"\nuse {module_path(arrow.source, source)} as _planted;\n")
    code, lines = run(copied)
    assert code == 1
    low, high = (file.relative_to(copied).as_posix() for file in (across.target, across.source))
    assert any("runs up" in line and line.startswith(low) and line.endswith(high) for line in lines)
    for arrow in (inside, across):
        ends = [file.relative_to(copied).as_posix() for file in (arrow.source, arrow.target)]
        assert any("a circle of" in line and all(end in line for end in ends) for line in lines)


@pytest.mark.parametrize("name", ROOMS)
def test_architecture_quotes_the_order(name: str) -> None:
    architecture = (REPOSITORY / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    assert f"\n{name:9}{', '.join(ROOMS[name]['rooms'])}\n" in architecture


def test_architecture_names_the_files_with_unsafe() -> None:
    """The binding denies unsafe code; few files allow it, and docs/ARCHITECTURE.md lists them."""
    source = REPOSITORY / "crates/fragview-python/src"
    assert "#![deny(unsafe_code)]" in (source / "lib.rs").read_text(encoding="utf-8")
    allowing = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.rs")
        if "allow(unsafe_code)" in path.read_text(encoding="utf-8")
    }
    text = (REPOSITORY / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = text.split("these files allow it", 1)[1].split("```text\n", 1)[1].split("```", 1)[0]
    assert set(listed.split()) == allowing
    assert len(allowing) <= 13, "move the new unsafe code into a file that has some"
