"""Dead letters in the admin: for admins, who look at them, send them again or give them up."""

from __future__ import annotations

import pytest

from apps.outbox.models import DeadLetter, Delivery
from config.services import SERVICES

pytestmark = pytest.mark.django_db
LIST = f"{SERVICES['characteristic'].admin_path}outbox/deadletter/"


@pytest.fixture
def refused(changes) -> list[Delivery]:
    """Two events that the store refused, and two that went everywhere."""
    changes(2)
    Delivery.objects.update(state="done")
    Delivery.objects.filter(subscriber="store").update(state="dead", attempts=5, reason="KeyError <b>")
    return list(Delivery.objects.filter(state="dead").order_by("pk"))


def chosen(action: str, *rows: Delivery) -> dict[str, object]:
    return {"action": action, "_selected_action": [row.pk for row in rows]}


def states() -> list[str]:
    return list(Delivery.objects.filter(subscriber="store").order_by("pk").values_list("state", flat=True))


def test_an_admin_sees_what_was_refused_with_its_reason_and_what_was_sent(browser, refused):
    page = browser("admin").get(LIST).content.decode()
    assert page.count("KeyError &lt;b&gt;") == 2
    one = browser("admin").get(f"{LIST}{refused[0].pk}/change/").content.decode()
    assert "aggregateversion" in one
    assert refused[0].event.correlation_id in one
    sound = Delivery.objects.filter(state="done").first()
    assert browser("admin").get(f"{LIST}{sound.pk}/change/").status_code == 302, "is no dead letter"


def test_the_chosen_are_sent_again_and_the_others_stay(browser, refused):
    response = browser("admin").post(LIST, chosen("send_again", refused[0]), follow=True)
    assert "1 dead letter is sent again." in response.content.decode()
    assert states() == ["pending", "dead"]


def test_the_chosen_are_given_up_and_the_others_stay(browser, refused):
    browser("admin").post(LIST, chosen("give_up", refused[1]))
    assert states() == ["dead", "done"]
    assert DeadLetter.objects.get(pk=refused[1].pk).reason == "given up: KeyError <b>"


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_nobody_else_sees_or_sends_them(browser, refused, role):
    client = browser(role)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{refused[0].pk}/change/").status_code == 403
    assert client.post(LIST, chosen("give_up", *refused)).status_code == 403
    assert states() == ["dead", "dead"]


def test_they_are_neither_made_nor_edited_nor_deleted(browser, refused):
    client = browser("admin")
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{refused[0].pk}/change/", {"reason": "x"}).status_code == 403
    assert client.post(f"{LIST}{refused[0].pk}/delete/", {"post": "yes"}).status_code == 403
