"""Retiring is for good: it is asked first, with the bundles that have the offering."""

from __future__ import annotations

import re

import pytest

from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.admin import panel
from catalog_services.offering.models import Offering
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory

pytestmark = pytest.mark.django_db
URL = "/admin/offering/offering/offering"
YES = "Yes, I’m sure"


def published(**fields) -> Offering:
    row = CompleteOfferingFactory(**fields)
    Offering.objects.filter(pk=row.pk).update(lifecycle_status="PUBLISHED")
    row.refresh_from_db()
    return row


def bundle_of(row: Offering, name: str, status: str) -> Offering:
    made = OfferingFactory(name=name, is_bundle=True, bundled_offerings=[{"id": str(row.pk)}])
    Offering.objects.filter(pk=made.pk).update(lifecycle_status=status)
    return made


def text(response) -> str:
    return response.content.decode()


def choose(client, *rows, **given) -> str:
    body = {"action": "retire", "_selected_action": [str(row.pk) for row in rows], **given}
    return text(client.post(f"{URL}/", body, follow=True))


def status(row: Offering) -> str:
    return Offering.objects.get(pk=row.pk).lifecycle_status


def seen(page: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', page)


def test_the_panel_leads_to_the_question_and_the_question_to_the_end(browser):
    client, row = browser("manager"), published(name="Fibre")
    bundle_of(row, "Duo", "DRAFT")
    assert f'href="{URL}/{row.pk}/retire/"' in text(client.get(f"{URL}/{row.pk}/change/"))
    page = text(client.get(f"{URL}/{row.pk}/retire/"))
    assert "This will be retired, for good" in page
    assert ">Fibre</a>" in page
    assert ">Duo (draft)</a>" in page
    assert status(row) == "PUBLISHED", "it only asks"
    client.post(f"{URL}/{row.pk}/retire/", {"post": "yes", "seen": seen(page)})
    assert status(row) == "RETIRED"


def test_the_panel_itself_retires_nothing(browser):
    row = published()
    answer = browser("manager").post(f"{URL}/{row.pk}/panel/", {"do": "retire"}, follow=True)
    assert "There is no such action." in text(answer)
    assert status(row) == "PUBLISHED"


def test_what_breaks_within_an_action_is_not_taken_for_no_such_action(browser, monkeypatch):
    monkeypatch.setattr(panel, "offering_publish", breaks)
    with pytest.raises(KeyError, match="within"):
        browser("manager").post(f"{URL}/{CompleteOfferingFactory().pk}/panel/", {"do": "publish"})


def breaks(**given):
    raise KeyError("within")


def test_a_bundle_that_is_sold_stands_in_the_way_and_there_is_no_yes(browser):
    client, row = browser("manager"), published(name="Fibre")
    bundle = bundle_of(row, "Duo", "PUBLISHED")
    page = text(client.get(f"{URL}/{row.pk}/retire/"))
    assert "It is a member of Duo." in page
    assert f'href="{URL}/{bundle.pk}/change/">Duo (published)</a>' in page
    assert YES not in page
    refused = client.post(f"{URL}/{row.pk}/retire/", {"post": "yes"}, follow=True)
    assert "It is a member of Duo." in text(refused)
    assert status(row) == "PUBLISHED"


def test_several_are_asked_about_and_those_go_that_can(browser):
    client, free, member, draft = browser("manager"), published(), published(), OfferingFactory()
    bundle_of(member, "Duo", "PUBLISHED")
    page = choose(client, free, member, draft)
    assert {status(row) for row in (free, member)} == {"PUBLISHED"}, "it only asks"
    chosen = re.findall(r'name="_selected_action" value="([^"]+)"', page)
    assert chosen == [str(free.pk)]
    assert "It is a member of Duo." in page
    assert "cannot become Retired" in page
    done = choose(client, free, post="yes", seen=seen(page))
    assert "Retire: 1 of 1" in done
    assert status(free) == "RETIRED"


def test_of_all_that_match_those_are_asked_about_that_are_sold(browser):
    row, draft = published(), OfferingFactory(name="Draft of all")
    page = choose(browser("manager"), row, draft, select_across="1")
    assert "Draft of all" not in page
    assert YES in page


def test_what_changed_after_the_question_is_not_retired(browser):
    client, row = browser("manager"), CompleteOfferingFactory()
    page = text(client.get(f"{URL}/{row.pk}/retire/"))
    offering_update(actor=MONA, id=row.pk, fields={"description": "new"})
    Offering.objects.filter(pk=row.pk).update(lifecycle_status="PUBLISHED")
    client.post(f"{URL}/{row.pk}/retire/", {"post": "yes", "seen": [*seen(page), f"{row.pk}:1"]})
    assert status(row) == "PUBLISHED"


def test_a_viewer_is_asked_nothing(browser):
    client, row = browser("viewer"), published()
    assert f"{row.pk}/retire/" not in text(client.get(f"{URL}/{row.pk}/change/"))
    assert client.get(f"{URL}/{row.pk}/retire/").status_code == 403
    assert client.post(f"{URL}/{row.pk}/retire/", {"post": "yes"}).status_code == 403
    assert status(row) == "PUBLISHED"
