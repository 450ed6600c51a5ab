"""What the containers are told: every variable is read by somebody, and nothing that is needed is missing."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from apps.runtime.credentials import GENERATED
from apps.runtime.parts import flower
from apps.runtime.reference import settings
from config import env
from config.parts import PARTS, PROCESS_ENGINES
from config.services import ROLES, SERVICES
from tests.apps.runtime.compose.conftest import FILE, INFRA, LISTENS, environment, filled, is_ours

SECRET = re.compile("PASS|SECRET|AUTH|TOKEN|KEY")
HIDDEN = "hidden"
# Of the libraries that a process of ours is made of.
FLOWERS = {"CELERY_BROKER_URL", "FLOWER_PORT", "FLOWER_BASIC_AUTH", "FLOWER_MAX_TASKS"}
THEIRS = {"CELERY_SKIP_CHECKS", *FLOWERS}
# The parts that the admin links to.
CONSOLES = ("camunda", "zipkin", "flower")


# What `.env` cannot say of a container, because the file does: it has the parts, where they and the services stand,
# the network between them, and the folder of a worker's figures. The engine is the profile.
ITS_OWN = {
    "ENGINE",
    *(part.variable for part in PARTS.values()),
    *(f"{name.upper()}_URL" for name in SERVICES),
    *("METRICS_HOST", "METRICS_PORT", "TRUSTED_PROXIES", "PROMETHEUS_MULTIPROC_DIR"),
}
# What does not count in a container: where and how `manage.py up` starts things, passwords that are in the parts' URLs,
# databases on another server, and pages for a developer.
NOT_THERE = {
    *("PORT_OFFSET", "RUN_DIR", "JAVA_HOME", "PATH", "XDG_CACHE_HOME", "LOG_SHIPPING", "DEBUG"),
    *(f"{role.upper()}_COPIES" for role in ROLES),
    *("POSTGRES_PASSWORD", "REDIS_PASSWORD", "CAMUNDA_PASSWORD", "FLOWER_PASSWORD"),
    *(f"{name.upper()}_DATABASE_URL" for name in SERVICES),
}


def documented() -> set[str]:
    """Every variable of docs/settings.md, for each service, part and role that one is of."""
    filled_in = {"<SERVICE>": SERVICES, "<PART>": CONSOLES, "<ROLE>": ROLES}
    found = set()
    for name in re.findall(r"^\| `([A-Z0-9_<>]+)`", settings.page(), re.MULTILINE):
        (kind,) = re.findall("<[A-Z]+>", name) or [""]
        found |= {name.replace(kind, one.upper()) for one in filled_in[kind]} if kind else {name}
    # It has no time for its own answers.
    return found - {"GATEWAY_TIMEOUT"}


def test_every_setting_reaches_every_container_as_env_says_it_and_nothing_else_does(compose) -> None:
    for container, one in compose.items():
        if is_ours(one):
            given = one["environment"]
            of_env = {name for name, value in given.items() if value is None or f"${{{name}:" in value}
            assert of_env == documented() - ITS_OWN - NOT_THERE, container
            assert given.keys() - of_env <= ITS_OWN | THEIRS, container


def test_flower_is_told_what_the_embedded_one_is(compose) -> None:
    own = {name: value for name, value in environment(compose["flower"]).items() if name in FLOWERS}
    embedded = flower.program().environment
    # In a container it listens to whoever can reach it: its port is let out to this machine only.
    assert own.keys() == embedded.keys() - {"FLOWER_ADDRESS"} == FLOWERS
    assert own["FLOWER_MAX_TASKS"] == embedded["FLOWER_MAX_TASKS"]
    assert own["FLOWER_BASIC_AUTH"].partition(":")[0] == flower.USER


def test_every_process_gets_all_that_it_needs(compose) -> None:
    needed = {part.variable for part in PARTS.values()}
    needed |= {f"{name.upper()}_URL" for name in SERVICES}
    needed |= {"CATALOG_ENV", "PUBLIC_URL", "ALLOWED_HOSTS", "METRICS_PORT", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    # Of the parts' own passwords a process knows those in its URLs.
    needed |= {name for name in GENERATED if f"{name.removesuffix('_PASSWORD').lower()}" not in PARTS}
    missing = {name: needed - set(environment(one)) for name, one in compose.items() if is_ours(one)}
    assert {name: some for name, some in missing.items() if some} == {}


def test_services_may_be_asked_by_the_names_that_others_use(compose) -> None:
    allowed = environment(compose["offering"])["ALLOWED_HOSTS"].split(",")
    assert set(SERVICES) <= set(allowed)


def test_every_url_names_a_container_and_the_port_it_listens_on(compose) -> None:
    texts = [value for one in compose.values() for value in environment(one).values()]
    texts += [path.read_text() for path in INFRA.rglob("*") if path.parent.parent == INFRA and path.is_file()]
    texts += [path.read_text() for path in (INFRA / "grafana" / "provisioning").rglob("*.yaml")]
    found = {
        (url.hostname, url.port)
        for text in texts
        for match in re.findall(r"\b(?:[a-z]+:)?[a-z]+://[^\s\"'\]}]+", filled(text))
        if (url := urlsplit(match.removeprefix("jdbc:"))).hostname in compose
    }
    assert {"elasticsearch", "otel-collector", "postgres", "prometheus", "zipkin", *SERVICES} <= dict(
        found
    ).keys()
    assert {(host, port) for host, port in found if port != LISTENS.get(host)} == set()


def test_its_head_names_what_must_be_set_and_nothing_else() -> None:
    text = FILE.read_text()
    head = text[: text.index("\nname:")]
    assert (
        set(re.findall(r"\$\{(\w+):\?\}", text)) | set(_demo_users())
        == set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", head)) - _MAY_BE_SET
    )


_MAY_BE_SET = {"PUBLIC_URL", "ALLOWED_HOSTS", "GATEWAY_TRUSTED_PROXIES"}


def test_where_browsers_find_a_console_is_a_port_that_is_let_out(compose) -> None:
    told = environment(compose["identity"])
    consoles = {name: filled(url) for name, url in told.items() if name.endswith("_PUBLIC_URL")}
    assert consoles.keys() == {f"{part.upper()}_PUBLIC_URL" for part in CONSOLES}
    published = {port.split(":")[1] for one in compose.values() for port in one.get("ports", ())}
    assert {str(urlsplit(url).port) for url in (*consoles.values(), filled(told["PUBLIC_URL"]))} <= published


@pytest.mark.parametrize("engine", PROCESS_ENGINES)
def test_either_engine_is_chosen_by_one_variable(compose, engine: str) -> None:
    """The profile starts it, and is what all of ours are told."""
    assert {name for name, one in compose.items() if engine in one.get("profiles", ())} == {engine}
    for name, one in compose.items():
        if is_ours(one):
            told = environment(one)
            assert filled(told["ENGINE"], engine=engine) == engine, name
            assert urlsplit(filled(told["CAMUNDA_URL"], engine=engine)).hostname == engine, name
    assert compose["setup"]["depends_on"][engine] == {"condition": "service_healthy", "required": False}
    assert compose[engine]["ports"] == ["127.0.0.1:8085:8080"], "the admin links to one place"


def _demo_users() -> list[str]:
    return [name for name in GENERATED if name.split("_")[0] in {"ADMIN", "MANAGER", "VIEWER"}]


def test_no_secret_stands_in_it(compose) -> None:
    """Each is a substitution, with nothing to fall back on but none."""
    for name, one in compose.items():
        for variable, value in environment(one).items():
            if SECRET.search(variable):
                assert re.sub(r"^\w+:", "", filled(value, HIDDEN)) in {HIDDEN, "", "true"}, (name, variable)
        said = filled(yaml.safe_dump(one, width=10_000), HIDDEN)
        credentials = re.findall(r"://[^/@\s]*:([^@\s]+)@", said) + re.findall(r"--\w*pass\w*[ =](\S+)", said)
        assert set(credentials) <= {HIDDEN}, name


def test_only_known_variables_are_in_the_production_example() -> None:
    """Each name is read somewhere: a misspelt one would be ignored in silence."""
    text = Path(env.BASE_DIR / ".env.example").read_text()
    names = {
        line.lstrip("#").split("=")[0]
        for line in text.splitlines()
        if "=" in line and not line.startswith("# ")
    }
    source = "".join(
        path.read_text()
        for folder in ("config", "apps", "catalog_services")
        for path in (env.BASE_DIR / folder).rglob("*.py")
    )
    derived = {f"{service.upper()}_URL" for service in SERVICES}
    assert {name for name in names if name not in source} - derived == set()
