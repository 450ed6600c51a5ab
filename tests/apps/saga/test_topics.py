"""The diagram and the code name the same steps, each declared once, by the service that owns it."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from config.services import SERVICES

ROOT = Path(__file__).resolve().parents[3]
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
OWNERS = {
    "claim-publication": "offering",
    "confirm-publication": "offering",
    "fail-publication": "offering",
    "revert-to-draft": "offering",
    "finish-publication": "offering",
    "lock-prices": "pricing",
    "unlock-prices": "pricing",
    "release-prices": "pricing",
    "validate-specifications": "specification",
    "create-store-entry": "store",
    "delete-store-entry": "store",
}
MAY_REFUSE = {
    "claim-publication",
    "lock-prices",
    "validate-specifications",
    "create-store-entry",
    "confirm-publication",
}


def declared(service: str) -> dict[str, bool]:
    """Topic -> must_succeed, as the service's ``saga.py`` says."""
    path = ROOT / "catalog_services" / service / "saga.py"
    found: dict[str, bool] = {}
    if not path.exists():
        return found
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "saga_step":
            assert isinstance(node.args[0], ast.Constant)
            keywords = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
            found[str(node.args[0].value)] = bool(keywords.get("must_succeed", False))
    return found


@pytest.fixture(scope="module")
def tasks() -> list[ET.Element]:
    (diagram,) = (ROOT / "bpmn").glob("*.bpmn")
    return list(ET.parse(diagram).iter(f"{BPMN}serviceTask"))


def test_every_topic_of_the_diagram_is_declared_by_its_owner_and_by_nobody_else(
    tasks: list[ET.Element],
) -> None:
    of_diagram = {task.get(f"{CAMUNDA}topic") for task in tasks}
    of_code = {topic: service for service in SERVICES for topic in declared(service)}
    assert of_code == OWNERS
    assert of_diagram == set(OWNERS)
    assert max(Counter(topic for service in SERVICES for topic in declared(service)).values()) == 1


def test_only_steps_before_the_confirmation_may_refuse() -> None:
    """An undo, or a step after the point of no return, has nobody who could take a refusal."""
    may_refuse = {t for service in SERVICES for t, must in declared(service).items() if not must}
    assert may_refuse == MAY_REFUSE


def test_every_task_is_external_and_named_as_its_topic_in_plain_words(tasks: list[ET.Element]) -> None:
    for task in tasks:
        assert task.get(f"{CAMUNDA}type") == "external"
        assert str(task.get("name")).lower().replace(" ", "-") == task.get(f"{CAMUNDA}topic")


def test_everything_on_the_diagram_has_a_shape() -> None:
    """So that Camunda Modeler and Cockpit show it."""
    (diagram,) = (ROOT / "bpmn").glob("*.bpmn")
    root = ET.parse(diagram).getroot()
    process = root.find(f"{BPMN}process")
    assert process is not None
    definitions = ("Definition", "incoming", "outgoing", "documentation", "Expression", "timeDuration")
    shown = {e.get("id") for e in process.iter() if e.get("id") and not e.tag.endswith(definitions)}
    drawn = {e.get("bpmnElement") for e in root.iter() if e.get("bpmnElement")}
    assert shown - {process.get("id")} == drawn - {process.get("id")}
