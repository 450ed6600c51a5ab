"""The process engine, Camunda 7 or Operaton, as the suite needs it: pycamunda behind timeouts and typed errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pycamunda
import pycamunda.externaltask as external
import pycamunda.incident
import pycamunda.processdef
import pycamunda.processinst
import requests
from pycamunda.base import from_isoformat

from apps.core import http
from apps.core.errors import NotFound, Unavailable
from apps.core.messages import Message
from apps.saga import rest
from apps.saga.errors import ChangedMeanwhile, EngineFailed, EngineRefused, TaskLost
from apps.saga.model import Activity, Incident, Instance, LockedTask
from apps.saga.variables import JSON, decode, encode_text, typed
from config import env

CONNECT_SECONDS, READ_SECONDS = 2.0, 10.0
MAX_MESSAGE = 2000
CANCEL_TRIES = 5


class _Session(http.Session):
    """Every request has a timeout, and the credentials of the engine's URL."""

    def __init__(self, auth: tuple[str, str] | None, read_seconds: float) -> None:
        super().__init__()
        self.auth = auth
        self._timeout = (CONNECT_SECONDS, read_seconds)

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        return super().request(*args, **kwargs)


class Engine:
    """One connection to the engine; use one per thread (``engine()``).

    Every method raises ``Unavailable`` when the engine does not answer (``EngineFailed`` when it has an error of
    its own), and ``EngineRefused`` when it says no.
    """

    def __init__(self, url: str | None = None, *, read_seconds: float = READ_SECONDS) -> None:
        parts = urlsplit(url or env.part_url("camunda"))
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._session = _Session(auth, read_seconds)

    def ping(self) -> None:
        """Ask what it can answer only together with its database, and nothing more."""
        self._send(rest.Query(self._url, "/process-definition/count"))

    # Processes

    def deploy(self, diagram: Path) -> bool:
        """Deploy a diagram; False, and nothing done, when its latest deployment is the same."""
        with diagram.open("rb") as file:
            request = rest.Deploy(
                self._url, name=diagram.stem, source="catalog-suite", enable_duplicate_filtering=True
            )
            request.add_resource(file)
            return self._send(request)["deployedProcessDefinitions"] is not None

    def has(self, diagram: Path) -> bool:
        """Whether the newest version of the process that the diagram's file is named after is this diagram."""
        try:
            told = self._send(rest.Query(self._url, f"/process-definition/key/{diagram.stem}/xml"))
        except NotFound:
            return False
        return bool(told["bpmn20Xml"] == diagram.read_text())

    def start(
        self, process_key: str, business_key: str, variables: Mapping[str, JSON], *, before: str | None = None
    ) -> str:
        """Start an instance of the latest version, at its start or ``before`` an activity; gives its id.

        Raises ``NotFound`` when no such process is deployed. The engine does not keep business keys
        unique: look the key up first (``instances``), and again after an unknown outcome.
        """
        request = pycamunda.processdef.StartInstance(self._url, key=process_key, business_key=business_key)
        request.variables = typed(variables)
        if before:
            request.add_start_before_activity_instruction(before)
        return str(self._send(request).id_)

    def instances(self, business_key: str) -> list[Instance]:
        """Every instance with this business key, running or ended: the history has them from their start."""
        rows = self._send(
            rest.Query(self._url, "/history/process-instance", processInstanceBusinessKey=business_key)
        )
        return [Instance(row["id"], business_key, row["state"]) for row in rows]

    def cancel(self, process_id: str) -> None:
        """End a running instance on the spot, without compensation; an ended one stays as it is. A step that is
        fetched at this moment stands in the way: then it is tried again. Raises ``ChangedMeanwhile`` in the end."""
        for left in reversed(range(CANCEL_TRIES)):
            try:
                self._send(pycamunda.processinst.Delete(self._url, process_id, fail_if_not_exists=False))
                return
            except ChangedMeanwhile:
                if not left:
                    raise

    def activities(self, process_id: str) -> list[Activity]:
        """The passages of an instance through its activities, in order of their start."""
        rows = self._send(
            rest.Query(
                self._url,
                "/history/activity-instance",
                processInstanceId=process_id,
                sortBy="startTime",
                sortOrder="asc",
            )
        )
        return [
            Activity(
                row["activityId"],
                row["activityName"] or "",
                row["activityType"],
                from_isoformat(row["startTime"]),
                from_isoformat(row["endTime"]) if row["endTime"] else None,
                bool(row["canceled"]),
            )
            for row in rows
        ]

    def failures(self, process_id: str) -> dict[str, str]:
        """Activity id -> message of its latest technical failure."""
        rows = self._send(
            rest.Query(
                self._url,
                "/history/external-task-log",
                processInstanceId=process_id,
                failureLog="true",
                sortBy="timestamp",
                sortOrder="asc",
            )
        )
        return {row["activityId"]: row["errorMessage"] or "" for row in rows}

    def fire_timers(self, process_id: str) -> int:
        """Make an instance's timers due now; gives how many. One that fired at this moment is no error."""
        jobs = self._send(rest.Query(self._url, "/job", processInstanceId=process_id, timers="true"))
        for job in jobs:
            try:
                self._send(rest.Command(self._url, f"/job/{job['id']}/execute"))
            except (NotFound, ChangedMeanwhile):
                continue
        return len(jobs)

    def free_overlong_locks(self, process_id: str, *, beyond: datetime) -> None:
        """Unlock an instance's external tasks that are locked, or wait for a retry, until after ``beyond``."""
        moment = f"{beyond.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
        rows = self._send(
            rest.Query(self._url, "/external-task", processInstanceId=process_id, lockExpirationAfter=moment)
        )
        for row in rows:
            self._send(external.Unlock(self._url, row["id"]))

    def incidents(self, process_id: str) -> list[Incident]:
        rows = self._send(pycamunda.incident.GetList(self._url, process_instance_id=process_id))
        return [
            Incident(
                row.id_,
                row.incident_type.value,
                row.activity_id,
                row.configuration,
                row.incident_message or "",
            )
            for row in rows
        ]

    def retry(self, incident: Incident, *, retries: int) -> None:
        """Give what an incident stands on ``retries`` new tries; the incident goes with it. Where a timer fired since
        the incident was read, both are gone, and there is nothing to do."""
        kind = "external-task" if incident.type == "failedExternalTask" else "job"
        request = rest.Command(
            self._url, f"/{kind}/{incident.subject}/retries", {"retries": retries}, method=rest.PUT
        )
        with suppress(NotFound):
            self._send(request)

    # External tasks

    def fetch_and_lock(
        self,
        topics: Iterable[str],
        worker_id: str,
        *,
        max_tasks: int,
        lock_seconds: float,
        wait_seconds: float,
    ) -> list[LockedTask]:
        """Up to ``max_tasks`` tasks of ``topics``, locked for ``worker_id``; waits ``wait_seconds`` at most for one.
        Empty also when a timer fires in one of their processes at this moment: the next call has them."""
        request = external.FetchAndLock(
            self._url, worker_id, max_tasks, async_response_timeout=int(wait_seconds * 1000)
        )
        for topic in topics:
            request.add_topic(topic, int(lock_seconds * 1000))
        try:
            tasks = self._send(request)
        except ChangedMeanwhile:
            return []
        expires_at = time.time() + lock_seconds
        return [
            LockedTask(
                id=task.id_,
                topic=task.topic_name,
                worker_id=worker_id,
                expires_at=expires_at,
                business_key=task.business_key or "",
                process_id=task.process_instance_id,
                retries=task.retries,
                variables={
                    name: decode(variable.value, variable.type_)
                    for name, variable in (task.variables or {}).items()
                },
            )
            for task in tasks
        ]

    def complete(self, task: LockedTask, variables: Mapping[str, JSON]) -> None:
        """The step is done. Raises ``TaskLost`` and ``ChangedMeanwhile``."""
        request = external.Complete(self._url, task.id, task.worker_id)
        request.variables = typed(variables)
        self._answer(request)

    def bpmn_error(self, task: LockedTask, code: str, message: str, variables: Mapping[str, JSON]) -> None:
        """The step is refused: a business outcome. Raises ``TaskLost`` and ``ChangedMeanwhile``."""
        text = encode_text(message[:MAX_MESSAGE])  # the diagram makes it a variable
        request = external.HandleBPMNError(self._url, task.id, task.worker_id, code, text)
        request.variables = typed(variables)
        self._answer(request)

    def failure(
        self, task: LockedTask, message: str, details: str, *, retries: int, delay_seconds: float
    ) -> None:
        """The step could not be done now; with no ``retries`` left the engine makes it an incident."""
        self._answer(
            external.HandleFailure(
                self._url,
                task.id,
                task.worker_id,
                error_message=message[:MAX_MESSAGE],
                error_details=details,
                retries=retries,
                retry_timeout=int(delay_seconds * 1000),
            )
        )

    def extend_lock(self, task: LockedTask, lock_seconds: float) -> None:
        """Keep the task for ``lock_seconds`` from now. Raises ``TaskLost``."""
        self._answer(external.ExtendLock(self._url, task.id, int(lock_seconds * 1000), task.worker_id))

    def unlock(self, task: LockedTask) -> None:
        """Give the task back untouched."""
        self._answer(external.Unlock(self._url, task.id))

    # How it is sent

    def _answer(self, request: Any) -> None:
        try:
            self._send(request)
        except (NotFound, _Bad) as error:
            raise TaskLost(error.detail) from error

    def _send(self, request: Any) -> Any:
        request.session = self._session
        try:
            return request()
        except (pycamunda.PyCamundaException, requests.RequestException) as error:
            raise _translate(error) from error


class _Bad(EngineRefused):
    """400: a request the engine does not take in this state."""


def _translate(error: Exception) -> Exception:
    text = str(error)
    match error:
        case pycamunda.NotFound():
            return NotFound(text)
        case pycamunda.NoSuccess() if "ENGINE-13053" in text:  # a job that is gone, answered as 500
            return NotFound(text)
        case pycamunda.BadRequest():
            return _Bad(text)
        case pycamunda.Unauthorized() | pycamunda.Forbidden():
            return Unavailable(Message("The process engine does not accept our credentials."))
        case pycamunda.NoSuccess() if "ENGINE-03005" in text or "OptimisticLocking" in text:
            return ChangedMeanwhile(text)
        case pycamunda.NoSuccess() if '"type"' in text:
            return EngineFailed(text[:MAX_MESSAGE])
    return Unavailable(Message("The process engine does not answer."))


_local = threading.local()


def engine() -> Engine:
    """This thread's connection."""
    if not hasattr(_local, "engine"):
        _local.engine = Engine()
    found: Engine = _local.engine
    return found
