# Two commands matter: `make demo` and `make test`. The rest is for people who change the code.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
STAMP := $(VENV)/.installed

.PHONY: demo test lint format types bench chaos pictures lock browser clean help

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Mutual needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP)  ## Start a sandbox Slack workspace with Mutual in it
	@$(RUN) slackapp demo

browser:  # Browser tests want Chromium. Where apt cannot bring it, they skip and say so.
	@if ! command -v chromium >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && apt-get install -y -qq chromium fonts-noto-color-emoji >/dev/null || true; fi

test: $(STAMP) lint browser  ## Check style, types and arrows, then run all tests
	$(RUN) pytest $(ARGS)

lint: $(STAMP)  ## Check style, types and the direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(STAMP)  ## Put the code into its standard form
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(STAMP)  ## Measure against bare Bolt apps, in one run
	$(RUN) benchmarks.capture

chaos: ARGS ?= --rounds 3
chaos: DIGESTS ?= --people 200 --rounds 5
chaos: $(STAMP)  ## Kill processes and the database under load, then workers amid digests, and count what arrived
	$(RUN) benchmarks.chaos $(ARGS)
	$(RUN) benchmarks.digests $(DIGESTS)

pictures: $(STAMP)  ## Take the README's pictures from a running demo (ARGS=its address)
	$(VENV)/bin/python docs/take_pictures.py $(ARGS)

lock:  ## Renew the hash-locked requirements (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group dev --output-file requirements-dev.txt

clean:  ## Forget the environment and the demo's database
	rm -rf $(VENV) .local
