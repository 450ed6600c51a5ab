"""The form of an offering: chosen by typing, complete or not, published from where it is edited."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from apps.saga import client as engine_client
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.admin import sources
from catalog_services.offering.domain.offering import MAX_REFERENCES
from catalog_services.offering.models import Offering, Publication
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import (
    COLOUR,
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    price,
    specification,
)
from tests.support.admin import as_shown, meanwhile, rows
from tests.support.bulk import hidden

pytestmark = pytest.mark.django_db
URL = "/admin/offering/offering/offering"
CHOICES = "/admin/offering/choices"


def form(**change):
    return {
        "name": "Fibre 500",
        **rows("bundled_offerings", []),
        **rows("characteristic_values", []),
        **change,
    }


def text(response) -> str:
    return response.content.decode()


def test_everything_that_is_chosen_arrives_in_the_order_chosen(browser):
    fast, slow, cost = specification(name="Fast"), specification(name="Slow"), price()
    chosen = form(
        specification_ids=[str(slow.aggregate_id), str(fast.aggregate_id)],
        pricing_ids=[str(cost.aggregate_id)],
        category_ids=[str(CategoryFactory().pk)],
        sales_channels=["web", "shop"],
        **rows("characteristic_values", [{"characteristic_id": COLOUR, "value": "blue"}]),
    )
    response = browser("manager").post(f"{URL}/add/", chosen)
    assert response.status_code == 302, text(response)[:3000]
    row = Offering.objects.get()
    assert row.specification_ids == [slow.aggregate_id, fast.aggregate_id]
    assert row.sales_channels == ["web", "shop"]
    assert row.characteristic_values == [{"characteristic_id": COLOUR, "value": "blue"}]


def test_members_are_rows_in_the_order_they_were_put_and_removed_ones_are_gone(browser):
    first, second, third = (OfferingFactory() for _ in range(3))
    usual = {"min": "0", "max": "2", "default": "1"}
    members = rows("bundled_offerings", [{"id": str(one.pk), **usual} for one in (first, second, third)])
    members |= {
        "bundled_offerings-0-ORDER": "3",
        "bundled_offerings-1-DELETE": "on",
        "bundled_offerings-2-ORDER": "1",
    }
    browser("manager").post(f"{URL}/add/", form(is_bundle="on", **members))
    bundle = Offering.objects.get(is_bundle=True)
    assert [member["id"] for member in bundle.bundled_offerings] == [str(third.pk), str(first.pk)]


def test_a_bundle_of_as_many_members_as_the_domain_allows_is_saved_and_saved_again(browser):
    members = [OfferingFactory() for _ in range(MAX_REFERENCES)]
    usual = {"min": "0", "max": "2", "default": "1"}
    given = rows("bundled_offerings", [{"id": str(one.pk), **usual} for one in members])
    page = browser("manager")
    made = page.post(f"{URL}/add/", form(is_bundle="on", **given))
    assert made.status_code == 302, text(made)[:3000]
    bundle = Offering.objects.get(is_bundle=True)
    url = f"{URL}/{bundle.pk}/change/"
    assert page.post(url, {**as_shown(page.get(url)), "description": "all"}).status_code == 302
    bundle.refresh_from_db()
    assert [member["id"] for member in bundle.bundled_offerings] == [str(one.pk) for one in members]
    assert bundle.description == "all"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"specification_ids": ["<script>"]}, "Choose from what is offered."),
        ({"pricing_ids": [str(uuid7())]}, "There is no price with id"),
        (
            rows("bundled_offerings", [{"id": "x", "min": "0", "max": "1", "default": "1"}]),
            "Choose from what",
        ),
        (rows("characteristic_values", [{"characteristic_id": COLOUR}]), "This field is required."),
        ({"valid_from_0": "2027-02-01", "valid_to_0": "2027-01-01"}, "valid_to"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(browser, neighbours, change, message):
    response = browser("manager").post(f"{URL}/add/", form(description="typed", **change))
    assert response.status_code == 200
    assert message in text(response)
    assert "typed" in text(response)
    assert "<script>" not in text(response).split("<body")[1].split("Choose from")[0][-500:]
    assert not Offering.objects.exists()


def test_a_form_that_nobody_touched_saves_what_was_there(browser):
    row = CompleteOfferingFactory(
        category_ids=[CategoryFactory().pk],
        catalog_ids=[CatalogFactory().pk],
        market_segments=["home"],
        characteristic_values=[{"characteristic_id": COLOUR, "value": "blue"}],
    )
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    saved = page.post(url, as_shown(page.get(url)))
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    row.refresh_from_db()
    assert row.version == 1


def test_what_two_editors_chose_apart_is_kept_of_both(browser):
    fast, slow, cost = specification(name="Fast"), specification(name="Slow"), price()
    row = OfferingFactory(
        specification_ids=[fast.aggregate_id],
        category_ids=[CategoryFactory().pk],
        sales_channels=["web"],
        valid_from=clock.now(),
        characteristic_values=[{"characteristic_id": COLOUR, "value": "blue"}],
    )
    page, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(page.get(url))
    hers = {**opened, "specification_ids": [str(fast.aggregate_id), str(slow.aggregate_id)]}
    first = page.post(url, {**hers, "sales_channels": ["web", "shop"]})
    assert first.status_code == 302, first.context["adminform"].form.errors
    his = {**opened, "sales_channels": ["partner", "web"], "pricing_ids": [str(cost.aggregate_id)]}
    assert meanwhile(page.post(url, his)) == ["specification_ids", "pricing_ids", "sales_channels"]
    assert page.post(url, {**his, "version_shown": "2"}).status_code == 302
    row.refresh_from_db()
    assert row.specification_ids == [fast.aggregate_id, slow.aggregate_id]
    assert row.pricing_ids == [cost.aggregate_id]
    assert row.sales_channels == ["partner", "web", "shop"]


def test_a_draft_says_what_it_still_needs_and_has_no_button_until_it_has_it(browser):
    client, bare, complete = browser("manager"), OfferingFactory(), CompleteOfferingFactory()
    page = text(client.get(f"{URL}/{bare.pk}/change/"))
    assert "At least one price is needed." in page
    assert 'value="publish"' not in page
    page = text(client.get(f"{URL}/{complete.pk}/change/"))
    assert "Complete: it can be published." in page
    assert 'value="publish"' in page


def test_publish_in_the_form_is_the_action_for_the_version_that_was_seen(browser):
    client, row = browser("manager"), CompleteOfferingFactory()
    panel = f"{URL}/{row.pk}/panel/"
    refused = client.post(panel, {"do": "publish", "version": "7"}, follow=True)
    assert "it is at version 1 now" in text(refused)
    assert not Publication.objects.exists()
    client.post(panel, {"do": "publish", "version": "1"})
    assert Publication.objects.get().requested_by == "anna"


@pytest.mark.parametrize("do", ["publish", "schedule", "cancel", "retry"])
def test_a_viewer_sees_the_panel_and_may_do_nothing(browser, do):
    client, row = browser("viewer"), CompleteOfferingFactory()
    panel = f"{URL}/{row.pk}/panel/"
    assert "<button" not in text(client.get(panel))
    assert client.post(panel, {"do": do}).status_code == 403


@pytest.mark.parametrize("do", ["cancel", "retry", "explode", ""])
def test_what_cannot_be_done_is_said(browser, do):
    client, row = browser("manager"), OfferingFactory()
    response = client.post(f"{URL}/{row.pk}/panel/", {"do": do}, follow=True)
    assert "There is no" in text(response)


def test_the_panel_is_asked_again_while_something_happens_and_then_no_more(browser):
    client, row = browser("manager"), CompleteOfferingFactory()
    panel = f"{URL}/{row.pk}/panel/"
    assert client.get(f"{panel}?status=DRAFT").status_code == 286
    offering_publish(actor=MONA, id=row.pk)
    shown = client.get(f"{panel}?status=DRAFT")
    assert shown["HX-Refresh"] == "true", "the form is read-only now"
    running = client.get(f"{panel}?status=PUBLISHING")
    assert running.status_code == 200
    assert 'data-step="lock-prices" data-state="waiting"' in text(running)
    client.post(panel, {**hidden(text(running)), "do": "cancel"})
    assert "Cancelled by anna." in text(client.get(panel))


@pytest.mark.parametrize(
    ("do", "why"),
    [("cancel", "it cannot be cancelled any more"), ("retry", "Failed and stands on no incident")],
)
def test_what_is_done_to_a_publication_is_done_to_the_one_that_was_seen(browser, do, why):
    client, row = browser("manager"), CompleteOfferingFactory()
    panel = f"{URL}/{row.pk}/panel/"
    offering_publish(actor=MONA, id=row.pk)
    seen = text(client.get(panel))
    publication_cancel(actor=MONA, id=Publication.objects.get().pk)
    offering_publish(actor=MONA, id=row.pk)
    answer = text(client.post(panel, {**hidden(seen), "do": do}, follow=True))
    assert why in answer
    assert "Being published" in answer
    assert Publication.objects.latest("created_at").state == "REQUESTED"


def test_a_publication_of_another_offering_is_not_cancelled(browser):
    row, other = CompleteOfferingFactory(), CompleteOfferingFactory()
    offering_publish(actor=MONA, id=other.pk)
    given = {"do": "cancel", "publication": str(Publication.objects.get().pk)}
    answer = browser("manager").post(f"{URL}/{row.pk}/panel/", given, follow=True)
    assert "There is no publication" in text(answer)
    assert Publication.objects.get().state == "REQUESTED"


def test_who_may_only_look_reads_names_and_not_ids(browser):
    row = CompleteOfferingFactory()
    page = text(browser("viewer").get(f"{URL}/{row.pk}/change/"))
    assert (
        f'href="/admin/specification/specification/specification/{row.specification_ids[0]}/change/"' in page
    )
    assert ">Fibre line</a>" in page


def test_choices_are_found_by_a_part_of_the_name_a_page_at_a_time(browser):
    for number in range(25):
        CategoryFactory(name=f"Mobile {number:02}")
    CategoryFactory(name="Broadband")
    client = browser("viewer")
    first = client.get(f"{CHOICES}/category/", {"term": "MOB"}).json()
    second = client.get(f"{CHOICES}/category/", {"term": "MOB", "page": "2"}).json()
    names = [one["text"] for one in first["results"] + second["results"]]
    assert names == [f"Mobile {number:02}" for number in range(25)]
    assert (first["pagination"]["more"], second["pagination"]["more"]) == (True, False)


def test_choices_leave_out_what_its_owner_deleted(browser):
    gone = specification(name="Gone")
    gone.deleted = True
    gone.save()
    assert browser("viewer").get(f"{CHOICES}/specification/").json()["results"] == []


def test_what_is_retired_is_not_offered_to_a_bundle_and_named_where_it_is_in_one(browser):
    gone, there = OfferingFactory(name="Fibre 300"), OfferingFactory(name="Fibre 500")
    Offering.objects.filter(pk=gone.pk).update(lifecycle_status="RETIRED")
    found = browser("manager").get(f"{CHOICES}/offering/", {"term": "fibre"}).json()["results"]
    assert [one["id"] for one in found] == [str(there.pk)]
    assert sources.OFFERINGS.named([gone.pk]) == {str(gone.pk): "Fibre 300 (retired)"}


def test_choices_are_for_who_is_signed_in(client, browser):
    assert client.get(f"{CHOICES}/category/")["Location"].startswith("/admin/login/")
    assert browser("viewer").get(f"{CHOICES}/secrets/").status_code == 404
    for page in ("0", "-1", "x"):
        assert browser("viewer").get(f"{CHOICES}/category/", {"page": page}).status_code == 200


@pytest.mark.parametrize("kind", ["camunda", "operaton"])
def test_the_links_to_the_consoles_are_a_browsers_and_have_no_password(browser, monkeypatch, kind):
    row = CompleteOfferingFactory()
    offering_publish(actor=MONA, id=row.pk)
    Publication.objects.update(process_id="p-1")
    panel = f"{URL}/{row.pk}/panel/"
    monkeypatch.setattr(
        engine_client, "_local", threading.local()
    )  # the tests' own connection knows another address
    monkeypatch.setenv("ENGINE", kind)
    monkeypatch.setenv("CAMUNDA_URL", "https://camunda:secret@engine.example/engine-rest")
    assert f'href="https://engine.example/{kind}/app/cockpit/' in text(browser("admin").get(panel))
    monkeypatch.setenv("CAMUNDA_PUBLIC_URL", "https://cockpit.example/")
    monkeypatch.setenv("ZIPKIN_PUBLIC_URL", "https://traces.example")
    page = text(browser("admin").get(panel))
    assert f'href="https://cockpit.example/{kind}/app/cockpit/' in page
    assert 'href="https://traces.example/zipkin/?' in page
    assert "secret" not in page


def test_the_process_is_linked_while_it_runs_for_who_may_operate(browser):
    row = CompleteOfferingFactory()
    offering_publish(actor=MONA, id=row.pk)
    Publication.objects.update(process_id="p-1", steps_final=True)
    panel = f"{URL}/{row.pk}/panel/"
    for role in ("viewer", "manager"):
        page = text(browser(role).get(panel))
        assert "cockpit" not in page
        assert "Glass box" not in page
    assert "cockpit" in text(browser("admin").get(panel))
    Publication.objects.update(state="DONE")
    page = text(browser("admin").get(panel))
    assert "cockpit" not in page, "it knows no process that has ended"
    assert f'href="/ops/c/{Publication.objects.get().correlation_id}"' in page


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("PUBLISHING", "Read-only until this ends."),
        ("PUBLISHED", "It cannot be changed any more, only retired."),
        ("RETIRED", "Not sold any more since"),
    ],
)
@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_a_form_that_cannot_be_written_in_says_why(browser, role, status, reason):
    row = CompleteOfferingFactory()
    Offering.objects.update(lifecycle_status=status, published_at=clock.now(), retired_at=clock.now())
    page = text(browser(role).get(f"{URL}/{row.pk}/change/"))
    assert reason in page
    assert 'name="description"' not in page
    assert 'name="_continue"' not in page


def test_the_panel_says_when_each_step_began_and_how_long_it_takes(browser):
    row = CompleteOfferingFactory()
    offering_publish(actor=MONA, id=row.pk)
    now = clock.now()
    done = {"name": "claim-publication", "state": "completed", "error": ""}
    done |= {
        "started": clock.iso(now - timedelta(seconds=42)),
        "ended": clock.iso(now - timedelta(seconds=40)),
    }
    runs = {"name": "lock-prices", "state": "running", "error": ""}
    runs |= {"started": clock.iso(now - timedelta(seconds=40)), "ended": None}
    Publication.objects.update(state="RUNNING", steps=[done, runs])
    with clock.pinned(now):
        page = text(browser("viewer").get(f"{URL}/{row.pk}/panel/"))
    lines = re.findall(r'<li[^>]*data-step="([^"]+)".*?</li>', page, flags=re.DOTALL)
    assert lines[:2] == ["claim-publication", "lock-prices"]
    first, second, third = re.findall(r"<li[^>]*data-step=.*?</li>", page, flags=re.DOTALL)[:3]
    assert "done, 2.00 s" in first
    assert f"began {now - timedelta(seconds=42):%H:%M:%S}" in first
    assert "running, for 40 s so far" in second
    assert "began" not in third


def test_a_form_that_comes_back_from_a_save_is_not_what_is_saved(browser):
    row, client = CompleteOfferingFactory(), browser("manager")
    url = f"{URL}/{row.pk}/change/"
    assert "data-came-back" not in text(client.get(url))
    refused = client.post(url, {**as_shown(client.get(url)), "name": [""]})
    assert refused.status_code == 200
    assert "data-came-back" in text(refused)


def test_what_is_typed_while_somebody_publishes_it_is_kept_and_may_be_a_new_draft(browser):
    row = CompleteOfferingFactory(name="Fibre", external_id="crm-7")
    client = browser("manager")
    url = f"{URL}/{row.pk}/change/"
    typed = {**as_shown(client.get(url)), "description": ["an hour of work"]}
    offering_publish(actor=MONA, id=row.pk)
    answer = client.post(url, typed)
    assert answer.status_code == 409
    assert "Fibre can no longer be changed" in text(answer)
    assert "an hour of work" in text(answer)
    sent = hidden(text(answer).partition('action="../../add/"')[2].partition("</form>")[0])
    assert client.post(f"{URL}/add/", sent).status_code == 302
    draft = Offering.objects.exclude(pk=row.pk).get()
    assert (draft.description, draft.external_id, draft.lifecycle_status) == (
        "an hour of work",
        None,
        "DRAFT",
    )
    assert draft.pricing_ids == row.pricing_ids
