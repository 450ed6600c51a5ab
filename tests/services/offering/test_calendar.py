"""The calendar and the panel's part about later: seen by everybody, used by who may change offerings."""

from __future__ import annotations

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.admin import scheduled_change
from catalog_services.offering.models import Offering, ScheduledChange
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory
from tests.services.offering.schedules import NOW, after, confirm, fresh, published, schedule, tick

pytestmark = pytest.mark.django_db
CALENDAR = "/admin/offering/offering/scheduledchange/"
PRICES = "/api/v1/prices"


def page(client, at=NOW, **parameters) -> str:
    with clock.pinned(at):
        response = client.get(CALENDAR, parameters)
    assert response.status_code == 200
    return response.content.decode()


def price(name: str, **moments) -> dict:
    return {"id": str(uuid7()), "name": name, "valid_from": None, "valid_to": None, **moments}


@pytest.fixture(autouse=True)
def no_prices(neighbours):
    neighbours.answers("pricing", PRICES, [])
    return neighbours


def test_it_shows_what_is_scheduled_and_the_prices_that_begin_and_end(browser, neighbours, settings):
    row = schedule(CompleteOfferingFactory(name="Fibre <500>"), "PUBLISH", after(days=3))
    spring = price("Spring", valid_from="2030-05-02T00:00:00Z", valid_to="2030-05-20T10:30:00Z")
    neighbours.answers("pricing", PRICES, [spring])
    client = browser("viewer")
    for view in ("month", "agenda"):
        shown = page(client, view=view)
        assert (
            f'href="/admin/offering/offering/offering/{row.offering_id}/change/">Fibre &lt;500&gt;</a>'
            in shown
        )
        assert f'href="/admin/pricing/pricing/price/{spring["id"]}/change/">Spring</a>' in shown
        assert "Price begins" in shown
        assert "Price ends" in shown
        assert "All times are UTC." in shown
    asked = {one.query["ordering"][0]: one for one in neighbours.asked}
    assert set(asked) == {"valid_from", "valid_to"}
    assert asked["valid_to"].query["valid_to_after"] == ["2030-04-29T00:00:00Z"]
    assert asked["valid_to"].query["valid_to_before"] == ["2030-06-02T23:59:59.999999Z"]
    assert asked["valid_to"].authorization == f"Bearer {client.cookies[settings.ACCESS_COOKIE].value}"


def test_a_service_that_does_not_answer_is_said_and_the_rest_is_shown(browser, neighbours):
    neighbours.down("pricing")
    schedule(CompleteOfferingFactory(name="Fibre 500"), "PUBLISH")
    shown = page(browser("viewer"))
    assert "Pricing does not answer" in shown
    assert "Fibre 500" in shown


def test_what_is_left_out_is_said(browser, neighbours):
    neighbours.answers(
        "pricing", PRICES, [price("P", valid_from=clock.iso(NOW), valid_to=clock.iso(NOW))], total=7
    )
    shown = page(browser("viewer"))
    assert "Price begins: 6; Price ends: 6" in shown


def test_a_full_day_leads_to_its_agenda(browser):
    for _ in range(6):
        schedule(CompleteOfferingFactory(), "PUBLISH", after(days=1))
    shown = page(browser("viewer"))
    assert 'month=2030-05#day-2030-05-02">2 more</a>' in shown
    assert 'id="day-2030-05-02"' in shown


@pytest.mark.parametrize(
    ("month", "title"),
    [
        ("2031-02", "February 2031"),
        ("", "May 2030"),
        ("2030-13", "May 2030"),
        ("0001-01", "May 2030"),
        ("9999-12", "May 2030"),
        ("<script>", "May 2030"),
        ("2000-01", "January 2000"),
        ("2100-12", "December 2100"),
    ],
)
def test_a_month_that_is_none_is_this_one(browser, month, title):
    assert f"{title}</h2>" in page(browser("viewer"), month=month)


def test_what_came_of_it_is_said_without_a_false_success(browser):
    offering = CompleteOfferingFactory()
    row = schedule(offering, "PUBLISH")
    client = browser("viewer")
    assert ">To be published<" in _tight(page(client))
    tick(after(hours=1))
    assert ">Being published<" in _tight(page(client))
    publication_cancel(actor=MONA, id=fresh(row).publication_id)
    shown = _tight(page(client))
    assert ">Publication failed<" in shown
    assert "Cancelled by mona." in shown
    assert ">Published<" not in shown
    schedule(fresh(offering), "PUBLISH", after(hours=2))
    tick(after(hours=2))
    confirm(offering)
    assert ">Published<" in _tight(page(client))


def _tight(html: str) -> str:
    return "".join(line.strip() for line in html.splitlines())


def test_what_failed_is_said_in_every_month_with_its_reason(browser):
    schedule(OfferingFactory(name="Bare"), "PUBLISH")
    tick(after(hours=1))
    shown = page(browser("manager"), month="2035-01")
    assert "Was due and could not be carried out" in shown
    assert "Not complete yet" in shown
    assert 'value="retry"' in shown


