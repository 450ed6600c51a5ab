"""Bringing the suite up and down: what starts, in which order, side by side where it can."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TextIO

from apps.runtime import artifacts, java, parts, paths, processes, services, setup, supervision
from apps.runtime.errors import NothingIsStartedHere, RuntimeFault, StartFailed
from apps.runtime.log_shipper import NAME as LOG_SHIPPER
from apps.runtime.log_shipper.program import programs as log_shipping
from apps.runtime.program import Job, Program
from apps.runtime.report import say
from config import env

Notify = Callable[[str], None]
SPACE_NEEDED = 1500


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """One `up`, `down` or `restore` of an instance at a time; a second says that it waits for the first.

    Raises ``NothingIsStartedHere`` where nothing can be kept.
    """
    with _lock_file() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another up, down or restore of this instance")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_file() -> TextIO:
    path = env.state_dir() / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w")
    except OSError as error:
        raise NothingIsStartedHere(
            f"Nothing is started, stopped or restored from here, for {path} cannot be written: {error.strerror}."
            " Where the suite runs elsewhere, `manage.py doctor` asks how it is."
        ) from error


def engines(names: Collection[str]) -> list[str]:
    """The engines of ``engines.lock`` that the parts ``names`` are made of. Raises ImproperlyConfigured."""
    of_part = {"elasticsearch": "elasticsearch", "camunda": env.process_engine(), "zipkin": "zipkin"}
    return [engine for part, engine in of_part.items() if part in names]


def install(names: list[str], *, advance: Callable[[int], None] = lambda _: None) -> None:
    """Fetch and build what the embedded parts ``names`` need; nothing when it is all there."""
    wanted = engines(names)
    if wanted:
        java.java_home()  # said before three hundred megabytes are fetched in vain
    work: list[Callable[[], object]] = [lambda: artifacts.fetch_all(wanted, advance)]
    if "mongodb" in names:
        work.append(parts.mongodb.install)
    with ThreadPoolExecutor(len(work)) as pool:
        for future in [pool.submit(step) for step in work]:
            future.result()
    for engine in wanted:
        artifacts.assemble(engine)
    if "camunda" in names:
        parts.camunda.install()


def part_programs() -> list[Program]:
    return [parts.BUILDERS[name]() for name in parts.embedded()]


def jobs(*, with_services: bool) -> list[Job]:
    """What is done once per start, before what needs it."""
    found = [Job("databases", run=parts.postgres.create_databases, needs=("postgres",))]
    if with_services:
        found += [
            Job(services.setup_name(s), run=partial(setup.set_up, s), needs=("databases",))
            for s in services.with_database()
        ]
        found.append(Job("diagrams", run=setup.deploy_diagrams, needs=("camunda",)))
    return found


def service_programs() -> list[Program]:
    """The services' processes, and who sends their logs."""
    return [*log_shipping(), *services.programs()]


def known_programs() -> list[Program]:
    """Every program of this instance, running or not."""
    return [*part_programs(), *service_programs()]


def bring_up(
    programs: Sequence[Program],
    steps: Sequence[Job] = (),
    *,
    known: Sequence[Program] = (),
    notify: Notify = lambda _: None,
) -> None:
    """Start what does not run yet and return when all of it serves.

    ``known`` are the programs that the supervisor may also be running (default: only ``programs``).
    On failure everything this call started is stopped again, and what ran before goes on.
    """
    paths.require_space(env.state_dir(), megabytes=SPACE_NEEDED, purpose="The suite's data and logs")
    if not supervision.running():
        orphans = processes.left_over()
        if orphans:
            notify(f"ending {len(orphans)} processes left over from before")
            processes.end(orphans)
    alive = {
        name for name, row in supervision.states().items() if row["statename"] in {"RUNNING", "STARTING"}
    }
    ours = {p.port for p in known or programs if p.name in alive}  # copies of a process share its port
    processes.require_ports({p.name: p.port for p in programs if p.port and p.port not in ours})
    fresh = not supervision.running()
    supervision.apply(known or programs)
    started: list[str] = []
    try:
        Start(programs, steps, notify=notify, started=started).run()
    except BaseException:
        supervision.stop(*started)
        if fresh:
            supervision.shut_down()
        raise


