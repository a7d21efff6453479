# `make demo` and `make test` do all their own set-up. They need Rust 1.95, CPython 3.11, gcc and make.

PYTHON ?= $(shell scripts/find-python 3.11)
# The tests also run on these, where they are installed.
OTHER_VERSIONS := 3.12 3.13

VENV := .venv
PY := $(VENV)/bin/python
PICTURE := $(VENV)/astronaut.png
PIP_PIN := pip==26.3
OTHERS := $(foreach v,$(OTHER_VERSIONS),$(if $(shell scripts/find-python $(v)),$(v)))
HOST := $(shell rustc -vV | sed -n 's/^host: //p')
SOURCES := Cargo.toml pyproject.toml $(shell find crates python -name '*.rs' -o -name '*.toml' -o -name '*.py' -o -name '*.pyi')

export PYO3_PYTHON := $(abspath $(PY))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A page of examples stays with one worker, which runs it from top to bottom.
PYTEST_FLAGS ?= -n auto --dist loadfile

.PHONY: help demo test test-rust test-python test-distributed lint lint-rust lint-python format sanitize clean
.PHONY: fuzz fuzz-corpus fuzz-python
.PHONY: bench bench-full bench-setup
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "make demo      the main job on a real file (FILE=picture.png: on yours)"
	@echo "make test      all tests, Rust and Python, on each CPython of 3.11, 3.12, 3.13 that is installed"
	@echo "make lint      formatting, clippy, ruff, mypy, stubtest, rustdoc"
	@echo "make format    formats everything"
	@echo "make sanitize  the Rust tests under AddressSanitizer and LeakSanitizer"
	@echo "make bench     how fast, against memoryview and others; bench-full: longer"
	@echo "make fuzz      random views, edits, searches, records, files…, each for a minute (libFuzzer)"
	@echo "make fuzz-python  random use from Python, for some minutes (Hypothesis)"
	@echo "make clean     removes all that was built"

# --- set-up: stamps in the environments keep repeated runs quick ---

