"""One table says what a role may do in the admin."""

from __future__ import annotations

import pytest

from apps.access.admin import TokenRolesBackend
from apps.access.models import Principal
from apps.access.roles import allows, sees


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("viewer", "pricing.view_price", True),
        ("viewer", "pricing.change_price", False),
        ("viewer", "offering.publish_offering", False),
        ("manager", "pricing.change_price", True),
        ("manager", "pricing.delete_price", True),
        ("manager", "offering.publish_offering", True),
        ("manager", "outbox.view_deadletter", False),
        ("manager", "identity.view_user", False),
        ("viewer", "identity.view_signingkey", False),
        ("manager", "access.view_principal", False),
        ("admin", "identity.delete_user", True),
        ("admin", "outbox.change_deadletter", True),
        ("service", "pricing.view_price", False),
        ("owner", "pricing.view_price", False),
    ],
)
def test_a_role_may_exactly_this(role: str, permission: str, allowed: bool) -> None:
    assert allows([role], permission) is allowed
    principal = Principal(username="anna", roles=[role])
    assert principal.has_perm(permission) is allowed
    assert principal.has_perms([permission, "pricing.view_price"]) is allowed
    assert TokenRolesBackend().has_perm(principal, permission) is allowed


def test_roles_add_up() -> None:
    assert allows(["viewer", "manager"], "pricing.add_price")
    assert not sees(["viewer", "manager"], "identity")
    assert sees(["viewer"], "pricing")
    assert sees(["admin"], "identity")


@pytest.mark.parametrize(
    ("role", "staff"), [("viewer", True), ("manager", True), ("admin", True), ("service", False)]
)
def test_people_may_open_the_admin_and_services_may_not(role: str, staff: bool) -> None:
    assert Principal(username="x", roles=[role]).is_staff is staff


def test_nobody_signs_in_with_a_password_here() -> None:
    assert TokenRolesBackend().authenticate(None, username="admin", password="admin") is None
    assert not hasattr(Principal(), "password")
