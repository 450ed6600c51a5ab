"""Whoever is woken by an alert finds what to do, and nothing there is about an alert that does not exist."""

from __future__ import annotations

import re

import yaml

from config.env import BASE_DIR
from manage import suite_commands

RUNBOOK = (BASE_DIR / "docs" / "runbook.md").read_text()


def test_every_alert_has_its_section_and_the_other_way_round():
    rules = yaml.safe_load((BASE_DIR / "config/infra/prometheus/alerts.yml").read_text())
    alerts = {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}
    assert re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE) == list(alerts)
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_every_command_that_it_names_is_there():
    named = set(re.findall(r"manage\.py ([a-z<][\w<>-]*)(?: ([a-z][\w-]*))?", RUNBOOK))
    assert named
    for first, second in named:
        if first in suite_commands():
            continue
        found = [*BASE_DIR.glob(f"*/*/management/commands/{second}.py")]
        assert found, f"manage.py {first} {second}"


def test_what_was_restored_on_kubernetes_is_migrated_before_anything_starts_on_it():
    steps = RUNBOOK[RUNBOOK.index("### Backup and restore on Kubernetes") :]
    order = ["--replicas 0", '"manage.py", "restore"', "helm upgrade <release>", "--replicas 2"]
    places = [steps.find(one) for one in order]
    assert -1 not in places
    assert places == sorted(places)


def test_an_archive_is_brought_into_the_container_that_restores_it_and_can_be_read_there():
    steps = RUNBOOK[RUNBOOK.index("### Backup and restore in containers") :]
    assert (inside := re.search(r"--volume \"\$PWD/ARCHIVE:(\S+):ro\"", steps))
    assert f"manage.py restore {inside[1]}`" in steps
    dockerfile = (BASE_DIR / "config" / "infra" / "Dockerfile").read_text()
    assert (owner := re.search(r"chown (\d+) ARCHIVE", steps))
    assert f"\nUSER {owner[1]}\n" in dockerfile


def test_every_link_between_the_documents_leads_somewhere():
    for path in [BASE_DIR / "README.md", *(BASE_DIR / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", path.read_text()):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name}: {target}"
