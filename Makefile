# Every target installs what it needs first: a fresh machine needs Python 3.11+, make and git, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The distribution's Python where it is new enough: it is built with optimizations that others go without, and most of
# what we do takes it a fifth less time (DECISIONS 46).
ifndef PYTHON
PYTHON := $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo /usr/bin/python3 || echo python3)
endif
UV_VERSION := 0.13.9
UV := .uv/bin/uv
NIS := .venv/bin/nis
INSTALLED := .venv/.installed
BENCH_INSTALLED := .venv/.installed-bench
# Tests that share a warehouse run one after the other, on one of these workers (tests/conftest.py).
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
# A model that only calls a macro holds no SQL of its own to lint.
SQL := grep --recursive --files-with-matches --word-regexp --include='*.sql' select dbt_project
export UV_NO_PROGRESS := 1
# Trust what the machine trusts: many networks have a certificate of their own.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

ifdef SAMPLES
export NIS_HOME ?= .nis/samples
export NIS_SOURCE := sample
export NIS_SAMPLES := $(SAMPLES)
endif

.PHONY: help install run test check lint lint-python lint-sql format docs bench airflow clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 1; }
	@echo "installing uv $(UV_VERSION)" >&2
	@for python in $(PYTHON) python3; do \
	  $$python -m venv .uv 2>/dev/null && .uv/bin/python -m pip install --quiet "uv==$(UV_VERSION)" && exit; \
	  rm -rf .uv; $$python -m pip install --quiet --target .uv "uv==$(UV_VERSION)" && exit; \
	done; exit 1

$(INSTALLED): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --locked --quiet --python $(PYTHON) --group dev
	@touch $@

$(BENCH_INSTALLED): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --locked --quiet --python $(PYTHON) --group dev --group bench
	@touch $(INSTALLED) $@

install: $(INSTALLED) ## Install the locked environment into .venv

run: install ## Pull, load, check, transform, check, publish; SAMPLES=folder serves real files
	@$(NIS) run

check: lint ## Linters, types and fast tests
	.venv/bin/pytest $(SIDE_BY_SIDE) -m "not warehouse and not dags and not end_to_end"

lint: install ## Linters and types
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-python lint-sql

lint-python: install
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lint-sql: install
	$(SQL) | xargs .venv/bin/sqlfluff lint --disable-progress-bar --processes 2

test: install ## All tests
	.venv/bin/pytest $(SIDE_BY_SIDE)

format: install ## Put code into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(SQL) | xargs .venv/bin/sqlfluff fix --disable-progress-bar --processes 2

docs: install ## Write the README's list of what feeds what from the catalogue
	@$(NIS) catalogue readme

bench: $(BENCH_INSTALLED) ## Measure against psql and dlt; writes artifacts/bench.jsonl
	@.venv/bin/python -m tests.bench

airflow: install ## Start Airflow with the DAGs on the embedded PostgreSQL
	@$(NIS) airflow

clean: ## Stop the databases and remove what runs have made
	-@for home in .nis/*/; do if [ -d "$$home/db" ]; then NIS_HOME="$$home" $(NIS) db stop --force; fi; done
	rm -rf .nis artifacts
