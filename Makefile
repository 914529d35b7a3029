# `make run` serves Adelante, `make test` proves it. Both set up all they need in .venv, once.
.PHONY: run test clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
FRONTEND := app/frontend
SOURCES := $(shell find $(FRONTEND)/src $(FRONTEND)/build -type f 2>/dev/null) $(FRONTEND)/package-lock.json $(FRONTEND)/vite.config.ts
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

run: $(VENV)/run.stamp
	@exec $(BIN)/adelante serve

test: $(VENV)/test.stamp
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/run

clean:
	rm -rf $(VENV) app/static/build $(FRONTEND)/node_modules

$(VENV)/made.stamp:
	@test -n "$(PYTHON)" || { echo "Adelante needs Python 3.11 or newer: install it, or name one: make PYTHON=/path/to/python3.12 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Installing builds the studio too (hatch_build.py), so its sources count.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
INPUTS := pyproject.toml constraints.txt hatch_build.py $(SOURCES)

$(VENV)/run.stamp: $(VENV)/made.stamp $(INPUTS)
	@echo "Setting up (once; some minutes, mostly torch)…"
	$(INSTALL) -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/made.stamp $(INPUTS)
	@echo "Setting up (once; some minutes, mostly torch)…"
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/run.stamp $@
