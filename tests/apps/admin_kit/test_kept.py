"""A row that others deleted while somebody edited it: what was typed is shown, and can become a row of its own."""

from __future__ import annotations

import pytest

from catalog_services.characteristic.actions.characteristic_delete import characteristic_delete
from catalog_services.characteristic.models import Characteristic
from tests.apps.admin_kit.test_history import MONA, URL
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.admin import as_shown
from tests.support.bulk import hidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def deleted(browser, neighbours):
    """``deleted(**typed)``: somebody saves what was opened before Mona deleted it; gives his client and the answer."""
    neighbours.answers("specification", "/api/v1/specifications", [])
    values = [{"value": "100", "is_default": True}, {"value": "200", "is_default": False}]
    row = CharacteristicFactory(name="Speed", values=values, external_id="crm-1")
    client, url = browser("manager"), f"{URL}/{row.pk}/change/"
    opened = as_shown(client.get(url))

    def save(**typed):
        characteristic_delete(actor=MONA, id=row.pk)
        return client, client.post(url, {**opened, **typed})

    return save


def posted(page: str) -> dict[str, list[str]]:
    """What the page's button sends."""
    return hidden(page.partition('action="../../add/"')[2].partition("</form>")[0])


def test_what_was_typed_is_shown_and_nothing_is_saved(deleted):
    _client, answer = deleted(description="an hour's <b>work</b>")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "somebody deleted this meanwhile" in page
    assert "an hour&#x27;s &lt;b&gt;work&lt;/b&gt;" in page
    assert "200" in page.partition('id="typed"')[2].partition("</section>")[0], "the rows, too"
    assert not Characteristic.objects.exists()


def test_it_becomes_a_row_of_its_own(deleted):
    client, answer = deleted(description="an hour's work")
    assert client.post(f"{URL}/add/", posted(answer.content.decode())).status_code == 302
    row = Characteristic.objects.get()
    assert (row.name, row.description, row.external_id) == ("Speed", "an hour's work", "crm-1")
    assert [value["value"] for value in row.values] == ["100", "200"]
    assert row.version == 1


def test_what_was_not_right_is_kept_as_it_was_typed(deleted):
    client, answer = deleted(name="", value_type="colour", description="an hour's work")
    page = answer.content.decode()
    assert "colour" in page.partition('id="typed"')[2].partition("</section>")[0]
    refused = client.post(f"{URL}/add/", posted(page))
    assert refused.status_code == 200
    assert as_shown(refused)["description"] == ["an hour's work"]


def test_who_may_only_look_is_refused_as_ever(browser):
    row = CharacteristicFactory()
    assert browser("viewer").post(f"{URL}/{row.pk}/change/", {"name": "x"}).status_code == 403
