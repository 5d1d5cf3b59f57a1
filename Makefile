# Every daily command. `make help` lists them; `make up INSTANCE=second` works on another instance.

PYTHON ?= python3
INSTANCE ?= demo
VENV := .venv/bin
LAUNCH := $(PYTHON) -m deploy.local --instance $(INSTANCE)

.DEFAULT_GOAL := help
.PHONY: help demo up down status logs lint format test chaos chaos-selftest rolling contracts env compose-env lock migration dead-letters screens rebuild reconcile closing measure-money measure-webhooks manifests vectors properties environment prepared chaos-matrix plans story-agency story-money sandbox race story-life bench load

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: ## Everything from nothing: install, start, load demo data, walk one customer from search to refund
	@$(LAUNCH) demo

up: ## Start the stack; what runs already goes on
	@$(LAUNCH) up

down: ## Stop all of the stack and nothing else; data stay
	@$(LAUNCH) down

status: ## Show what runs
	@$(LAUNCH) status

logs: ## Follow the logs
	@$(LAUNCH) logs

lint: environment ## Style, types, rooms, shape of the house
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	PYTHONTZPATH= $(VENV)/python -m pytest -q tests/architecture tests/policy

format: environment ## Lay out the code and order its imports
	$(VENV)/ruff check --fix-only --select I .
	$(VENV)/ruff format .

test: ## All tests on an instance of their own; some: make test t="tests/unit/booking -k slots"
	@$(PYTHON) -m deploy.local test $(t)

rolling: ## Replace each process under traffic: no failed request, nothing lost; less: make rolling o="--rate 20"
	@$(LAUNCH) rolling -- $(o)

contracts: environment ## Write docs/contracts from the code: JSON Schema, AsyncAPI, OpenAPI
	PYTHONPATH=. $(VENV)/python -m shared.contracts.export docs/contracts
	PYTHONPATH=. $(VENV)/python -m services.gateway.export_openapi docs/contracts/openapi.json
	PYTHONPATH=. $(VENV)/python -m services.gateway.realtime.asyncapi docs/contracts/asyncapi-realtime.json

env: environment ## Write .env.example from the settings of all services, and the containers' databases.sql
	PYTHONPATH=. $(VENV)/python -m deploy.local.setup.example_environment .env.example
	PYTHONPATH=. $(VENV)/python -m deploy.compose.databases deploy/compose/databases.sql

compose-env: ## Write .env with new secrets for docker compose; what it has already stays
	@$(PYTHON) -m deploy.compose.environment .env

lock: environment ## Pin all dependencies with hashes from the .in files; newer ones: make lock u=-U
	sh requirements/lock.sh $(u)

migration: environment ## A new migration of a service: make migration s=booking m="hold expiry" (after make up)
	$(if $(and $(s),$(m)),,$(error make migration s=booking m="hold expiry"))
	@$(LAUNCH) run $(s) $(VENV)/python -m deploy.local.setup.new_migration services.$(s) "$(m)"

chaos: prepared ## Break everything under customers' hands, then check what was promised: make chaos MINUTES=10 SEED=7
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

chaos-matrix: prepared ## A process dies at every named point of every step; writes the table in docs/reliability.md
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.chaos.matrix $(if $(only),--only "$(only)")

chaos-selftest: prepared ## Plant faults into a copy of the code; chaos must find each: make chaos-selftest PLANTS="relay-by-id"
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.chaos.selftest $(if $(PLANTS),--plants $(PLANTS)) $(if $(SEEDS),--seeds $(SEEDS))

rebuild: ## A booking as it was, and why: make rebuild booking=ID at=2026-11-25T12:00Z; without at: as it is
	$(if $(booking),,$(error make rebuild booking=ID at=2026-11-25T12:00Z))
	@$(LAUNCH) run booking $(VENV)/python -m services.booking.rebuild --booking $(booking) $(if $(at),--at $(at))

reconcile: ## Compare ledger, payments, refunds, closed days and Stripe; changes nothing, 1 when anything differs
	@$(LAUNCH) run payment $(VENV)/python -m services.payment.reconcile

closing: ## Prove every closed day of the ledger anew, or: make closing do="show --day 2026-11-25", do=close
	@$(LAUNCH) run payment $(VENV)/python -m services.payment.closing $(or $(do),prove)

dead-letters: ## Events that were put aside: list them; again: make dead-letters do="replay --service notify"
	@$(LAUNCH) run notify $(VENV)/python -m shared.messages.dead_letters $(or $(do),list)

manifests: environment ## Render what Kubernetes is told into .run/manifests; check it by schemas and our rules
	@$(VENV)/python -m deploy.manifests

story-agency: environment ## An agency of five carers on the running stack: night shift, room, group, holiday (after make demo)
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.stories --story agency --instance $(INSTANCE)

story-money: environment ## Cancelled late, refunded in parts, disputed, paid out, to the unit, on the stand-in (after make demo)
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.stories --story money --instance $(INSTANCE)

story-life: prepared ## Series, waiting list, answers, moves, a no-show: on a stack of its own, whose clock it moves
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.stories --story life --instance test-life

plans: ## Make a million bookings and a million entries, write docs/plans, say how fast free times are found
	@$(PYTHON) -m deploy.local test tests/plans/write_plans.py tests/plans/write_payment_plans.py -s

measure-money: ## Say what process_payment, a webhook, a statement, figures and the closing cost beside a million entries
	@$(PYTHON) -m deploy.local test tests/bench/money/measure.py -s

measure-webhooks: ## Say how fast webhooks are stored beside the rate of an echo RPC, while customers go on
	@RECONCILE_SECONDS=300 UNSETTLED_SECONDS=120 PAYOUT_SECONDS=86400 \
		$(PYTHON) -m deploy.local test tests/bench/money/measure_webhooks.py -s

bench: prepared ## How fast, beside bare floors: table, .run/bench/latest.json, plot; less: make bench o="--rounds 2 cached"
	PYTHONTZPATH= PYTHONPATH=. $(VENV)/python -m tests.bench $(o)

load: ## People use a stack of its own, with a live page and a report: make load USERS=200 MINUTES=5 SCENARIO=customer
	@$(PYTHON) -m deploy.local --instance load load -- $(if $(USERS),--users $(USERS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SCENARIO),--scenario $(SCENARIO))

race: ## Many processes want the same hours, 5000 attempts of every kind; more: make race ATTEMPTS=20000
	@RACE_ATTEMPTS=$(or $(ATTEMPTS),5000) $(PYTHON) -m deploy.local test tests/integration/race -s

screens: environment ## Write docs/screens: the page in three sizes and two languages (after make demo)
	PYTHONTZPATH= $(VENV)/python -m tests.browser.screens --instance $(INSTANCE) docs/screens

sandbox: environment ## Against real Stripe with STRIPE_TEST_SECRET_KEY; without it says what was not verified
	PYTHONTZPATH= $(VENV)/python -m pytest -q tests/sandbox

vectors: environment ## Write the generated conformance vectors of free times into tests/vectors/slots
	PYTHONTZPATH= $(VENV)/python -m tests.vectors

properties: environment ## Free times around every clock change from 2025 to 2035 in every time zone: minutes
	PROPERTIES=long PYTHONTZPATH= $(VENV)/python -m pytest -q tests/unit/booking/test_calendar_properties.py

environment:
	@$(LAUNCH) environment

prepared:
	@$(LAUNCH) prepare
