# The front door. `make demo` and `make test` do all their own set-up; they need Rust 1.95, CPython 3.11, gcc and make.
# Environments and the other Pythons are nox's (noxfile.py), longer recipes are in scripts/.

PYTHON ?= $(shell scripts/find-python 3.11)
VENV := .venv
NOX := $(VENV)/bin/nox --session

# One interpreter for all of Cargo's runs, so that PyO3 is not built again for another.
export PYO3_PYTHON := $(abspath $(VENV)/bin/python)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help dev demo test test-rust test-python test-distributed test-clients
.PHONY: test-threads test-freethreaded test-freethreaded-once
.PHONY: lint lint-rust lint-python lint-workflows format check-windows audit asan asan-rust asan-python sanitize tsan
.PHONY: faults memcheck fuzz fuzz-corpus fuzz-python bench bench-full bench-threads clean
.DELETE_ON_ERROR:

help:
	@echo "make dev       the package, built in debug, in $(VENV)"
	@echo "make demo      the main job on a real file (FILE=picture.png: on yours)"
	@echo "make test      all tests, Rust and Python, on each CPython of 3.11, 3.12, 3.13 that is installed"
	@echo "make lint      formatting, clippy, ruff, mypy, stubtest, rustdoc, arrows between rooms, width of prose"
	@echo "make format    formats everything"
	@echo "make clean     removes all that was built"
	@echo "CONTRIBUTING.md has the rest: sanitizers, fuzzers, threads, benchmarks."

# nox and uv, from which all other environments come.
$(VENV)/.tools: pyproject.toml
	@test -n "$(PYTHON)" || { echo "No CPython 3.11 found. Say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -q pip==26.3
	$(VENV)/bin/python -m pip install -q --group tools
	@touch $@

dev: $(VENV)/.tools
	$(VENV)/bin/uv pip install --quiet --python $(PYO3_PYTHON) --group tools --group dev
	CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=line-tables-only VIRTUAL_ENV=$(abspath $(VENV)) \
	  $(VENV)/bin/maturin develop --quiet --uv

demo: $(VENV)/.tools
	@$(NOX) demo $(if $(FILE),-- "$(FILE)")

# --- tests ---

test: test-rust test-python

# The last command runs what the fuzzers found worth keeping, without a fuzzer.
test-rust: $(VENV)/.tools
	cargo test --workspace --all-features
	cargo check -p fragview --no-default-features
	cargo test --manifest-path fuzz/Cargo.toml --no-default-features --target-dir target

# Real files with faults, strict and lenient: how many open, and give data.
faults: $(VENV)/.tools
	cargo test --quiet -p fragview --test formats lenient::the_matrix -- --nocapture

test-python: $(VENV)/.tools
	$(NOX) tests $(if $(PYTEST_FLAGS),-- $(PYTEST_FLAGS))

test-distributed: $(VENV)/.tools
	$(NOX) distributed

test-clients: $(VENV)/.tools
	$(NOX) clients

test-threads: $(VENV)/.tools
	$(NOX) threads

test-freethreaded: $(VENV)/.tools
	$(NOX) freethreaded

test-freethreaded-once: $(VENV)/.tools
	$(NOX) freethreaded -- once

# --- style ---

lint: lint-rust lint-python

lint-rust: $(VENV)/.tools
	$(VENV)/bin/python scripts/check_rooms.py
	$(VENV)/bin/python scripts/check_width.py
	$(VENV)/bin/python scripts/check_lints.py
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo clippy -p fragview --no-default-features -- -D warnings
	cargo clippy --manifest-path fuzz/Cargo.toml --no-default-features --all-targets --target-dir target -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

lint-python: $(VENV)/.tools
	$(NOX) lint

lint-workflows: $(VENV)/.tools
	$(NOX) workflows

format: $(VENV)/.tools
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml
	$(NOX) format

# That all compiles for Windows, by its types; `rustup target add $(WINDOWS)` comes first. Nothing is linked or run.
WINDOWS := x86_64-pc-windows-gnu
check-windows:
	cargo clippy -p fragview --all-features --target $(WINDOWS) -- -D warnings
	env -u PYO3_PYTHON PYO3_NO_PYTHON=1 cargo clippy -p fragview-python --target $(WINDOWS) -- -D warnings

audit: target/tools/bin/cargo-deny
	scripts/audit

# --- sanitizers, fuzzers, benchmarks ---

asan: asan-rust asan-python

asan-rust sanitize:
	scripts/asan-rust

asan-python: $(VENV)/.tools
	$(NOX) address

tsan:
	scripts/tsan

memcheck: $(VENV)/.tools
	$(NOX) memcheck

fuzz: target/tools/bin/cargo-fuzz
	scripts/fuzz run

fuzz-corpus: target/tools/bin/cargo-fuzz
	scripts/fuzz merge

fuzz-python: $(VENV)/.tools
	$(NOX) fuzz

bench: $(VENV)/.tools
	$(NOX) bench

bench-full: $(VENV)/.tools
	$(NOX) bench -- --full

bench-threads: $(VENV)/.tools
	$(NOX) freethreaded -- bench

target/tools/bin/cargo-fuzz:
	cargo install --quiet --locked cargo-fuzz --version 0.13.2 --root target/tools

target/tools/bin/cargo-deny:
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	cargo install --quiet --locked cargo-deny --version 0.20.2 --root target/tools

clean:
	rm -rf target benches/rust/target fuzz/target dist demo-out $(VENV) .nox
	rm -f python/fragview/*.so
