"""docker-compose.yml is one, and what it says hangs together."""

from __future__ import annotations

import jsonschema
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from config import env
from config.parts import PARTS, PROCESS_ENGINES
from config.services import SERVICES
from tests.apps.runtime.compose.conftest import LISTENS


def test_it_is_valid_by_the_specification_of_compose(document) -> None:
    schema = get_builtin_schema("vendor.compose-spec")
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)] == []


def test_the_image_is_built_once_and_never_looked_for_elsewhere(compose) -> None:
    """Several builds of one tag may meet when they write it; and a registry may have something of that name."""
    ours = {name: one for name, one in compose.items() if one["image"] == "catalog-suite"}
    assert [name for name, one in compose.items() if "build" in one] == ["setup"]
    assert {one["pull_policy"] for one in ours.values()} == {"never"}
    assert all("setup" in {name, *one.get("depends_on", {})} for name, one in ours.items())


def test_the_engines_forget_as_the_one_that_up_starts(compose) -> None:
    """Without a window they keep every process for ever, whatever time to live the diagram has."""
    own = yaml.safe_load((env.BASE_DIR / "config/infra/engine/application.yaml").read_text())
    wanted = own["camunda.bpm"]["generic-properties.properties"]
    for engine in PROCESS_ENGINES:
        given = compose[engine]["environment"]
        for name in ("history-cleanup-batch-window-start-time", "history-cleanup-batch-window-end-time"):
            variable = f"{engine}_BPM_GENERICPROPERTIES_PROPERTIES_{name.replace('-', '')}".upper()
            assert given[variable] == wanted[name]


def test_a_database_that_is_being_set_up_is_not_there_yet(compose) -> None:
    """It answers on its socket then, and is stopped once more."""
    test = compose["postgres"]["healthcheck"]["test"]
    assert test[test.index("-h") + 1] == "127.0.0.1"


def test_every_volume_is_declared_and_every_file_is_there(document, compose) -> None:
    mounted = [volume.split(":")[0] for one in compose.values() for volume in one.get("volumes", ())]
    files = [source for source in mounted if source.startswith(".")]
    assert {source for source in files if not (env.BASE_DIR / source).exists()} == set()
    assert set(mounted) - set(files) == set(document["volumes"])
    configs = {one["source"] for service in compose.values() for one in service.get("configs", ())}
    assert configs == set(document["configs"])


def test_what_is_published_is_for_this_machine_only_and_where_the_registry_says(compose) -> None:
    published = {}
    for name, one in compose.items():
        for port in one.get("ports", ()):
            address, outside, inside = port.split(":")
            assert address == "127.0.0.1", name
            assert int(inside) == LISTENS[name]
            published[name] = int(outside)
    assert published.pop("operaton") == published["camunda"], "one of the two runs"
    assert len(set(published.values())) == len(published)
    registered = {**{name: part.port for name, part in PARTS.items()}, "gateway": SERVICES["gateway"].port}
    # Databases and the broker stay in the containers' own network, and so does every service but the gateway.
    internal = {"postgres", "redis", "mongodb", "elasticsearch"}
    assert {name: port for name, port in published.items() if name in registered} == {
        name: port for name, port in registered.items() if name not in internal
    }
    assert not set(SERVICES) - {"gateway"} & set(published)


def test_whoever_waits_waits_for_something_that_can_come(compose) -> None:
    """``service_healthy`` needs a health check, ``service_completed_successfully`` a container that ends."""
    for name, one in compose.items():
        for other, wanted in one.get("depends_on", {}).items():
            check = compose[other].get("healthcheck", {"disable": True})
            ends = wanted["condition"] == "service_completed_successfully"
            assert bool(check.get("disable")) == ends, (name, other)
            assert (compose[other]["restart"] == "on-failure") == ends, (name, other)
            # What is started only when it is asked for cannot be required.
            assert not compose[other].get("profiles") or wanted.get("required") is False


def test_nothing_waits_for_itself(compose) -> None:
    def waits_for(name: str, path: tuple[str, ...] = ()) -> None:
        assert name not in path, path
        for other in compose[name].get("depends_on", {}):
            waits_for(other, (*path, name))

    for name in compose:
        waits_for(name)
