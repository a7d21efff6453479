"""Runs the examples in the docstrings of the package, and asks for one in each public method."""

from __future__ import annotations

import doctest
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import fragview
from fragview import formats, re

CLASSES: list[type] = [
    fragview.FragView,
    fragview.RecordLayout,
    fragview.RecordTable,
    fragview.Record,
    fragview.FragBuffer,
    fragview.Extents,
    fragview.Fragments,
    fragview.FragFile,
    fragview.Gather,
    fragview.Segments,
    fragview.MappedFile,
    re.Pattern,
    re.Match,
    formats.Container,
    formats.Family,
]
MODULES: list[ModuleType] = [re, formats]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def documented() -> Iterator[tuple[str, Any]]:
    """The classes, their public methods and attributes, and the functions of the modules."""
    yield "open", fragview.open
    for cls in CLASSES:
        yield cls.__name__, cls
        for name, member in vars(cls).items():
            if not name.startswith("_") and (callable(member) or inspect.isdatadescriptor(member)):
                yield f"{cls.__name__}.{name}", member
    for module in MODULES:
        yield module.__name__, module
        for name, member in vars(module).items():
            if inspect.isfunction(member) and member.__module__ == module.__name__ and name in module.__all__:
                yield f"{module.__name__}.{name}", member


# Sorted: the order of a class's attributes differs from one process to the next.
DOCUMENTED = dict(sorted(documented(), key=lambda pair: pair[0]))


def names_of(name: str) -> dict[str, Any]:
    """The names that a docstring's examples see: the package's, and those of the module where it stands."""
    names = {**vars(fragview), "open": fragview.open, "re": re, "formats": formats}
    top = DOCUMENTED[name.split(".")[0]] if name.split(".")[0] in DOCUMENTED else DOCUMENTED[name]
    module = top.__name__ if inspect.ismodule(top) else top.__module__
    return names | (vars(sys.modules[module]) if module.startswith("fragview.") else {})


def examples(name: str) -> doctest.DocTest:
    """The examples of a docstring."""
    text = inspect.getdoc(DOCUMENTED[name]) or ""
    return doctest.DocTestParser().get_doctest(text, names_of(name), name, None, None)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_has_an_example_that_runs(name: str) -> None:
    test = examples(name)
    assert test.examples, f"{name} has no example"
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_begins_with_a_sentence(name: str) -> None:
    first = (inspect.getdoc(DOCUMENTED[name]) or "").split("\n\n")[0]
    assert first.rstrip().endswith((".", ":", ")")), f"{name}: {first!r}"


def test_the_methods_of_all_classes_are_looked_at() -> None:
    """An example that is taken out of one of these is missed."""
    assert {"FragView.find", "FragView.nbytes", "Match.group", "RecordTable.join"} <= DOCUMENTED.keys()
    assert {"fragview.re.compile", "fragview.formats.open", "open"} <= DOCUMENTED.keys()
