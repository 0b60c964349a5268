# Two commands matter: `make run` and `make test`.
ifndef PYTHON
# The first of these that is new enough; else python3, which is then told why not.
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python3; \
  do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; done; echo $$p)
endif
OURS = config policies archive channels moderation tests tools benchmarks manage.py

.DEFAULT_GOAL := run
.PHONY: run test check style types layers templates migrations translations \
  format texts bench bench-words bench-web install-dev

run: ## everything on this machine, on http://localhost:8000/
	@$(PYTHON) tools/install.py run && exec .venv/bin/python -m config.run

install-dev:
	@$(PYTHON) tools/install.py dev

test: install-dev ## every test, against real peers; ARGS="tests/config -x" for some
	@.venv/bin/python -m tools.test $(ARGS)

check: style types layers templates migrations translations ## all that needs no running

style: install-dev
	.venv/bin/ruff check $(wildcard $(OURS))
	.venv/bin/ruff format --check $(wildcard $(OURS))

types: install-dev
	.venv/bin/mypy

layers: install-dev
	.venv/bin/lint-imports --no-cache

templates: install-dev
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade --target-version 5.2 --check

migrations: install-dev
	.venv/bin/python manage.py makemigrations --check --dry-run

translations: install-dev
	.venv/bin/python manage.py check_texts

format: install-dev ## bring sources and templates into form
	.venv/bin/ruff check --fix $(wildcard $(OURS))
	.venv/bin/ruff format $(wildcard $(OURS))
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade --target-version 5.2

texts: install-dev ## bring the translation catalogues up to date
	.venv/bin/python manage.py make_texts

bench: install-dev ## figures, one JSON object a line
	@.venv/bin/python -m tools.bench

bench-words: install-dev ## figures of the word data
	@.venv/bin/python -m benchmarks.words

bench-web: install-dev ## decisions over HTTP beside those of Ozone, installed for it
	@.venv/bin/python -m tools.bench ozone
