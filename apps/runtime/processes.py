"""The operating system's view: who holds a port, what is left over, how much memory things take."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterable

import psutil

from apps.runtime import paths
from apps.runtime.errors import PortTaken
from config import env


def port_is_free(port: int) -> bool:
    """Whether nobody holds it. What is left of a connection that has ended keeps it for a minute: that is waited for by
    who wants it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return not _is_held(port)
    return True


def _is_held(port: int) -> bool:
    try:
        held = [one for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port]
    except (psutil.Error, OSError):
        return True
    return not held or any(one.status != psutil.CONN_TIME_WAIT for one in held)


def holder(port: int) -> str:
    """Who listens on a port, as far as we are allowed to know."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
            if listens and connection.pid:
                process = psutil.Process(connection.pid)
                return f"{process.name()} (pid {process.pid}): {' '.join(process.cmdline())[:100]}"
    return "another process"


def require_ports(wanted: dict[str, int]) -> None:
    """Raise PortTaken, naming every port of ``wanted`` (program -> port) that is taken and by whom."""
    taken = [
        f"  {name} needs {port}, held by {holder(port)}"
        for name, port in wanted.items()
        if not port_is_free(port)
    ]
    if taken:
        listing = "\n".join(taken)
        raise PortTaken(
            f"Ports are taken:\n{listing}\n"
            f"Stop what holds them, or run on others, e.g. PORT_OFFSET={env.port_offset() + 100}."
        )


def is_ours(process: psutil.Process) -> bool:
    """Whether a process was started by this instance: by the mark in its environment, or the data it names (a person's
    own at a terminal, who reads a log, may do so)."""
    state, roots = str(env.state_dir()), tuple(f"{root}{os.sep}" for root in paths.data_roots())
    try:
        if any(argument.startswith(roots) for argument in process.cmdline()):
            return process.terminal() is None and process.name() != "tail"
        return process.environ().get(paths.MARK) == state
    except (psutil.Error, OSError):
        return False


def left_over() -> list[psutil.Process]:
    """Processes of this instance, whoever watches them now; never ourselves or who called us."""
    me = psutil.Process()
    spared = {me.pid, *(p.pid for p in me.parents())}
    return [p for p in psutil.process_iter() if p.pid not in spared and is_ours(p) and is_alive(p)]


def end(processes: Iterable[psutil.Process], *, grace: float = 20) -> None:
    """Ask processes to end, wait, and kill those that do not; the database goes after its users."""
    everyone = list(processes)
    database = [p for p in everyone if process_name(p).startswith("postgres")]
    users = [p for p in everyone if p not in database]
    # INT is PostgreSQL's fast shutdown; its TERM would wait for every client to leave.
    for wave, number in ((users, signal.SIGTERM), (database, signal.SIGINT)):
        for process in wave:
            send(process, number)
        stubborn = await_end(wave, seconds=grace)
        for process in stubborn:
            send(process, signal.SIGKILL)
        await_end(stubborn, seconds=10)


def await_end(processes: Iterable[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Wait until processes have ended; gives those that have not. One that only waits for its parent has."""
    deadline = time.monotonic() + seconds
    alive = list(processes)
    while alive and time.monotonic() < deadline:
        alive = [p for p in alive if is_alive(p)]
        time.sleep(0.05 if alive else 0)
    return alive


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def process_name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants; empty when it is gone."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(pid: int) -> int:
    """Bytes of a process with its descendants: proportional set size where the system tells it, else resident."""
    total = 0
    for process in family(pid):
        try:
            info = process.memory_full_info()
            total += getattr(info, "pss", 0) or info.rss
        except psutil.Error:
            continue
    return total


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its descendants have used so far."""
    total = 0.0
    for process in family(pid):
        try:
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.Error:
            continue
    return total