class Start:
    """One run of starting programs and doing jobs side by side, each after those it needs."""

    def __init__(
        self, programs: Sequence[Program], steps: Sequence[Job], *, notify: Notify, started: list[str]
    ) -> None:
        self.items: list[Program | Job] = [*programs, *steps]
        self.notify = notify
        self.started = started
        self.served = {p.name: threading.Event() for p in self.items}
        self.broken = threading.Event()

    def run(self) -> None:
        with ThreadPoolExecutor(max(len(self.items), 1)) as pool:
            futures: list[Future[None]] = [pool.submit(self.one, p) for p in self.items]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:  # also when a person interrupts it
                if not all(f.done() for f in futures):
                    self.broken.set()
        for future in futures:
            error = future.exception()
            if error is not None and not isinstance(error, Abandoned):
                raise error

    def one(self, item: Program | Job) -> None:
        for need in item.needs:
            while need in self.served and not self.served[need].wait(0.1):
                self.check()
        self.check()
        try:
            item.run() if isinstance(item, Job) else self.launch(item)
        except RuntimeFault:
            raise
        except Exception as error:  # a driver's refusal, an unreadable file: the person needs the message
            raise StartFailed(f"{item.name}: {type(error).__name__}: {error}") from error
        self.served[item.name].set()
        self.notify(item.name)

    def launch(self, program: Program) -> None:
        if not supervision.is_alive(program.name):
            program.prepare()
            self.started.append(program.name)
            supervision.start(program.name)
        self.await_ready(program)

    def await_ready(self, program: Program) -> None:
        deadline = time.monotonic() + program.patience
        problem: object = "no answer"
        seen: set[int] = set()
        while True:
            self.check()
            try:
                if program.ready():
                    return
            except Exception as error:  # whatever a client raises while its server is not there yet
                problem = error
            account = supervision.states().get(program.name, {})
            seen.add(account.get("pid", 0))
            # The supervisor starts it again and again: a third process means it cannot start.
            if account.get("statename") in {None, "FATAL", "STOPPED"} or len(seen - {0}) > 2:
                raise StartFailed(f"{program.name} ended while starting.\n{tail(program)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{program.name} did not get ready within {program.patience} s: {problem}\n{tail(program)}"
                )
            # The processors are busy with what is starting: ask seldom.
            time.sleep(0.25)

    def check(self) -> None:
        if self.broken.is_set():
            raise Abandoned


class Abandoned(RuntimeFault):
    """Another program failed first; its error is the one to show."""


def tail(program: Program, lines: int = 15) -> str:
    """The end of a program's log."""
    text = program.log.read_text(errors="replace") if program.log.exists() else ""
    return f"Its log, {program.log}, ends:\n" + "\n".join(text.splitlines()[-lines:])


def check_external(names: list[str], *, seconds: float = 30) -> None:
    """Raise StartFailed unless every part that stands elsewhere answers."""
    for name in names:
        deadline = time.monotonic() + seconds
        while True:
            problem: object = "it is not ready"
            try:
                if parts.READY[name]():
                    break
            except Exception as error:  # any client's error means the same: not usable
                problem = error
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{name} is set to stand elsewhere in the environment, but does not answer: {problem}"
                )
            time.sleep(0.5)


def take_down() -> int:
    """Stop everything of this instance, users before what they use; gives how many programs were stopped."""
    known = supervision.states()
    ours = set(known)
    watching = ours & {"camunda", "flower", "zipkin", LOG_SHIPPER}
    for wave in (ours - set(parts.BUILDERS) - watching, watching, ours):
        supervision.stop(*wave)
    if supervision.running():
        supervision.shut_down()
    remaining = processes.left_over()
    processes.end(remaining)
    return len([row for row in known.values() if row["pid"]]) or len(remaining)
