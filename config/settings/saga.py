"""The publication saga: how external tasks are fetched, locked and tried again."""

from __future__ import annotations

from config import env

# Seconds a fetched task is ours; its executor extends it at half-life. A killed worker's tasks come back after it.
SAGA_LOCK_SECONDS = env.env.float("SAGA_LOCK_SECONDS", default=20.0)
# A poll waits this long for work; a retry that comes due meanwhile is seen at the next one.
SAGA_POLL_SECONDS = env.env.float("SAGA_POLL_SECONDS", default=3.0)
# Tries of a step before it is an incident: about four minutes of back-off.
SAGA_ATTEMPTS = env.env.int("SAGA_ATTEMPTS", default=64)
# Tasks fetched and not finished, per worker; 0 means twice its concurrency.
SAGA_SLOTS = env.env.int("SAGA_SLOTS", default=0)
# After this a publication that is not confirmed is undone.
PUBLICATION_SECONDS = env.env.int("PUBLICATION_SECONDS", default=300)
