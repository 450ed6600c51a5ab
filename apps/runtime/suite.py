"""Bringing the suite up and down: what starts, in which order, side by side where it can."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from apps.runtime import artifacts, credentials, parts, paths, processes, supervision
from apps.runtime.errors import RuntimeFault, StartFailed
from apps.runtime.program import Program
from config import env

Notify = Callable[[str], None]
SPACE_NEEDED = 1500
ENGINES = ("elasticsearch", "camunda", "zipkin")


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """One `up` or `down` of an instance at a time; a second waits."""
    env.state_dir().mkdir(parents=True, exist_ok=True)
    with (env.state_dir() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(names: list[str], *, advance: Callable[[int], None] = lambda _: None) -> None:
    """Fetch and build what the embedded parts ``names`` need; nothing when it is all there."""
    engines = [name for name in ENGINES if name in names]
    work: list[Callable[[], object]] = [lambda: artifacts.fetch_all(engines, advance)]
    if "mongodb" in names:
        work.append(parts.mongodb.install)
    with ThreadPoolExecutor(len(work)) as pool:
        for future in [pool.submit(step) for step in work]:
            future.result()
    for engine in engines:
        artifacts.assemble(engine)
    if "camunda" in names:
        parts.camunda.install()


def part_programs() -> list[Program]:
    return [parts.BUILDERS[name]() for name in parts.embedded()]


def bring_up(programs: list[Program], *, notify: Notify = lambda _: None, kept: frozenset[str] = frozenset()) -> None:
    """Start what does not run yet and return when all of it serves.

    Programs the supervisor knows from before stay as they are when named in ``kept``. On failure
    everything this call started is stopped again.
    """
    paths.require_space(env.state_dir(), megabytes=SPACE_NEEDED, purpose="The suite's data and logs")
    if not supervision.running():
        orphans = processes.left_over()
        if orphans:
            notify(f"ending {len(orphans)} processes left over from before")
            processes.end(orphans)
    alive = {name for name, row in supervision.states().items() if row["statename"] in {"RUNNING", "STARTING"}}
    processes.require_ports({p.name: p.port for p in programs if p.port and p.name not in alive})
    fresh = not supervision.running()
    supervision.apply(programs)
    started: list[str] = []
    try:
        Start(programs, notify=notify, started=started).run()
    except BaseException:
        supervision.stop(*started)
        if fresh:
            supervision.shut_down()
        raise


class Start:
    """One run of starting programs side by side, each after those it needs."""

    def __init__(self, programs: list[Program], *, notify: Notify, started: list[str]) -> None:
        self.programs = programs
        self.notify = notify
        self.started = started
        self.served = {p.name: threading.Event() for p in programs}
        self.broken = threading.Event()

    def run(self) -> None:
        with ThreadPoolExecutor(max(len(self.programs), 1)) as pool:
            futures: list[Future[None]] = [pool.submit(self.one, p) for p in self.programs]
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            if any(f.exception() for f in done):
                self.broken.set()
        for future in futures:
            error = future.exception()
            if error is not None and not isinstance(error, Abandoned):
                raise error

    def one(self, program: Program) -> None:
        for need in program.needs:
            while need in self.served and not self.served[need].wait(0.1):
                self.check()
        self.check()
        if not supervision.is_alive(program.name):
            program.prepare()
            self.started.append(program.name)
            supervision.start(program.name)
        self.await_ready(program)
        program.settle()
        self.served[program.name].set()
        self.notify(program.name)

    def await_ready(self, program: Program) -> None:
        deadline = time.monotonic() + program.patience
        problem: object = "no answer"
        while True:
            self.check()
            try:
                if program.ready():
                    return
            except Exception as error:  # whatever a client raises while its server is not there yet
                problem = error
            state = supervision.states().get(program.name, {}).get("statename", "gone")
            if state in {"FATAL", "EXITED", "STOPPED", "gone"}:
                raise StartFailed(f"{program.name} ended while starting.\n{tail(program)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{program.name} did not get ready within {program.patience} s: {problem}\n{tail(program)}"
                )
            time.sleep(0.1)

    def check(self) -> None:
        if self.broken.is_set():
            raise Abandoned


class Abandoned(RuntimeFault):
    """Another program failed first; its error is the one to show."""


def tail(program: Program, lines: int = 15) -> str:
    """The end of a program's log."""
    text = program.log.read_text(errors="replace") if program.log.exists() else ""
    return f"Its log, {program.log}, ends:\n" + "\n".join(text.splitlines()[-lines:])


def check_external(names: list[str], *, seconds: float = 10) -> None:
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
                raise StartFailed(f"{name} is set to stand elsewhere in the environment, but does not answer: {problem}")
            time.sleep(0.5)


def take_down() -> int:
    """Stop everything of this instance, users before what they use; returns how many programs were stopped."""
    known = supervision.states()
    ours = set(known)
    waves = [ours - set(parts.BUILDERS), {"camunda", "flower", "zipkin"} & ours, ours]
    for wave in waves:
        supervision.stop(*(n for n in wave if known[n]["statename"] not in {"STOPPED"}))
    if known or supervision.running():
        supervision.shut_down()
    remaining = processes.left_over()
    processes.end(remaining)
    return len([1 for row in known.values() if row["statename"] == "RUNNING"]) or len(remaining)


def prepare_instance() -> None:
    """What every command needs before it touches programs: the state folder and its secrets."""
    credentials.ensure()
