# make report: everything from a fresh clone to the report · make test · make lint · make bench
# make golden: does the program still say what it said? · make golden-accept: it is meant to differ
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
YEAR ?=

# Without compiled files the imports take 5 s instead of 1.4 s; some machines forbid writing them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report test quick golden golden-accept lint bench docs lab clean
.DELETE_ON_ERROR:

report: $(READY)
	$(BIN)/thidua report $(if $(YEAR),--year $(YEAR),--all)

test: $(READY)
	$(BIN)/pytest -n auto -q

# what is slow is marked so, or needs a browser or an office program
quick: $(READY)
	$(BIN)/pytest -n auto -q -m "not slow and not browser and not office" --ignore tests/e2e

golden: $(READY)
	$(BIN)/python -m tests.golden

golden-accept: $(READY)
	$(BIN)/python -m tests.golden --accept

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

docs: $(READY)
	$(BIN)/python docs/make_pages.py

lab: $(READY)
	@# it asks whether to bring news, and then for them
	$(BIN)/jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements"
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo "Python 3.11 to 3.14 needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "On Debian: apt-get install python3-venv, then run make again."; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	@touch $@

clean:
	rm -rf $(VENV) reports data/processed/*
