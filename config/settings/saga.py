"""The publication saga: how external tasks are fetched, locked and tried again."""

from __future__ import annotations

from config import env

# Seconds a fetched task is ours; its executor extends it at half-life. A killed worker's tasks come back after it.
SAGA_LOCK_SECONDS = env.env.float("SAGA_LOCK_SECONDS", default=3.0)
# A poll waits this long for work; a lock that expires or a retry that comes due meanwhile is seen at the next one.
SAGA_POLL_SECONDS = env.env.float("SAGA_POLL_SECONDS", default=1.0)
# Tasks that travel and are carried out together; a message costs as much as a step.
SAGA_BATCH = env.env.int("SAGA_BATCH", default=5)
# Tries of a step before it is an incident: about four minutes of back-off.
SAGA_ATTEMPTS = env.env.int("SAGA_ATTEMPTS", default=128)
# After this a publication that is not confirmed is undone.
PUBLICATION_SECONDS = env.env.int("PUBLICATION_SECONDS", default=300)
# Tests may plant faults in steps (apps/saga/faults.py); nothing else switches this on.
SAGA_FAULTS = env.environment() == "test"
