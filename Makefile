# Python 3.11 or later and make are all that is needed; `make help` lists what can be made.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCES := manage.py syncapp companies records queue/syncqueue jobs connectors ui simulators
# More for pytest: make test ARGS="tests/jobs"
ARGS ?=
# One process per core; make test PARALLEL= for one.
PARALLEL ?= -n auto --dist loadfile

.DELETE_ON_ERROR:
.PHONY: screenshots messages help run run-tryton test test-tryton faults bench bench-long check format install install-dev clean

help:
	@echo "make run      run everything on this machine: http://127.0.0.1:8000 (SYNCAPP_PORT)"
	@echo "make run-tryton  the same with a real Tryton for the books (installed on first use)"
	@echo "make test     run the tests (ARGS=... for pytest)"
	@echo "make test-tryton   only the tests with a real Tryton, and all of the sample data"
	@echo "make faults   kill, stop, flush and cut, 500 times, and see that nothing is lost (docs/faults.md)"
	@echo "make bench    measure the speed, as ratios (bench-long: with what takes long)"
	@echo "make check    formatting, lint, types, layers, migrations"
	@echo "make format   format the code"
	@echo "make screenshots   pictures of every page, into docs/screenshots"
	@echo "make messages   collect the words to translate, compile the catalogs in locale/"
	@echo "make clean    remove the virtual environment and caches; the data in .data stays"

# exec: the program is make's own child, and ends with it also when make is killed.
run: install
	@exec $(BIN)/python manage.py up --end-with-parent

# Data of its own: the demo company has one set of books.
run-tryton: export SYNCAPP_DATA_DIR ?= .data/with-tryton
run-tryton: install
	@exec $(BIN)/python manage.py up --tryton --end-with-parent

test: install-dev
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

# Only what needs a real Tryton, with the whole of the sample data where it is there. For another
# series than 8.0: make test-tryton SYNCAPP_TRYTON_SERIES=7.0
test-tryton: install-dev
	SYNCAPP_TEST_WHOLE_SAMPLE=1 $(BIN)/python -m pytest $(PARALLEL) -m tryton tests/connectors/tryton tests/tryton $(ARGS)

# About 45 minutes. ARGS="--seed 17" tells one history again.
faults: install-dev
	SYNCAPP_TEST_EXAMPLES=60 $(BIN)/python -m pytest tests/faults/test_stateful.py
	$(BIN)/python -m tests.faults.long --write $(ARGS)

bench: install-dev
	$(BIN)/python -m benchmarks --write docs/benchmarks.md --plot docs/benchmarks.svg $(ARGS)

bench-long: install-dev
	$(BIN)/python -m benchmarks --long --write docs/benchmarks.md --plot docs/benchmarks.svg $(ARGS)

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	PYTHONPATH=queue $(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

# Needs Debian's chromium.
screenshots: install-dev
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

# Needs gettext. New words come into the catalog empty: fill them in, and make messages again.
messages: install-dev
	$(BIN)/python manage.py makemessages --locale de --no-wrap --no-obsolete --add-location file $(foreach name,.venv .data benchmarks docs simulators tests,--ignore "$(name)/*")
	$(BIN)/python manage.py compilemessages --locale de --ignore "$(VENV)/*"

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(VENV)/requirements.stamp
install-dev: $(VENV)/requirements-dev.stamp

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Syncapp needs Python 3.11 or later, but $(PYTHON) is %d.%d. Name another one: make PYTHON=python3.12" % v[:2])'
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/requirements.stamp: requirements.txt $(VENV)/made.stamp
	@echo "Installing requirements ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/requirements-dev.stamp: requirements-dev.txt $(VENV)/requirements.stamp
	@echo "Installing requirements for development ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -not -path "./.data/*" -exec rm -rf {} +
