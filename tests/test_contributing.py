"""The checklists of CONTRIBUTING.md: a method or a format that is added is tested and documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fragmented import needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")

REPOSITORY = Path(__file__).resolve().parent.parent
CORPUS = REPOSITORY.parent / "shared" / "corpus"
DOCS = {
    path: path.read_text(encoding="utf-8")
    for path in [*REPOSITORY.glob("docs/*.md"), REPOSITORY / "README.md"]
}
TABLE = DOCS[REPOSITORY / "docs/formats.md"]
CLASSES = ["FragView", "FragBuffer", "Extents", "Fragments", "RecordLayout", "RecordTable"]


def methods(name: str) -> list[str]:
    """The public methods and attributes of a class."""
    return [attribute for attribute in vars(getattr(fragview, name, object)) if not attribute.startswith("_")]


# --- add a method ---


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_has_a_docstring(name: str) -> None:
    for method in methods(name):
        assert getattr(getattr(fragview, name), method).__doc__, f"{name}.{method}"


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_is_tested(name: str) -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in REPOSITORY.glob("tests/**/*.py"))
    for method in methods(name):
        assert re.search(rf"""[."']{method}\b""", tests), f"no test names {name}.{method}"


@pytest.mark.parametrize("name", CLASSES)
def test_every_method_is_in_the_stub(name: str) -> None:
    """stubtest says more, in `make lint`."""
    stub = (REPOSITORY / "python/fragview/_fragview.pyi").read_text(encoding="utf-8")
    for method in methods(name):
        assert re.search(rf"\b(def )?{method}\b", stub), f"_fragview.pyi: {name}.{method}"


# --- add a format ---


def row(name: str) -> list[str]:
    """The cells of a format's row in docs/formats.md."""
    rows = [line.strip("|").split(" | ") for line in TABLE.splitlines() if line.startswith(f"| `{name}`:")]
    assert len(rows) == 1, f"docs/formats.md: {name} has {len(rows)} rows in the table of formats"
    return rows[0]


@pytest.mark.parametrize("name", formats.names())
def test_every_format_is_documented(name: str) -> None:
    assert "`" in row(name)[1], f"docs/formats.md: {name} names no streams"
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"`{name}`" in changes, f"CHANGELOG.md does not name `{name}`"


@pytest.mark.parametrize("name", formats.names())
def test_every_format_says_what_lenient_does(name: str) -> None:
    """A row of the table of faulty files, which says more than nothing of `strict=False`."""
    heading = "| format | a fault, but no error | with `strict=False` |"
    table = TABLE.partition(heading)[2].partition("\n\n")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in table if f"`{name}`" in line.split(" | ")[0]]
    assert len(rows) == 1, f"docs/formats.md: {name} has {len(rows)} rows in the table of faulty files"
    assert rows[0][-1].strip(" |"), f"docs/formats.md: {name}: nothing about strict=False"


@pytest.mark.parametrize("name", formats.names())
def test_every_format_has_tests_and_a_fuzzer_finds_it(name: str) -> None:
    assert (REPOSITORY / f"crates/fragview/tests/formats/{name}.rs").is_file()


# What the placeholders of docs/formats.md stand for.
PLACEHOLDERS = {
    "chunk": "[^/]{1,4}",
    "column": "[^/]+",
    "from": r"[\d.]+:\d+|\[[0-9a-f:.]+\]:\d+|[0-9a-f:.]+:\d+",
    "hex": "[0-9a-f]+",
    "item": "[A-Za-z0-9_]+",
    "label": "[0-9a-f]{2}",
    "list": "[^/]+(?:/[^/]+)*",
    "owner": ".+",
    "path": ".+",
    "segment": r"[a-z]+\d*",
    "stream": ".+",
    "table": "[^/]+",
    "tag": "[^/.]{1,4}",
}
PLACEHOLDERS["to"] = PLACEHOLDERS["from"]


def patterns(name: str) -> list[re.Pattern[str]]:
    """What docs/formats.md says of the names of a format's streams: names, numbers, and placeholders."""
    found, page = [], ""
    for text in re.findall(r"`([^`]+)`", row(name)[1]):
        # `.xmp` after `page0.icc_profile` is `page0.xmp`.
        whole = page + text if text.startswith(".") else text
        page = whole.split(".")[0] if "." in whole else page
        pattern = re.sub(r"\d+", r"\\d+", re.escape(re.sub(r"<(\w+)>", r"«\1»", whole)))
        pattern = re.sub("«(\\w+)»", lambda match: f"(?:{PLACEHOLDERS[match[1]]})", pattern)
        found.append(re.compile(rf"{pattern}(@\d+)?"))
    return found


def test_every_stream_is_documented() -> None:
    """The streams of all real files that open have names that docs/formats.md gives."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not there")
    unknown: dict[str, str] = {}
    seen = set()
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file():
            continue
        try:
            container = formats.open(path)
        except (ValueError, OSError):
            continue
        with container:
            seen.add(container.format)
            known = patterns(container.format)
            for stream in container.streams:
                if not any(pattern.fullmatch(stream) for pattern in known):
                    unknown.setdefault(f"{container.format}: {re.sub(r'[0-9]+', '0', stream)}", path.name)
    assert unknown == {}
    assert seen
