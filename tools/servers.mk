# The real programs that tests run (tools/servers.py). Included by the top Makefile.

SERVERS_PY := $(dir $(lastword $(MAKEFILE_LIST)))servers.py
SERVERS_PYTHON ?= $(or $(PYTHON),python3)

.PHONY: servers servers-all servers-list

servers: ## build the real programs of the tests from hash-locked sources (cached; about 25 min cold)
	@$(SERVERS_PYTHON) $(SERVERS_PY) build
	@$(SERVERS_PYTHON) $(dir $(SERVERS_PY))java_servers.py fetch || true

servers-all: ## build every program in the table, also those only some tests use
	@$(SERVERS_PYTHON) $(SERVERS_PY) build all

servers-list: ## show which programs there are and which are built
	@$(SERVERS_PYTHON) $(SERVERS_PY) list

# make -s print-otelcol, print-prometheus, print-promtool, print-alertmanager, print-amtool, ...: only the path.
print-%:
	@$(SERVERS_PYTHON) $(SERVERS_PY) path $*
