"""Which processes have the admin's screens: those that show them."""

from __future__ import annotations

import subprocess
import sys

SET_UP = "import django, sys; django.setup(); "
MODULE = "catalog_services.characteristic.admin"


def told(program: str) -> str:
    """What a new process of this service prints."""
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_relay_has_no_screens_and_not_what_they_need():
    assert told(f"import apps.outbox.relay; print({MODULE!r} in sys.modules, 'openpyxl' in sys.modules)") == (
        "False False"
    )


def test_a_worker_has_them_once_a_job_asks():
    program = "from apps.exchange.screens import screen_of; print(screen_of('characteristic.characteristic'))"
    assert told(program) == "characteristic.CharacteristicAdmin"


def test_the_checks_of_the_project_look_at_every_screen():
    program = (
        "from django.core import checks; from django.contrib import admin; "
        "checks.run_checks(tags=['admin']); print(len(admin.site._registry) > 0)"
    )
    assert told(program) == "True"