def act(client, row: ScheduledChange, do: str, **data):
    return client.post(f"{CALENDAR}{row.pk}/act/", {"do": do, **data})


def test_a_manager_cancels_in_the_calendar_and_comes_back_to_where_he_was(browser):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    client = browser("manager")
    assert 'value="cancel"' in page(client)
    response = act(client, row, "cancel", next=f"{CALENDAR}?month=2030-05")
    assert response["Location"] == f"{CALENDAR}?month=2030-05"
    assert (fresh(row).state, row.ended_by) == ("CANCELLED", "anna")
    assert 'value="cancel"' not in page(client)
    assert act(client, row, "cancel", next="https://evil.example/")["Location"] == "../../"
    for do in ("explode", ""):
        assert (
            "no such action" in client.get(act(client, row, do, next=CALENDAR)["Location"]).content.decode()
        )


def test_what_breaks_within_an_action_is_not_taken_for_no_such_action(browser, monkeypatch):
    def breaks(**given):
        raise KeyError("within")

    monkeypatch.setattr(scheduled_change, "scheduled_change_cancel", breaks)
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    with pytest.raises(KeyError, match="within"):
        act(browser("manager"), row, "cancel")


def test_what_is_refused_again_says_why(browser):
    row = schedule(OfferingFactory(), "PUBLISH")
    tick(after(hours=1))
    client = browser("manager")
    shown = client.get(act(client, row, "retry", next=CALENDAR)["Location"]).content.decode()
    assert "At least one price is needed." in shown
    assert fresh(row).state == "FAILED"


def test_a_viewer_sees_the_calendar_and_may_do_nothing(browser):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    client = browser("viewer")
    assert 'value="cancel"' not in page(client)
    for do in ("cancel", "retry"):
        assert act(client, row, do).status_code == 403
    assert client.get(f"{CALENDAR}{row.pk}/act/").status_code == 405
    assert client.get(f"{CALENDAR}add/").status_code == 403
    detail = client.get(f"{CALENDAR}{row.pk}/change/")
    assert "mona" in detail.content.decode()
    client.post(f"{CALENDAR}{row.pk}/change/", {"state": "CARRIED_OUT"})
    assert fresh(row).state == "PENDING"


# The panel


def panel(client, offering: Offering, **data):
    url = f"/admin/offering/offering/offering/{offering.pk}/panel/"
    return client.post(url, data, follow=True) if data else client.get(url)


def test_a_draft_is_published_later_from_its_form(browser):
    client, offering = browser("manager"), CompleteOfferingFactory()
    shown = panel(client, offering).content.decode()
    assert "Publish later…" in shown
    assert "Retire later…" not in shown
    with clock.pinned(NOW):
        answer = panel(client, offering, do="schedule", kind="PUBLISH", at="2030-05-01T10:15")
    assert "Will be published on 2030-05-01 10:15 UTC." in answer.content.decode()
    row = ScheduledChange.objects.get()
    assert (clock.iso(row.at), row.scheduled_by) == ("2030-05-01T10:15:00Z", "anna")
    shown = panel(client, offering).content.decode()
    assert "Will be published on" in shown
    assert "Publish later…" not in shown
    assert "Retire later…" in shown, "what is to be published can be retired after it"


def test_what_is_published_is_retired_later_and_the_panel_says_what_failed(browser):
    client, offering = browser("manager"), published(CompleteOfferingFactory())
    assert "Retire later…" in panel(client, offering).content.decode()
    bare = OfferingFactory()
    schedule(bare, "PUBLISH")
    tick(after(hours=1))
    shown = panel(client, bare).content.decode()
    assert "Was to be published on" in shown
    assert "Not complete yet" in shown
    assert 'value="retry"' in shown
    assert "Publish later…" in shown, "what failed may be scheduled anew"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "PUBLISH", "at": "2020-01-01T10:00"}, "Must be in the future"),
        ({"kind": "PUBLISH", "at": ""}, "Choose a date and a time."),
        ({"kind": "PUBLISH", "at": "<b>"}, "Choose a date and a time."),
        ({"kind": "EXPLODE", "at": "2031-01-01T10:00"}, "Choose a date and a time."),
        ({"kind": "RETIRE", "at": "2031-01-01T10:00"}, "schedule its publication first"),
    ],
)
def test_what_cannot_be_scheduled_says_why(browser, data, message):
    answer = panel(browser("manager"), CompleteOfferingFactory(), do="schedule", **data)
    assert message in answer.content.decode()
    assert not ScheduledChange.objects.exists()


def test_a_viewer_sees_what_is_scheduled_in_the_panel_and_may_schedule_nothing(browser):
    client, offering = browser("viewer"), CompleteOfferingFactory()
    schedule(offering, "PUBLISH")
    shown = panel(client, offering).content.decode()
    assert "Will be published on" in shown
    assert "<button" not in shown
    assert panel(client, offering, do="schedule", kind="PUBLISH", at="2031-01-01T10:00").status_code == 403
