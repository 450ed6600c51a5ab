"""The supervisor: its file written from the programs, and the calls that steer it."""

from __future__ import annotations

import contextlib
import hashlib
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy, Transport

import psutil
from supervisor.xmlrpc import Faults

from apps.runtime import paths, processes
from apps.runtime.credentials import without_secrets
from apps.runtime.errors import StartFailed
from apps.runtime.program import Program
from config import env

# The operating system's limit for a socket's path is 108 bytes.
LONGEST_SOCKET = 100


def config_file() -> Path:
    return env.state_dir() / "supervisord.conf"


def pid_file() -> Path:
    return env.state_dir() / "supervisord.pid"


def socket_file() -> Path:
    """In the state folder; where that is too deep, in a private folder of the system's temporary one."""
    beside = env.state_dir() / "supervisor.sock"
    if len(str(beside)) <= LONGEST_SOCKET:
        return beside
    digest = hashlib.sha256(str(beside).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"catalog-suite-{digest}" / "supervisor.sock"


def render(programs: Iterable[Program]) -> str:
    """The supervisor's configuration; the same programs give the same text."""
    user = ["user=root"] if paths.as_root() else []
    blocks = [
        ["[unix_http_server]", f"file={escape(str(socket_file()))}", "chmod=0700"],
        [
            "[supervisord]",
            f"logfile={escape(str(paths.log_dir() / 'supervisord.log'))}",
            f"pidfile={escape(str(pid_file()))}",
            f"childlogdir={escape(str(paths.log_dir()))}",
            "logfile_maxbytes=5MB",
            "logfile_backups=1",
            *user,
        ],
        [
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        ],
        *(section(p) for p in programs),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def section(program: Program) -> list[str]:
    values = ",".join(f'{k}="{escape(v)}"' for k, v in sorted(program.environment.items()))
    standing_back = ("nice", "-n", str(program.niceness)) if program.niceness else ()
    return [
        f"[program:{program.name}]",
        f"command={escape(shlex.join((*standing_back, *program.command)))}",
        f"directory={escape(str(program.directory))}",
        *([f"environment={values}"] if values else []),
        *([f"user={program.user}"] if program.user else []),
        "autostart=false",
        "autorestart=true",
        "startsecs=1",
        "startretries=3",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.grace}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={escape(str(program.log))}",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=1",
    ]


def escape(text: str) -> str:
    return text.replace("%", "%%")


class UnixConnection(HTTPConnection):
    """HTTP over the supervisor's socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.connect(str(socket_file()))
        except OSError:
            self.close()
            raise


class UnixTransport(Transport):
    """XML-RPC's transport over that connection (supervisor's own leaves its socket open when nobody answers)."""

    def make_connection(self, host: Any) -> HTTPConnection:
        connection = UnixConnection("localhost")
        self._connection = host, connection
        return connection


def call(method: str, *arguments: Any) -> Any:
    """One call to the running supervisor. A proxy holds one connection, so each call makes its own."""
    with ServerProxy("http://localhost", transport=UnixTransport()) as proxy:
        namespace, name = method.split(".")
        return getattr(getattr(proxy, namespace), name)(*arguments)


def running() -> bool:
    """Whether our supervisor answers."""
    try:
        return bool(call("supervisor.getState")["statename"])
    except (OSError, Fault):
        return False


def launch() -> None:
    """Start the supervisor with the configuration as written."""
    if socket_file().parent != env.state_dir():
        paths.make_private(socket_file().parent)
    paths.log_dir().mkdir(parents=True, exist_ok=True)
    environment = {**without_secrets(), paths.MARK: str(env.state_dir()), "PYTHONUNBUFFERED": "1"}
    # Every service sets its own; one that is set in the person's shell would be taken by all.
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config_file())]
    done = subprocess.run(
        command, env=environment, cwd=env.BASE_DIR, capture_output=True, text=True, check=False
    )
    deadline = time.monotonic() + 15
    while not running():
        if done.returncode or time.monotonic() > deadline:
            raise StartFailed(f"The process supervisor did not start: {done.stderr or done.stdout}")
        time.sleep(0.05)


def apply(programs: Sequence[Program]) -> None:
    """Make the supervisor know exactly these programs; those that changed or went are stopped first."""
    text = render(programs)
    unchanged = config_file().exists() and config_file().read_text() == text
    config_file().touch(mode=0o600)
    config_file().write_text(text)
    if not running():
        launch()
        return
    if unchanged:
        return
    added, changed, removed = call("supervisor.reloadConfig")[0]
    stop(*changed, *removed)
    for name in [*changed, *removed]:
        call("supervisor.removeProcessGroup", name)
    for name in [*added, *changed]:
        call("supervisor.addProcessGroup", name)


def states() -> dict[str, dict[str, Any]]:
    """Program name -> the supervisor's account of it (``statename``, ``pid``, ...); empty when it is down."""
    try:
        return {row["name"]: row for row in call("supervisor.getAllProcessInfo")}
    except OSError:
        return {}


def is_alive(name: str) -> bool:
    return states().get(name, {}).get("statename") in {"RUNNING", "STARTING", "BACKOFF"}


def start(name: str) -> None:
    """Ask for a program to be started; one that runs already is left alone."""
    try:
        call("supervisor.startProcess", name, False)
    except Fault as fault:
        if fault.faultCode != Faults.ALREADY_STARTED:
            raise StartFailed(f"{name} could not be started: {fault.faultString}") from fault


def stop(*names: str) -> None:
    """Stop programs side by side and wait until they are gone."""
    for name in names:
        try:
            call("supervisor.stopProcess", name, False)
        except Fault as fault:
            if fault.faultCode not in {Faults.NOT_RUNNING, Faults.BAD_NAME}:
                raise
    gone = {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
    while any(row["statename"] not in gone for name, row in states().items() if name in names):
        time.sleep(0.05)


def shut_down() -> None:
    """End the supervisor itself (and with it whatever it still runs) and wait for it to be gone."""
    pid = int(call("supervisor.getPID"))
    call("supervisor.shutdown")
    with contextlib.suppress(psutil.NoSuchProcess):
        processes.await_end([psutil.Process(pid)], seconds=60)
