# The verbs. `make` alone prints them; what each needs it installs first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
FAST := "not switch and not postgres and not redis and not slow and not soak"
MENUS := tests/ivr tests/reader tests/outside tests/voice
FLOOR := tests/acd tests/callflow tests/contract tests/dialer
DOORS := tests/console tests/central156
PUBLISHING := tests/switch/test_publishing_*
REAL := "(switch or postgres or redis or slow) and not soak"
LANES := .pytest_cache/lanes
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
	@rm -rf $(LANES)
	@$(MAKE) --no-print-directory check || $(MAKE) --no-print-directory once-more
	@$(MAKE) --no-print-directory -j 2 -O tests-of-the-store tests-of-the-doors || $(MAKE) --no-print-directory once-more
	@$(MAKE) --no-print-directory -j 2 -O real-calls real-rest || $(MAKE) --no-print-directory once-more

# A lane remembers what it is to run, until it has come to a good end; and its own failures.
lane = mkdir -p $(LANES); echo '$(2)' > $(LANES)/$(1); \
    $(BIN)/pytest -q -o cache_dir=.pytest_cache/$(1) $(2) && rm $(LANES)/$(1)

# Real calls wait more than they compute, so two lanes share a machine of two cores.
real-calls:
	$(call lane,$@,-m $(REAL) --durations=10 tests/switch --ignore-glob "$(PUBLISHING)")

real-rest:
	$(call lane,$@,-m $(REAL) --durations=10 tests --ignore-glob "tests/switch/test_calls_*")

# What waits for a phone, a server or a page has a real deadline, and a busy machine may miss one:
# what failed is tried once more, alone, and said so. What fails twice has failed.
once-more:
	@echo "Falharam testes; mais uma vez, só os que falharam:"
	@! [ -e $(LANES)/style ] || $(MAKE) --no-print-directory style
	@for lane in $$(ls $(LANES)); do \
	    eval "$(BIN)/pytest -q -o cache_dir=.pytest_cache/$$lane --last-failed $$(cat $(LANES)/$$lane)" \
	        && rm $(LANES)/$$lane || exit 1; \
	done

# Much of a fast test's time is waiting, for a peer that must fall silent: so the parts run side by
# side, each told whole at its end.
check: $(VENV)/.ready-for-tests ## em menos de um minuto: estilo, tipos, as salas que pensam, os menus, a telefonia de papel
	@$(MAKE) --no-print-directory -j 5 -O style tests-of-pbx tests-of-menus tests-of-the-floor tests-of-the-rest

style:
	@mkdir -p $(LANES) && touch $(LANES)/style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy
	@rm $(LANES)/style

tests-of-pbx:
	$(call lane,$@,-m $(FAST) tests/pbx)

tests-of-menus:
	$(call lane,$@,-m $(FAST) $(MENUS))

tests-of-the-floor:
	$(call lane,$@,-m $(FAST) $(FLOOR))

tests-of-the-rest:
	$(call lane,$@,-m $(FAST) $(patsubst %,--ignore %,tests/pbx tests/protocol_store $(MENUS) $(FLOOR) $(DOORS)))

# Quick too, but they are many, and each opens a store or an API of its own: `make test` has them next.
tests-of-the-store:
	$(call lane,$@,-m $(FAST) tests/protocol_store)

tests-of-the-doors:
	$(call lane,$@,-m $(FAST) $(DOORS))

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
