"""The admin of offerings and publications: its buttons are the actions."""

from __future__ import annotations

import re

import pytest

from apps.admin_lists import bulk_act
from apps.core import clock
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.models import Offering, Publication
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory
from tests.support.admin import screens

pytestmark = pytest.mark.django_db
URL = "/admin/offering/offering"


def act(client, page: str, action: str, *rows, **given):
    body = {"action": action, "_selected_action": [str(row.pk) for row in rows], **given}
    return client.post(f"{URL}/{page}/", body, follow=True).content.decode()


def test_publish_publishes_what_is_complete_and_says_what_is_missing(browser):
    complete, bare = CompleteOfferingFactory(), OfferingFactory(name="Bare")
    page = act(browser("manager"), "offering", "publish", complete, bare)
    assert "Bare: Not complete yet" in page
    assert Publication.objects.get().offering_id == complete.pk
    assert Publication.objects.get().requested_by == "anna"


def test_what_others_changed_since_the_list_was_shown_is_not_published(browser):
    row = CompleteOfferingFactory(name="Fibre")
    client = browser("manager")
    seen = re.findall(r'name="seen" value="([^"]+)"', client.get(f"{URL}/offering/").content.decode())
    offering_update(actor=MONA, id=row.pk, fields={"description": "Cheaper"})
    page = act(client, "offering", "publish", row, seen=seen)
    assert "changed this since you opened it" in page
    assert not Publication.objects.exists()


def test_many_are_published_some_at_a_time_and_refusals_do_not_stand_in_the_way(browser, monkeypatch):
    monkeypatch.setattr(bulk_act, "MOST", 2)
    monkeypatch.setattr(bulk_act, "TOLD", 1)
    for _ in range(3):
        offering_publish(actor=MONA, id=CompleteOfferingFactory().pk)
    rows = [CompleteOfferingFactory() for _ in range(3)]
    client = browser("manager")
    page = act(client, "offering", "publish", *rows, select_across="1")
    assert "Publish: 2 of 2" in page
    assert "Only the first 2" in page
    assert "Publish: 1 of 1" in act(client, "offering", "publish", *rows, select_across="1")
    assert Publication.objects.count() == 6
    page = act(client, "offering", "publish", *rows[:2])
    assert "1 more was refused" in page
    assert "Publish:" not in page


def test_a_viewer_sees_publications_and_has_no_buttons(browser):
    row = CompleteOfferingFactory()
    offering_publish(actor=MONA, id=row.pk)
    client = browser("viewer")
    page = client.get(f"{URL}/publication/").content.decode()
    assert "Requested" in page
    assert 'value="cancel"' not in page
    act(client, "offering", "publish", CompleteOfferingFactory())
    assert Publication.objects.count() == 1


def test_a_publication_is_cancelled_and_can_be_looked_at_but_not_written(browser):
    row = CompleteOfferingFactory()
    offering_publish(actor=MONA, id=row.pk)
    publication = Publication.objects.get()
    client = browser("manager")
    act(client, "publication", "cancel", publication)
    publication.refresh_from_db()
    assert publication.state == "FAILED"
    assert "Failed: it cannot be cancelled" in act(client, "publication", "cancel", publication)
    assert "stands on no incident" in act(client, "publication", "retry", publication)
    detail = client.get(f"{URL}/publication/{publication.pk}/change/")
    assert "Cancelled by anna." in detail.content.decode()
    shown = detail.content.decode()
    assert f'href="/admin/offering/offering/offering/{row.pk}/change/"' in shown
    assert 'name="_save"' not in shown
    assert "/history/" not in shown.split('id="content"')[-1]
    before = Publication.objects.values().get()
    posted = client.post(f"{URL}/publication/{publication.pk}/change/", {"state": "DONE"})
    assert posted.status_code == 403
    assert Publication.objects.values().get() == before
    assert client.get(f"{URL}/publication/add/").status_code == 403
    assert Offering.objects.get().lifecycle_status == "DRAFT"


def test_the_list_of_publications_says_what_became_of_each_and_why_in_words(browser):
    texts = {}
    for name, state, failure in (
        ("Fine", "DONE", None),
        ("Gone", "FAILED", {"code": "conflict", "message": "The <b>price</b> is gone.", "step": ""}),
        ("Stuck", "UNDO_FAILED", {"code": "timeout", "message": "Too late.", "step": ""}),
    ):
        offering = offering_publish(actor=MONA, id=CompleteOfferingFactory(name=name).pk)
        Publication.objects.filter(pk=offering.publication_id).update(state=state, failure=failure)
        texts[name] = state
    page = browser("viewer").get(f"{URL}/publication/").content.decode()
    rows = {name: page[page.index(f">{name}<") :].partition("</tr>")[0] for name in texts}
    assert "Done" in rows["Fine"]
    assert "Failed" in rows["Gone"]
    assert "The &lt;b&gt;price&lt;/b&gt; is gone." in rows["Gone"]
    assert "Undo failed" in rows["Stuck"]
    assert not any(state in rows[name] for name, state in texts.items())
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", rows["Fine"])


def test_the_list_of_publications_narrows_to_what_the_front_page_lists(browser):
    publications = {}
    for state in ("DONE", "FAILED", "UNDO_FAILED", "RUNNING"):
        offering = offering_publish(actor=MONA, id=CompleteOfferingFactory(name=f"Is {state}").pk)
        publications[state] = offering
        Publication.objects.filter(pk=offering.publication_id).update(state=state)
    Offering.objects.filter(pk=publications["FAILED"].pk).update(lifecycle_status="DRAFT")
    client = browser("viewer")
    shown = {
        now: set(re.findall(r">Is (\w+)<", client.get(f"{URL}/publication/?now={now}").content.decode()))
        for now in ("failed", "running")
    }
    assert shown == {"failed": {"FAILED", "UNDO_FAILED"}, "running": {"RUNNING"}}


def test_the_history_of_an_offering_says_states_and_times_in_words(browser):
    row = CompleteOfferingFactory(valid_from=clock.moment("2031-02-03T04:05:06.175468Z"))
    offering_update(actor=MONA, id=row.pk, fields={"valid_from": clock.moment("2032-02-03T04:05:06Z")})
    offering_publish(actor=MONA, id=row.pk)
    page = browser("viewer").get(f"{URL}/offering/{row.pk}/history/").content.decode()
    history = page.partition('id="history"')[2].partition("</table>")[0]
    assert '<del class="text-subtle">Draft</del> → <span>Being published<' in history
    assert "2031-02-03 04:05 UTC</del> → <span>2032-02-03 04:05 UTC<" in history
    assert "PUBLISHING" not in history
    assert "2032-02-03T" not in history


def test_every_screen_of_the_navigation_is_a_page(browser):
    assert set(screens(browser("viewer")).values()) == {200}
