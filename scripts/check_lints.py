"""Check that clippy refuses what clippy.toml disallows: each such call is planted in a file of its own.

Files size memory in formats, records and geometry. There `with_capacity`, `vec![]` and the like would end the
process where memory is short, so these folders deny them, and nothing within may allow them again. A path
that clippy does not know any more, after a renaming in std, refuses nothing: that shows here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "crates" / "fragview" / "src"
FOLDERS = ("formats", "geometry", "records")
"""Those where a file sizes memory."""

DENIED = "deny(clippy::disallowed_methods, clippy::disallowed_macros)"

PLANTED = {
    "alloc::vec::Vec::with_capacity": "Vec::<u8>::with_capacity(count)",
    "alloc::vec::Vec::reserve": "{ let mut all = vec(); all.reserve(count); all }",
    "alloc::vec::Vec::reserve_exact": "{ let mut all = vec(); all.reserve_exact(count); all }",
    "alloc::string::String::with_capacity": "String::with_capacity(count).into_bytes()",
    "alloc::string::String::reserve": "{ let mut all = String::new(); all.reserve(count); all.into_bytes() }",
    "alloc::collections::VecDeque::with_capacity": "Deque::<u8>::with_capacity(count).into()",
    "slice::repeat": 'b"ab".repeat(count)',
    "str::repeat": '"ab".repeat(count).into_bytes()',
    "alloc::vec": "alloc::vec![0; count]",
    "std::vec": "std::vec![0; count]",
}
"""An expression of a `Vec<u8>` for each path."""

HEAD = "extern crate alloc;\nuse alloc::collections::VecDeque as Deque;\nfn vec() -> Vec<u8> { Vec::new() }\n"


def refused(code: str) -> list[str]:
    """Return what clippy says of a file, by the configuration here: `line: message` for each finding."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "planted.rs"
        path.write_text(code, encoding="utf-8")
        lints = [f"-Dclippy::{lint}" for lint in ("disallowed_methods", "disallowed_macros")]
        command = ["clippy-driver", "--edition=2024", "--crate-type=lib", "--emit=metadata", "-Aunused"]
        done = subprocess.run(
            [*command, *lints, "--error-format=short", f"--out-dir={folder}", str(path)],
            env=os.environ | {"CLIPPY_CONF_DIR": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    return re.findall(r"planted\.rs:(\d+:.*)", done.stderr)


def faults() -> list[str]:
    """Return all that is wrong."""
    found = []
    config = tomllib.loads((ROOT / "clippy.toml").read_text(encoding="utf-8"))
    paths = [entry["path"] for kind in ("methods", "macros") for entry in config[f"disallowed-{kind}"]]
    found += [f"clippy.toml: {path}: no call of it is planted here" for path in paths if path not in PLANTED]
    found += [f"clippy.toml: {path} is not there" for path in PLANTED if path not in paths]
    functions = [
        f"pub fn planted{index}(count: usize) -> Vec<u8> {{ {call} }}\n"
        for index, call in enumerate(PLANTED.values())
    ]
    said = refused(HEAD + "".join(functions))
    for index, path in enumerate(PLANTED):
        line = HEAD.count("\n") + index + 1
        if not any(text.startswith(f"{line}:") and "disallowed" in text for text in said):
            found.append(f"clippy.toml: clippy does not refuse {PLANTED[path]} for {path}")
    if refused(HEAD + "pub fn planted() -> Vec<u8> { vec() }\n"):
        found.append("clippy refuses what is allowed")
    for folder in FOLDERS:
        if DENIED not in (SOURCE / folder / "mod.rs").read_text(encoding="utf-8"):
            found.append(f"{folder}/mod.rs: no {DENIED}")
        for file in sorted((SOURCE / folder).rglob("*.rs")):
            if re.search(r"\b(?:allow|expect|warn)\([^)]*disallowed_", file.read_text(encoding="utf-8")):
                found.append(f"{file.relative_to(ROOT)}: allows what clippy.toml disallows")
    return found


if __name__ == "__main__":
    wrong = faults()
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(bool(wrong))