$(VENV)/.tools: pyproject.toml
	@test -n "$(PYTHON)" || { echo "No CPython 3.11 found. Say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q $(PIP_PIN)
	$(PY) -m pip install -q --group dev
	@touch $@

$(VENV)/.built: $(VENV)/.tools $(SOURCES)
	PIP_QUIET=1 $(VENV)/bin/maturin develop --release --quiet
	@touch $@

# One wheel, for every CPython from 3.11 on.
dist/.wheel: $(VENV)/.tools $(SOURCES)
	rm -rf dist
	$(VENV)/bin/maturin build --release --quiet --out dist
	@touch $@

.venv-%/.tools: pyproject.toml
	"$$(scripts/find-python $*)" -m venv .venv-$*
	.venv-$*/bin/python -m pip install -q $(PIP_PIN)
	.venv-$*/bin/python -m pip install -q --group test
	@touch $@

.venv-%/.installed: .venv-%/.tools dist/.wheel
	.venv-$*/bin/python -m pip install -q --no-deps --force-reinstall dist/*.whl
	@touch $@

# A photograph that a public package ships, its pixel stream cut into 97 records.
$(PICTURE): $(VENV)/.tools scripts/fetch_picture.py
	$(PY) scripts/fetch_picture.py $@

# --- the commands ---

demo: $(VENV)/.built $(if $(FILE),,$(PICTURE))
	@$(PY) examples/demo.py "$(or $(FILE),$(PICTURE))"
	@echo
	@$(PY) examples/nested.py

test: test-rust test-python $(OTHERS:%=test-python-%)

# What the fuzzers found worth keeping, without a fuzzer.
REPLAY := cargo test --manifest-path fuzz/Cargo.toml --no-default-features --target-dir target

test-rust: $(VENV)/.tools
	cargo test --workspace --all-features
	cargo check -p fragview --no-default-features
	$(REPLAY)

test-python: $(VENV)/.built
	$(PY) -m pytest $(PYTEST_FLAGS)

# Views in other processes, by dask.distributed and Ray, which are big and so are not installed by the others.
test-distributed: $(VENV)/.built
	$(PY) -m pip install -q --group distributed
	$(PY) -m pytest -m distributed

test-python-%: .venv-%/.installed
	.venv-$*/bin/python -m pytest $(PYTEST_FLAGS)

lint: lint-rust lint-python

lint-rust: $(VENV)/.tools
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo clippy -p fragview --no-default-features -- -D warnings
	cargo clippy --manifest-path fuzz/Cargo.toml --no-default-features --all-targets --target-dir target -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

lint-python: $(VENV)/.built
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(PY) -m mypy.stubtest fragview --allowlist scripts/stubtest-allowlist.txt

format: $(VENV)/.tools
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

# The flags of nightly Rust, on the stable compiler. Assembly that copies shared memory is
# exchanged for code that a sanitizer can watch. Some tests ask for more memory than there is, and must be told so.
# LeakSanitizer is part of AddressSanitizer, and looks when a test program ends.
sanitize:
	ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg fragview_portable_copy" CARGO_TARGET_DIR=target/address \
	cargo test -p fragview --all-features --lib --tests --target $(HOST)

# Ratios against peers; both write benches/results, docs/benchmarks.md and its plots. The set-up comes first: the
# peers, in Python and in Rust, and the wheel, whose size is a row.
bench: bench-setup
	$(PY) -m benches.run

bench-full: bench-setup
	$(PY) -m benches.run --full

bench-setup: $(VENV)/.built $(VENV)/.bench dist/.wheel
	cargo build --release --quiet --manifest-path benches/rust/Cargo.toml

$(VENV)/.bench: $(VENV)/.tools
	$(PY) -m pip install -q --group bench
	@touch $@

# Each target for a minute, all of them though one fails: SECONDS_EACH=600 for longer, FUZZERS="view regex" for some.
# They begin with fuzz/corpus, and with real files in CORPUS, if it is there; what is new goes to fuzz/found. Shared memory
# is copied by code that the sanitizer can watch; the replay of the corpus in `make test` runs the assembly.
FUZZERS ?= view exclusive edits buffer cursor search regex records formats
SECONDS_EACH ?= 60
CORPUS ?= ../shared/corpus
CARGO_FUZZ := PATH="$$PATH:$(CURDIR)/target/tools/bin" RUSTC_BOOTSTRAP=1 RUSTFLAGS="--cfg fragview_portable_copy" cargo fuzz
fuzz: target/tools/bin/cargo-fuzz
	mkdir -p $(FUZZERS:%=fuzz/found/%)
	-test ! -d $(CORPUS) || find $(CORPUS) -type f -size -64k -exec cp -n {} fuzz/found/formats/ \;
	failed=; for target in $(FUZZERS); do \
	  $(CARGO_FUZZ) run $$target fuzz/found/$$target fuzz/corpus/$$target -- \
	    -max_total_time=$(SECONDS_EACH) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -len_control=0 \
	    -max_len=$$(test $$target = formats && echo 65536 || echo 1024) || failed="$$failed $$target"; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

# Keeps of fuzz/found what reaches code that the corpus does not, files of real data apart.
fuzz-corpus: target/tools/bin/cargo-fuzz
	for target in $(filter-out formats,$(FUZZERS)); do \
	  mkdir -p fuzz/found/$$target && $(CARGO_FUZZ) run $$target fuzz/corpus/$$target fuzz/found/$$target -- \
	    -merge=1 -use_counters=0 -max_len=1024 || exit 1; \
	done

target/tools/bin/cargo-fuzz:
	cargo install --quiet --locked cargo-fuzz --version 0.13.2 --root target/tools

# Hypothesis' state machine for some minutes.
EXAMPLES ?= 20000
fuzz-python: $(VENV)/.built
	FRAGVIEW_TEST_EXAMPLES=$(EXAMPLES) $(PY) -m pytest --timeout=0 tests/test_state_machine.py

clean:
	rm -rf target benches/rust/target fuzz/target dist demo-out $(VENV) $(OTHER_VERSIONS:%=.venv-%)
	rm -f python/fragview/*.so
