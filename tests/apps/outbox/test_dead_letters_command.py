"""``manage.py <service> dead_letters``."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from apps.outbox.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(changes) -> list[Delivery]:
    """Two events that the store refused."""
    changes(2)
    Delivery.objects.filter(subscriber="store").update(state="dead", attempts=5, reason="KeyError: name")
    return list(Delivery.objects.filter(subscriber="store").order_by("pk"))


def states() -> list[str]:
    return list(Delivery.objects.filter(subscriber="store").order_by("pk").values_list("state", flat=True))


def test_each_is_listed_with_its_reason(dead, capsys):
    call_command("dead_letters", "list")
    told = capsys.readouterr().out
    assert all(f"{row.pk}  catalog.characteristic." in told for row in dead)
    assert told.count("KeyError: name") == 2
    assert "2 dead letters" in told


@pytest.mark.parametrize(("verb", "state"), [("replay", "pending"), ("give-up", "done")])
def test_what_is_chosen_is_done_after_a_dry_run(dead, capsys, verb, state):
    chosen = [verb, "--id", str(dead[0].pk)]
    call_command("dead_letters", *chosen, "--dry-run")
    assert "1 dead letters would be" in capsys.readouterr().out
    assert states() == ["dead", "dead"]
    call_command("dead_letters", *chosen)
    assert states() == [state, "dead"]
    call_command("dead_letters", verb, "--subscriber", "specification")
    assert states() == [state, "dead"]
    call_command("dead_letters", verb, "--subject", dead[1].subject)
    assert states() == [state, state]


def test_what_there_is_not_is_named_and_nothing_is_done(dead):
    with pytest.raises(CommandError, match="No such dead letter: 999999"):
        call_command("dead_letters", "replay", "--id", str(dead[0].pk), "--id", "999999")
    with pytest.raises(CommandError, match="invalid choice: 'stoer'"):
        call_command("dead_letters", "replay", "--subscriber", "stoer")
    assert states() == ["dead", "dead"]
