from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.text import slugify

from apps.core import clock
from apps.saga.client import engine
from apps.saga.model import Activity
from catalog_services.offering.domain.publication import DONE, FAILED, TIMEOUT
from catalog_services.offering.models import Publication

STEP = "serviceTask"
PER_ROUND, ROUND_SECONDS = 20, 0.4


def publications_record_steps() -> None:
    """Record what is not final, those that ended first and then the latest; stops early, as in a burst the engine has
    better things to do. Raises ``Unavailable``."""
    until = time.monotonic() + ROUND_SECONDS
    unrecorded = Publication.objects.filter(steps_final=False)
    ordered = unrecorded.order_by(F("ended_at").desc(nulls_last=True), "-created_at")
    for id_ in ordered.values_list("pk", flat=True)[:PER_ROUND]:
        publication_record_steps(id=id_)
        if time.monotonic() > until:
            break


def publication_record_steps(*, id: UUID) -> Publication:
    """Copy what the engine knows of a publication's steps: name, state, started, ended, error.

    Raises ``Unavailable``. Called again until the publication and its process have ended.
    """
    row = Publication.objects.get(pk=id)
    activities = engine().activities(row.process_id) if row.process_id else []
    found = [step for step in activities if step.type == STEP]
    ended = row.state in {DONE, FAILED}
    row.steps_final = ended and all(step.ended for step in found)
    if found:
        smooth = all(step.ended and not step.cancelled for step in found)
        errors = {} if smooth else engine().failures(row.process_id)
        row.steps = [_step(step, errors.get(step.id, ""), row) for step in found]
    Publication.objects.filter(pk=id).update(steps=row.steps, steps_final=row.steps_final)
    return row


def _step(step: Activity, error: str, row: Publication) -> dict[str, Any]:
    name = slugify(step.name)  # the diagram's names are its topics in plain words
    state = "completed"
    if step.ended is None:
        state = "failing" if error else "running"
    elif step.cancelled:
        failure = row.failure or {}
        refused = failure.get("step") == name and failure["code"] != TIMEOUT
        state = "refused" if refused else "failed" if error else "cancelled"
        error = failure["message"] if refused else error
    return {
        "name": name,
        "state": state,
        "started": clock.iso(step.started),
        "ended": clock.iso(step.ended),
        "error": "" if state == "completed" else error,
    }
