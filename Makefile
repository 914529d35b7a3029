# `make run` serves Adelante, `make test` proves it. Both set up all they need in .venv, once. `make faults` and `make load` are
# the long forms of tests/faults and tests/load: an hour or two each, on a machine that does nothing else.
.PHONY: run test faults load sbom clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
FRONTEND := app/frontend
SOURCES := $(shell find $(FRONTEND)/src $(FRONTEND)/build -type f 2>/dev/null) $(FRONTEND)/package-lock.json $(FRONTEND)/vite.config.ts
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)

# Programs in a virtual environment name its folder; after a move they are set up again.
HERE := $(shell test ! -s $(VENV)/made.stamp || test "$$(cat $(VENV)/made.stamp)" = "$(CURDIR)" || echo moved)
ifeq ($(HERE),moved)
$(info This folder was moved or renamed: setting up again.)
$(shell rm -f $(VENV)/*.stamp)
endif

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m app.cli serve

test: $(VENV)/test.stamp
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/run

faults load: $(VENV)/test.stamp
	@$(BIN)/python -m tests.$@

# What this environment is made of, as CycloneDX: sbom.json.
sbom: $(VENV)/test.stamp
	@$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml -o sbom.json $(BIN)/python

clean:
	rm -rf $(VENV) app/static/build $(FRONTEND)/node_modules

$(VENV)/made.stamp:
	@test -n "$(PYTHON)" || { echo "Adelante needs Python 3.11 or newer: install it, or name one: make PYTHON=/path/to/python3.12 run"; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "$(PYTHON) is no Python 3.11 or newer: name another with make PYTHON=/path/to/python3.12 run"; exit 1; }
	@test ! -e $(BIN)/python || $(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "$(VENV) is of a Python older than 3.11, or of one that is gone: remove it (rm -rf $(VENV)) and run make again"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) can't make a virtual environment: see above (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@printf '%s' "$(CURDIR)" > $@

# What installing needs counts, and so do the studio's sources: where Node is there the studio is built beside pip, or else
# by pip (hatch_build.py). Where that fails and an earlier installation is there (offline, with something newer in this
# folder), that one goes on; the next make tries again.
# Python compiles what is imported when it is: of 16,000 files a server imports 1,200.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
INSTALL = $(PIP) -c constraints.txt
# Today's pip takes half the time of the one that comes with Python 3.11; where none newer is to be had, that one will do.
NEW_PIP = $(BIN)/python -c 'import pip, sys; sys.exit(int(pip.__version__.split(".")[0]) < 25)' || $(PIP) --upgrade pip 2>/dev/null || true
INPUTS := pyproject.toml constraints.txt hatch_build.py $(SOURCES)
INSTALLED = $(BIN)/python -c 'import app.main, importlib.metadata as m; m.version("adelante"); from app.pages.assets import entry; entry()' 2>/dev/null
FAILED = echo "The set-up failed, as above says; does this machine reach the package index? Run make again once it does."; exit 1
STUDIO = $(BIN)/python hatch_build.py
# uv takes half of pip's time; see there when pip does it all the same.
QUICKLY = false
test: QUICKLY = $(BIN)/python tests/set_up.py
test: EXTRAS = [dev]
# Installing has one core: the other checks what is not Python meanwhile, and installs the browsers.
test: STUDIO = $(BIN)/python hatch_build.py && bash tests/early

# It says what was installed beside the server.
$(VENV)/run.stamp: $(VENV)/made.stamp $(INPUTS)
	@echo "Setting up (once; some minutes, mostly torch)…"
	@if $(BIN)/python hatch_build.py --node; then \
		{ $(STUDIO); } & export ADELANTE_STUDIO_BUILT=1; $(QUICKLY) || { $(NEW_PIP); $(INSTALL) -e '.$(EXTRAS)'; }; installed=$$?; \
		wait $$! && test $$installed = 0; \
	else $(NEW_PIP); $(INSTALL) -e '.$(EXTRAS)'; fi; \
	if test $$? = 0; then echo '$(EXTRAS)' > $@; elif $(INSTALLED); then \
		echo "The set-up failed, as above says; going on with what was installed before."; else $(FAILED); fi

# After the other, not beside it: two pips in one environment get in each other's way. The studio is built by then.
$(VENV)/test.stamp: $(VENV)/run.stamp
	@test "$$(cat $< 2>/dev/null)" = '[dev]' || ADELANTE_STUDIO_BUILT=1 $(INSTALL) -e '.[dev]' || { $(FAILED); }
	@touch $@
