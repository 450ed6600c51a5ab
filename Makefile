# make demo   install, start everything, import and publish a catalog, show searches   (CATALOG=path: another one)
# make test   install, run every test                                                  (SUITES="pricing store": some)
# make up / down / status     the suite without the demo / stop it, the data stays / what runs
# make bench                  every figure beside its goal and its raw baseline           (ONLY="gateway outbox": some)
# make chaos                  faults under load, and whether anything was lost            (ROUNDS=200 COPIES=1 REPORT=file)
# make screenshots            the demo, and the pictures of docs/admin.md anew
# make lint / lock            the linters, and whether texts and references are written / the lock files anew

MANAGE := .venv/bin/python manage.py

.PHONY: demo up down status test bench chaos screenshots lint lock base dev

demo: base
	$(MANAGE) demo $(if $(CATALOG),--catalog "$(CATALOG)")

up: base
	$(MANAGE) up

down: base
	$(MANAGE) down

status: base
	$(MANAGE) status

test: dev
	$(MANAGE) test $(SUITES)

bench: dev
	$(MANAGE) bench $(ONLY)

chaos: dev
	$(MANAGE) chaos $(if $(COPIES),--copies) -- --rounds $(or $(ROUNDS),8) \
		$(if $(SEED),--seed $(SEED)) $(if $(REPORT),--report $(REPORT))

screenshots: dev
	$(MANAGE) demo
	.venv/bin/python -m tests.support.screenshots

lint: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(MANAGE) messages --check
	$(MANAGE) reference --check

COMPILE = .venv/bin/uv pip compile --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --quiet

lock: base
	$(COMPILE) requirements/base.in -o requirements/base.lock
	$(COMPILE) requirements/dev.in -o requirements/dev.lock
	$(COMPILE) requirements/secantusdb.in -o requirements/secantusdb.lock

base dev:
	@config/infra/bootstrap.sh $@
