# Two commands matter: `make run` shows the wall, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip is told which interpreter to serve, so that a Python without ensurepip will do as well.
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet

.PHONY: run test long lint types unit chromium clean
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp
	$(BIN)/python app.py

test: $(VENV)/test.stamp chromium lint types unit

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy .

unit: $(VENV)/test.stamp chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal

# All of it, and more of the same: every language by keyboard, every kind of failure, hundreds of examples of every rule.
long: $(VENV)/test.stamp chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal -m '' --hypothesis-profile thorough

chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else \
	    echo 'The tests drive the wall in Chromium, which is not installed. Install it: sudo apt-get install chromium' >&2; exit 1; \
	  fi; }

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
