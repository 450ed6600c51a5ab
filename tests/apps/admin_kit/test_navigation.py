"""The one navigation and the one search, as every service has them."""

from __future__ import annotations

import pytest
from django.conf import settings

from config.services import SECTIONS, SERVICES, WRITE_SERVICES

pytestmark = pytest.mark.django_db
HERE = SERVICES[settings.SERVICE_NAME]
LIST = f"{HERE.admin_path}{HERE.screens[0].path}/"


def page(client, url: str = LIST) -> str:
    return client.get(url).content.decode()


def test_every_screen_belongs_to_a_section():
    assert {screen.section for s in SERVICES.values() for screen in s.screens} == set(SECTIONS)


def test_a_manager_sees_the_screens_of_every_service_and_neither_the_users_nor_how_it_works(browser):
    shown = page(browser("manager"))
    for service in SERVICES.values():
        for screen in service.screens:
            is_there = f'href="{service.admin_path}{screen.path}/"' in shown
            assert is_there == (service.name != "identity" and not screen.technical), screen.path


TECHNICAL = [(s, screen) for s in SERVICES.values() for screen in s.screens if screen.technical]


@pytest.mark.parametrize("role", ["viewer", "manager", "admin"])
def test_what_is_technical_is_in_the_navigation_and_the_search_of_admins_only(browser, neighbours, role):
    client = browser(role)
    assert TECHNICAL
    for service, screen in TECHNICAL:
        link = f'href="{service.admin_path}{screen.path}/"'
        assert (link in page(client)) is (role == "admin")
        assert (link in found(client, screen.title[:6])) is (role == "admin")


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_the_sidebar_leads_to_imports_and_exports_and_each_service_to_those_of_the_others(browser, role):
    client = browser(role)
    jobs = f"{HERE.admin_path}exchange/job/"
    assert f'href="{jobs}"' in page(client)
    shown = page(client, jobs)
    for name in WRITE_SERVICES:
        assert f'href="{SERVICES[name].admin_path}exchange/job/"' in shown
    assert shown.count("exchange/job/") >= len(WRITE_SERVICES) + 1
    assert "exchange/job/" not in page(client, LIST).replace(jobs, "")


def test_an_admin_sees_the_users_too(browser):
    assert 'href="/admin/identity/user/"' in page(browser("admin"))


@pytest.mark.parametrize("path", ["", f"{HERE.name}/"])
def test_what_is_before_the_screens_is_the_front_page_of_all(browser, path):
    response = browser("viewer").get(f"{HERE.admin_path}{path}")
    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_the_way_here_leads_back_to_the_front_page(browser):
    assert '<a href="/admin/"' in page(browser("viewer"))


def found(client, term: str) -> str:
    return client.get(f"{HERE.admin_path}search/", {"s": term}).content.decode()


def test_the_search_finds_screens_by_name(browser):
    assert 'href="/admin/offering/offering/category/"' in found(browser("viewer"), "categ")


def test_the_search_finds_rows_of_every_service_and_says_who_does_not_answer(browser, neighbours):
    neighbours.answers("offering", "/api/v1/offerings", [{"id": "0190", "name": "Fibre <1>"}])
    neighbours.down("pricing")
    shown = found(browser("viewer"), "fibre")
    assert 'href="/admin/offering/offering/offering/0190/change/"' in shown
    assert "Fibre &lt;1&gt;" in shown
    assert "does not answer" in shown


def test_the_search_asks_with_the_persons_own_token_and_only_for_what_he_may_see(browser, neighbours):
    client = browser("viewer")
    found(client, "fibre")
    asked = {request.service: request.authorization for request in neighbours.asked}
    assert set(asked.values()) == {f"Bearer {client.cookies[settings.ACCESS_COOKIE].value}"}
    assert "identity" not in asked


@pytest.mark.parametrize(
    ("place", "row", "shown"),
    [
        (("synonyms", "synonymset"), {"terms": ["a", "b <1>"]}, ("a, b &lt;1&gt;", "Search synonyms")),
        (
            ("publications", "publication"),
            {"offering_name": "Fibre", "state": "UNDO_FAILED"},
            ("Fibre", "Publications: Undo failed"),
        ),
        (
            ("scheduled-changes", "scheduledchange"),
            {"offering_name": "Fibre", "state": "PENDING"},
            ("Fibre", "Calendar: Scheduled"),
        ),
        (
            ("offerings", "offering"),
            {"name": "Fibre", "lifecycle_status": "PUBLISHING"},
            ("Fibre", "Offerings: Being published"),
        ),
    ],
)
def test_the_search_finds_rows_of_every_kind_and_says_in_which_state_they_are(
    browser, neighbours, place, row, shown
):
    path, screen = place
    neighbours.answers("offering", f"/api/v1/{path}", [{"id": "0190", **row}])
    page = found(browser("viewer"), "fib")
    assert f'href="/admin/offering/offering/{screen}/0190/change/"' in page
    title, kind = shown
    assert f'data-title="{title}"' in page
    assert f'data-description="{kind}"' in page


def test_the_way_from_a_search_to_all_that_it_finds_has_the_whole_word(browser, neighbours):
    neighbours.answers("pricing", "/api/v1/prices", [{"id": "p", "name": "R&D# 1"}], total=9)
    page = browser("viewer").get("/admin/characteristic/search/", {"s": "R&D# 1"}).content.decode()
    assert 'href="/admin/pricing/pricing/price/?q=R%26D%23+1"' in page
