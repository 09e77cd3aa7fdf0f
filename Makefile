# The verbs. `make` alone prints them; what each needs it installs first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
FAST := "not switch and not postgres and not redis and not slow and not soak"
MENUS := tests/ivr tests/reader tests/outside tests/voice
FLOOR := tests/acd tests/callflow tests/contract tests/dialer
DOORS := tests/console tests/central156
REAL := "(switch or postgres or redis or slow) and not soak"
CALLS := $(BIN)/pytest -q -m $(REAL) -o cache_dir=.pytest_cache/calls tests/switch
REST := $(BIN)/pytest -q -m $(REAL) -o cache_dir=.pytest_cache/rest --ignore tests/switch
AGAIN := .pytest_cache/again-
SECONDS_SINCE = $$(( $$(date +%s) - $(1) ))

.PHONY: help run setup test real-calls real-rest once-more check style tests-of-pbx tests-of-menus tests-of-the-floor tests-of-the-rest tests-of-the-store tests-of-the-doors bench soak voice sounds clean

help: ## esta lista
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

run: $(VENV)/.ready ## instala o que falta, liga a central, prova-a com uma ligação e fica no ar
	@setup/packages.sh run
	@exec $(BIN)/central156 run

setup: $(VENV)/.ready-for-tests ## só instala o que falta (ambiente Python, pacotes, Asterisk)
	@setup/packages.sh test
	@$(BIN)/central156 install

test: setup ## todos os testes: primeiro os rápidos, depois os do Asterisk, do PostgreSQL e do Redis de verdade
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory -j 2 -O tests-of-the-store tests-of-the-doors
	@$(MAKE) --no-print-directory -j 2 -O real-calls real-rest || $(MAKE) --no-print-directory once-more

# Real calls wait more than they compute, so two lanes share a machine of two cores. Each remembers
# its own failures, and that it has not come to a good end yet.
real-calls:
	@mkdir -p .pytest_cache && touch $(AGAIN)calls
	$(CALLS) --durations=10 && rm $(AGAIN)calls

real-rest:
	@mkdir -p .pytest_cache && touch $(AGAIN)rest
	$(REST) --durations=10 && rm $(AGAIN)rest

# Real calls have real deadlines, and a busy machine may miss one: what failed is tried once more,
# alone, and said so. What fails twice has failed.
once-more:
	@echo "Falharam testes com chamadas de verdade; mais uma vez, só os que falharam:"
	if [ -e $(AGAIN)calls ]; then $(CALLS) --last-failed && rm $(AGAIN)calls; fi; \
	if [ -e $(AGAIN)rest ]; then $(REST) --last-failed && rm $(AGAIN)rest; fi; \
	[ ! -e $(AGAIN)calls ] && [ ! -e $(AGAIN)rest ]

# Much of a fast test's time is waiting, for a peer that must fall silent: so the parts run side by
# side, each told whole at its end.
check: $(VENV)/.ready-for-tests ## em menos de um minuto: estilo, tipos, as salas que pensam, os menus, a telefonia de papel
	@$(MAKE) --no-print-directory -j 5 -O style tests-of-pbx tests-of-menus tests-of-the-floor tests-of-the-rest

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy

tests-of-pbx:
	$(BIN)/pytest -q -m $(FAST) tests/pbx

tests-of-menus:
	$(BIN)/pytest -q -m $(FAST) $(MENUS)

tests-of-the-floor:
	$(BIN)/pytest -q -m $(FAST) $(FLOOR)

tests-of-the-rest:
	$(BIN)/pytest -q -m $(FAST) $(patsubst %,--ignore %,tests/pbx tests/protocol_store $(MENUS) $(FLOOR) $(DOORS))

# Quick too, but they are many, and each opens a store or an API of its own: `make test` has them next.
tests-of-the-store:
	$(BIN)/pytest -q -m $(FAST) tests/protocol_store

tests-of-the-doors:
	$(BIN)/pytest -q -m $(FAST) $(DOORS)

bench: setup ## mede P1–P13 ao lado do app_queue, na mesma rodada (BENCH="p8 p9": só estas)
	@$(BIN)/pip install --disable-pip-version-check -q --config-settings editable_mode=compat -e '.[bench]'
	$(BIN)/python -m bench $(BENCH)

soak: setup ## os testes longos de queda e recuperação
	$(BIN)/pytest -q -m soak

voice: $(VENV)/.ready ## instala a voz, com que publicar grava os textos novos
	@setup/packages.sh voice
	$(BIN)/pip install --quiet --config-settings editable_mode=compat -e '.[voice]'

# A version that serves, or may serve again, may still say what the folder says no more: so nothing
# is removed here, unless asked with CLEAN=--clean.
sounds: voice ## sintetiza as mensagens que faltam em sounds/
	$(BIN)/python sounds/texts_of_dialplans.py | $(BIN)/python -m voice.make $(CLEAN) -

clean: ## apaga o ambiente Python e os restos dos testes (não o que a central gravou)
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@setup/packages.sh run
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "É preciso Python 3.11 ou mais novo.")'
	@python3 -m venv $(VENV)

$(VENV)/.ready: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Instalando os pacotes Python (só na primeira vez)…"
	@began=$$(date +%s); $(BIN)/pip install --disable-pip-version-check -q --config-settings editable_mode=compat -e . && \
	    echo "Pacotes Python: $(call SECONDS_SINCE,$$began) s"
	@touch $@

$(VENV)/.ready-for-tests: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Instalando os pacotes Python, com os dos testes (só na primeira vez)…"
	@$(BIN)/pip install --disable-pip-version-check -q --config-settings editable_mode=compat -e '.[test]'
	@touch $@ $(VENV)/.ready
