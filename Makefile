# Everything a newcomer types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := -e pkgs/chauban-pki -e pkgs/chauban-pades -e pkgs/chauban-edxml -e pkgs/chauban-docform -e .
PORT ?= 8000
DATA ?= data/demo
NAME ?= life

export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup setup-dev demo test test-pades-alone soak check format fuzz simulate deployments bench lock messages every-page screenshots clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(VENV)/run.stamp ## install what running needs, into .venv

setup-dev: $(VENV)/dev.stamp ## install what tests and checks need as well

$(VENV)/run.stamp: requirements.lock pyproject.toml pkgs/*/pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation $(PACKAGES)
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

demo: setup ## the demo province on http://localhost:$(PORT)
	$(BIN)/chauban demo --data $(DATA) --port $(PORT)

test: setup-dev test-pades-alone ## the tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore pkgs/chauban-pades -m "not soak"
	CHAUBAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser and not processes" server/tests

soak: setup-dev ## by hand, before a release: random deaths for minutes; all real processes on PostgreSQL too
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m soak server/tests
	CHAUBAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist loadgroup -m processes server/tests

test-pades-alone: setup-dev ## chauban-pades with nothing of ours but chauban-pki beside it
	./deploy/test-tools
	test -x .venv-pades/bin/python || $(PYTHON) -m venv --without-pip .venv-pades
	$(BIN)/python -c "$$SITE" > $$(.venv-pades/bin/python -c "$$SITE")/others.pth
	.venv-pades/bin/python -m pip install --quiet --no-deps --no-build-isolation -e pkgs/chauban-pki -e pkgs/chauban-pades
	.venv-pades/bin/python -m pytest -q -p no:django -o DJANGO_SETTINGS_MODULE= -n 2 pkgs/chauban-pades

# The libraries of .venv without what is ours there: a path in a .pth reads no other .pth.
test-pades-alone: export SITE = import sysconfig; print(sysconfig.get_path("purelib"))

FUZZ := out/fuzz
FUZZ_SECONDS ?= 660
FUZZ_TIMES ?= 20

fuzz: setup-dev $(FUZZ)/atheris.stamp ## fuzz reader, signed data, edXML and report: make fuzz FUZZ_SECONDS=660
	nice -n 10 $(BIN)/python fuzz/run.py $(FUZZ) $(FUZZ_SECONDS)
	CHAUBAN_FUZZ_TIMES=$(FUZZ_TIMES) nice -n 10 $(BIN)/python -m pytest -q -n 0 -p no:django -o DJANGO_SETTINGS_MODULE= \
		pkgs/chauban-pki/tests/test_fuzz.py pkgs/chauban-pades/tests/test_assess_limits.py

$(FUZZ)/atheris.stamp: requirements-fuzz.lock
	mkdir -p $(FUZZ)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target $(FUZZ)/atheris -r requirements-fuzz.lock
	touch $@

SEED ?= 1
MESSAGES ?= 10000

simulate: setup-dev ## offices, two axes and every fault in one process: make simulate SEED=1 MESSAGES=10000
	cd server && nice -n 10 ../$(BIN)/python -m tests.simulation --seed $(SEED) --messages $(MESSAGES)

MINUTES ?= 10

deployments: MESSAGES = 300
deployments: setup-dev ## two offices and an axis as processes, killed and cut off: make deployments MESSAGES=300 MINUTES=10
	cd server && nice -n 10 ../$(BIN)/python -m tests.deployments --seed $(SEED) --messages $(MESSAGES) --minutes $(MINUTES)

check: setup-dev ## format, lint, types, import contract
	$(BIN)/ruff format --check pkgs server vectors fuzz
	$(BIN)/ruff check pkgs server vectors fuzz
	$(BIN)/mypy pkgs/chauban-pki/src pkgs/chauban-pades/src pkgs/chauban-edxml/src pkgs/chauban-docform/src
	$(BIN)/lint-imports

format: setup-dev ## put the code into the house's form
	$(BIN)/ruff check --fix --quiet pkgs server vectors fuzz
	$(BIN)/ruff format --quiet pkgs server vectors fuzz

bench: setup ## measure: make bench NAME=life
	$(BIN)/chauban bench $(NAME) --json

lock: ## write the lock files anew (needs uv)
	uv pip compile --quiet $(LOCK) --extra install pyproject.toml -o requirements.lock
	uv pip compile --quiet $(LOCK) --extra install --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet $(LOCK) requirements-fuzz.in -o requirements-fuzz.lock

LOCK := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	$(foreach name,pki pades edxml docform,--no-emit-package chauban-$(name))

messages: export CHAUBAN_SECRET_KEY = unused
messages: setup-dev ## translations: read the source anew and compile (needs gettext)
	cd server/chauban && ../../$(BIN)/python -m django makemessages --settings chauban.config.settings -l en --no-location --no-obsolete --no-wrap
	cd server/chauban && ../../$(BIN)/python -m django compilemessages --settings chauban.config.settings

every-page: setup-dev ## put every kind of page before axe, in both themes and at 400 %
	CHAUBAN_EVERY_PAGE=1 $(BIN)/python -m pytest -q server/tests/browser/test_every_page.py

screenshots: setup-dev ## photograph the pages into docs/screenshots, while the browser's tests go over them
	CHAUBAN_EVERY_PAGE=1 CHAUBAN_SCREENSHOTS=$(CURDIR)/docs/screenshots $(BIN)/python -m pytest -q server/tests/browser

clean: ## remove what was built; data stay
	rm -rf $(VENV) .venv-pades .mypy_cache .ruff_cache .pytest_cache .hypothesis
