# One command for each habit. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
UV_STAMP := .tools/.uv-$(UV_VERSION)

# The environment comes from the lock and nowhere else; uv may not fetch a Python of its own.
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
# A mirror chosen for pip holds for uv too; the hashes in the lock decide what is accepted.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.PHONY: help setup lock

help: ## this list
	@grep -hE '^[a-zA-Z_%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([^:]+):.*## */\1\t/' | expand -t 18

setup: .venv/.ready ## create or refresh the environment from the lock file

# The version is in the name, so that a new pin replaces an old uv.
$(UV_STAMP):
	@echo "setup: uv $(UV_VERSION)"
	@$(PYTHON) -c 'import sys; sys.exit("Xiepai needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Choose one with PYTHON=…") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m pip --version >/dev/null || { echo "Xiepai needs pip: apt-get install python3-pip" >&2; exit 1; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-warn-script-location --upgrade --target .tools uv==$(UV_VERSION)
	@touch $@

.venv/.ready: requirements.lock pyproject.toml Makefile | $(UV_STAMP)
	@echo "setup: environment from requirements.lock"
	@test -x $(BIN)/python || $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

lock: $(UV_STAMP) ## resolve requirements*.in again into requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --upgrade requirements-dev.in --output-file requirements.lock
