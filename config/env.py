"""Typed access to the environment; the defaults are the embedded mode.

Order of precedence: the process environment, then ``.env`` beside ``manage.py``, then the
secrets that ``manage.py up`` generated for the embedded parts (``secrets.env`` in the state folder).
No other module reads ``os.environ``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import environ

from config.parts import NOWHERE, OPTIONAL, PARTS, PROCESS_ENGINES
from config.services import SERVICES

BASE_DIR = Path(__file__).resolve().parent.parent

_PORTS = 65_535
_DAYS = 36_500


class Variables(environ.Env):
    """What is no number, or no number of days, is said with its name; a ``$`` at the beginning is part of a secret."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        given = self.ENVIRON.get(var, "")
        try:
            if given.startswith("$"):  # which django-environ takes for the name of another variable
                return self.parse_value(given, cast)
            return super().get_value(var, cast, default, parse_default)
        except ValueError:
            raise environ.ImproperlyConfigured(f"{var} is {given!r}; it must be a number.") from None

    def days(self, name: str, *, default: int) -> int:
        """How long something is kept; 0: for ever. Raises ``ImproperlyConfigured`` for what would be no time at all."""
        found: int = self.int(name, default=default)
        if not 0 <= found <= _DAYS:
            raise environ.ImproperlyConfigured(
                f"{name} is {found}; it must be a number of days up to {_DAYS}, or 0 for ever."
            )
        return found


env = Variables()
env.read_env(BASE_DIR / ".env")


def port_offset() -> int:
    """Added to every port, so that two checkouts (or the tests beside a demo) run side by side. From 13,500 on some are
    among those that Linux gives to outgoing connections, and may be taken for a while."""
    most = _PORTS - max(*(part.port for part in PARTS.values()), *(one.port for one in SERVICES.values()))
    try:
        found: int = env.int("PORT_OFFSET", default=0)
    except environ.ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None
    if not 0 <= found <= most:
        raise SystemExit(f"PORT_OFFSET is {found}; it can be 0 to {most}.")
    return found


def state_dir() -> Path:
    """Where generated secrets, logs and the data of embedded parts live (of root's PostgreSQL and Elasticsearch below
    ``/var/lib/catalog-suite``)."""
    return Path(env.str("RUN_DIR", default=str(BASE_DIR / ".run"))).resolve() / str(port_offset())


env.read_env(state_dir() / "secrets.env")


def environment() -> str:
    """``production``, ``demo`` or ``test``; anything but production may use generated defaults."""
    return env.str("CATALOG_ENV", default="demo")


def is_production() -> bool:
    return environment() == "production"


def secret(name: str) -> str:
    """A generated secret of the embedded parts (``POSTGRES_PASSWORD`` ...); empty before ``up`` made it."""
    return env.str(name.upper(), default="")


def client_secret(service: str) -> str:
    """``<SERVICE>_CLIENT_SECRET``, or the one that all services share."""
    return secret(f"{service}_CLIENT_SECRET") or secret("SERVICE_CLIENT_SECRET")


def service_port(name: str) -> int:
    return SERVICES[name].port + port_offset()


def service_url(service: str) -> str:
    """Base URL of a service's own web process, without a slash at the end."""
    return env.str(f"{service.upper()}_URL", default=f"http://127.0.0.1:{service_port(service)}").rstrip("/")


def metrics_host() -> str:
    """The address at which each process tells its metrics; whoever can reach it can read them."""
    return env.str("METRICS_HOST", default="127.0.0.1")


def metrics_port() -> int | None:
    """The port at which this process tells its metrics; without one, or with 0, nothing listens."""
    return env.int("METRICS_PORT", default=0) or None


def public_url() -> str:
    """The gateway as a browser sees it, in links and redirects; with ``https`` cookies are sent over TLS only."""
    return env.str("PUBLIC_URL", default=f"http://localhost:{service_port('gateway')}").rstrip("/")


def part_port(name: str) -> int:
    return PARTS[name].port + port_offset()


def part_is_external(name: str) -> bool:
    """True when the part's URL is set in the environment: it is used and never started by us."""
    return bool(env.str(PARTS[name].variable, default="")) and not part_is_absent(name)


def part_is_absent(name: str) -> bool:
    """True when there is to be none: nobody starts it, asks it or links to it."""
    return name in OPTIONAL and env.str(PARTS[name].variable, default="") == NOWHERE


def part_url(name: str) -> str:
    """The URL of a part: the environment's when set, else that of the embedded one."""
    part = PARTS[name]
    given = env.str(part.variable, default="")
    if given:
        return given.rstrip("/")
    return part.url.format(
        port=part_port(name),
        postgres_password=secret("POSTGRES_PASSWORD"),
        redis_password=secret("REDIS_PASSWORD"),
        camunda_password=secret("CAMUNDA_PASSWORD"),
    )


def process_engine() -> str:
    """``camunda`` or ``operaton``: the process engine that `manage.py up` starts, or that stands at ``CAMUNDA_URL``.
    Everything about it keeps the name camunda, but its own database and the path of its Cockpit.

    Raises ``ImproperlyConfigured`` for any other name.
    """
    name = env.str("ENGINE", default="camunda")
    if name not in PROCESS_ENGINES:
        raise environ.ImproperlyConfigured(f"ENGINE is {name!r}; it can be {' or '.join(PROCESS_ENGINES)}.")
    return name


def cockpit_path() -> str:
    """Where the engine's server has its Cockpit."""
    return f"/{process_engine()}/app/cockpit/"


def part_is_public(part: str) -> bool:
    """Whether anybody can be told where a part's own pages are: it is this machine's, or somebody has said it."""
    if part_is_external(part):
        return bool(env.str(f"{part.upper()}_PUBLIC_URL", default=""))
    return not part_is_absent(part)


def part_public_url(part: str) -> str:
    """Where a browser reaches a part's own pages (``CAMUNDA_PUBLIC_URL``, ``ZIPKIN_PUBLIC_URL``,
    ``FLOWER_PUBLIC_URL``), without a slash at the end; when not set, the host of the part's own URL, without its
    password."""
    if given := env.str(f"{part.upper()}_PUBLIC_URL", default=""):
        return given.rstrip("/")
    own = urlsplit(part_url(part))
    return f"{own.scheme}://{own.netloc.rpartition('@')[2]}"


def own_database_url(service: str) -> str:
    """The URL of a service's (or the engine's) own database; empty for one named ``catalog_<service>`` on
    POSTGRES_URL."""
    return env.str(f"{service.upper()}_DATABASE_URL", default="")


def database_url(service: str) -> str:
    """A service's own database: ``<SERVICE>_DATABASE_URL``, or one named ``catalog_<service>`` on POSTGRES_URL."""
    return own_database_url(service) or server_database_url(f"catalog_{service}")


def server_database_url(name: str) -> str:
    """The database of this name on POSTGRES_URL, with that URL's parameters (such as ``?sslmode=verify-full``)."""
    return urlunsplit(urlsplit(part_url("postgres"))._replace(path=f"/{name}"))
