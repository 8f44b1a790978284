# One command for each habit. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin
TEST_PROCESSES ?= 2
ARGS ?=
UV := .tools/bin/uv
UV_STAMP := .tools/.uv-$(UV_VERSION)

# The environment comes from the lock and nowhere else; uv may not fetch a Python of its own.
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
# Trust what the machine trusts (a company's own certificates), unless it has no certificates at all.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
# A mirror chosen for pip holds for uv too; the hashes in the lock decide what is accepted.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.PHONY: help setup demo test test-fast check fix reference translations bench screenshots reset lock translations chromium test-slow spark

help: ## this list
	@grep -hE '^[a-zA-Z_%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([^:]+):.*## */  make \1\t/' | expand -t 22

demo: setup ## the city at work: database, sample data, main job, web and worker (PORT=8000, SERVE=0 stops after the job)
	@exec $(BIN)/xiepai demo

test: setup chromium ## every test, browser tests included; ARGS="-k hold -x" narrows them
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile $(ARGS)

test-fast: setup ## only what needs neither database nor browser
	@$(BIN)/pytest tests/unit tests/architecture $(ARGS)

test-slow: setup ## a million policy cases over every engine; Spark too where Java is and after make spark
	@XIEPAI_TEST_SLOW=1 $(BIN)/pytest -n $(TEST_PROCESSES) tests/slow $(ARGS)

check: setup ## format, lint, types, layers, translations: what must hold before a commit
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; echo "make fix puts this right" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m xiepai.config.translations check


fix: setup ## format and repair what can be repaired without thinking
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet . ; $(BIN)/python -m xiepai.config.reference

reference: setup ## write docs/reference.md, docs/policy-errors.md and the policy schema from the code
	@$(BIN)/python -m xiepai.config.reference

translations: setup ## bring the English catalogue up to the source
	@$(BIN)/python -m xiepai.config.translations update

bench: setup ## every benchmark; results in build/bench/*.json
	@for each in benchmarks/[a-z]*.py; do $(MAKE) --no-print-directory "bench-$$(basename "$$each" .py | tr _ -)" || exit 1; done

bench-%: setup ## one benchmark, for example make bench-bookings
	@mkdir -p build/bench
	@exec $(BIN)/python benchmarks/$(subst -,_,$*).py --output build/bench/$*.json $(ARGS)

# Peers live apart: own lock, own environment, never in the product's (docs/adr/0138-peers-live-apart.md).
bench-policy bench-plan-talent: .venv-bench/.ready

bench-plan: setup ## orders of scenes and shooting plans beside their peers (bench-plan-talent and the others of its name)
	@for each in benchmarks/plan_*.py; do $(MAKE) --no-print-directory "bench-$$(basename "$$each" .py | tr _ -)" || exit 1; done

# What people ask of grants is measured with what the nightly run does.
bench-grants: bench-grants-calculator bench-grants-list

spark: .venv-spark/.ready ## PySpark in an environment of its own (480 MB), for make test-slow and the spark engine

.venv-bench/.ready .venv-spark/.ready: .venv-%/.ready: requirements-%.lock | $(UV_STAMP)
	@echo "setup: .venv-$* from requirements-$*.lock"
	@test -x .venv-$*/bin/python || $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv-$*
	@$(UV) pip sync --quiet --python .venv-$*/bin/python --require-hashes requirements-$*.lock
	@touch $@

screenshots: setup chromium ## the pictures of README and guides, from a demo city of their own; ARGS="board place" takes some
	@exec $(BIN)/python docs/make_screenshots.py $(ARGS)

reset: setup ## stop the private database and delete what the house wrote (var/)
	@$(BIN)/python -m xiepai.config.resetting

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
	for peer in bench spark; do $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header --upgrade requirements-$$peer.in --output-file requirements-$$peer.lock || exit 1; done

# Browser tests use the system's Chromium; with root and apt it is fetched, else those tests are skipped and say so.
chromium:
	@mkdir -p build; command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "setup: chromium and a Chinese font, for the browser tests"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } \
	      >build/apt.log 2>&1 || echo "setup: no Chromium to be had (build/apt.log); browser tests will be skipped" >&2; \
	  fi; }
