# Everything a newcomer or a maintainer runs. `make` alone prints this list.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN = $(VENV)/bin
ROOMS := services crawler worker shared
FOR ?=
ONLY ?=
SIZES ?=

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "  %-12s %s\n", $$1, $$2}'

# --without-pip works where Debian's python3-venv is missing; `pip --python` then installs into it from outside.
# Running needs the first stamp only, which is quicker; developing needs both.
PIP = $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet install
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@echo "installing $(1) into $(VENV) …"
	@$(PIP) --require-hashes $(2) -r $(1)
	@$(PIP) --no-deps --no-build-isolation --no-index -e .
endef

$(VENV)/.run: requirements/run.lock pyproject.toml
	$(call install,requirements/run.lock)
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml
	$(call install,requirements/dev.lock)
	@touch $@ $(VENV)/.run

# The peers that we are measured against live apart, so that .venv stays what dev.lock says. The lock is complete, and
# --no-deps keeps pip from resolving: old ones (23.2) stumble over two spellings of the extra lxml[html_clean].
.venv-bench/.bench: VENV := .venv-bench
.venv-bench/.bench: requirements/bench.lock pyproject.toml
	$(call install,requirements/bench.lock,--no-deps)
	@touch $@

.PHONY: setup
setup: $(VENV)/.dev ## install everything into .venv, from the lock file with hashes

.PHONY: demo
demo: $(VENV)/.run ## the whole wire against a simulated site; FOR=60 ends by itself
	$(BIN)/noticewire demo $(if $(FOR),--for $(FOR))

.PHONY: run
run: $(VENV)/.run ## the embedded all-in-one on this machine (set NOTICEWIRE_CONTACT)
	$(BIN)/noticewire up

.PHONY: secrets
secrets: ## make the secret files of the compose services
	deploy/make-secrets

.PHONY: up
up: secrets ## start the compose services and wait until they are healthy
	docker compose up -d --build --wait

.PHONY: down
down: ## stop the compose services
	docker compose down

.PHONY: test
test: setup ## every test, on real servers it starts by itself
	$(BIN)/python -m pytest

.PHONY: check
check: setup ## lint, types and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: audit
audit: ## hold what is locked against the public list of known holes (needs the network)
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/pip --quiet install pip-audit; }
	.venv-audit/bin/pip-audit --requirement requirements/run.lock --require-hashes --disable-pip

.PHONY: format
format: setup ## format and sort imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: setup .venv-bench/.bench ## every benchmark into docs/performance.md; ONLY="line growth" runs parts, SIZES=10000,1000000 grows
	$(BIN)/python -m tests.bench $(addprefix --only ,$(ONLY)) $(if $(SIZES),--sizes $(SIZES)) --peers .venv-bench/bin/python

.PHONY: bench-read
bench-read: .venv-bench/.bench ## our reader beside its peers, on one core: pages per second, F1, leaks
	.venv-bench/bin/python -m tests.bench.read

.PHONY: bench-crawl
bench-crawl: .venv-bench/.bench ## our crawler beside Scrapy and bare requests: CPU a page, and many columns
	.venv-bench/bin/python -m tests.bench.crawl

.PHONY: bench-line
bench-line: setup .venv-bench/.bench ## the whole line beside Scrapy that stores: CPU a page by process, and memory
	$(BIN)/python -m tests.bench.line

.PHONY: bench-growth
bench-growth: setup ## what a notice costs and a question takes beside 10,000 and 100,000 notices
	$(BIN)/python -m tests.bench.growth

.PHONY: bench-same
bench-same: setup ## sketches a second, and what it costs to look a text up among 100,000
	$(BIN)/python -m tests.bench.same

.PHONY: bench-events
bench-events: setup ## relay, filters and deliveries beside their floors: events a second, seconds to the first attempt
	$(BIN)/python -m tests.bench.events

.PHONY: bench-schedule
bench-schedule: setup ## our schedule beside fixed polling and another, over random columns: how long notices wait
	$(BIN)/python -m tests.bench.schedule

.PHONY: month
month: setup ## the great rehearsal: 200 columns live for 30 played days, and all that was told is held against the truth
	$(BIN)/python -m tests.month

SEED ?= 1
MINUTES ?= 10
DATABASE ?= both
REPORT ?=
.PHONY: faults
faults: setup ## the fault lab; SEED=1 MINUTES=10 DATABASE=both REPORT=file.md DEFECTS=1 DELIVERY=1
	$(BIN)/python -m tests.resilience --seed $(SEED) --minutes $(MINUTES) --database $(DATABASE) $(if $(REPORT),--report $(REPORT)) $(if $(DEFECTS),--defects) $(if $(DELIVERY),--delivery)

TARGET ?= reading
SECONDS ?= 60
.PHONY: fuzz
fuzz: setup ## hostile bytes for one reader; TARGET=reading SECONDS=60 (with atheris, where it was installed by hand)
	$(BIN)/python -m tests.fuzz $(TARGET) --seconds $(SECONDS)

.PHONY: year
year: setup ## a steady source for a played year, with retention by rule: rows of each table at the end of each quarter
	$(BIN)/python -m tests.month.year

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml
.PHONY: lock
lock: ## resolve the lock files anew (needs uv)
	$(COMPILE) --extra embedded --group dev -o requirements/dev.lock
	sed -E '/^ +--hash/d; s/ *\\$$//' requirements/dev.lock > requirements/.pins
	$(COMPILE) --extra embedded --group build -c requirements/.pins -o requirements/run.lock
	$(COMPILE) --extra embedded --group build --group bench -c requirements/.pins -o requirements/bench.lock
	rm requirements/.pins

.PHONY: clean
clean: ## forget the environment and every cache
	rm -rf $(VENV) .venv-audit .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
