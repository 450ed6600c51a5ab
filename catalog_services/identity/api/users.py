from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema

from apps.access.rest import ADMINS
from apps.core.actor import ROLES
from apps.rest.filters import StrictBooleanFilter
from apps.rest.viewsets import AggregateViewSet, crud_schema
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.api.serializers import UserSerializer, UserWriteSerializer
from catalog_services.identity.models import User
from catalog_services.identity.selectors.users import users


class UserFilter(filters.FilterSet):
    """Exact matches; ``search`` looks into username and email."""

    username = filters.CharFilter()
    external_id = filters.CharFilter()
    role = filters.ChoiceFilter(choices=[(role, role) for role in ROLES], method="with_role")
    is_active = StrictBooleanFilter()

    def with_role(self, queryset: QuerySet[User], name: str, role: str) -> QuerySet[User]:
        return queryset.filter(roles__contains=[role])


@crud_schema(UserWriteSerializer, UserSerializer)
@extend_schema(tags=["users"])
class UserViewSet(AggregateViewSet):
    """Admins only."""

    required_roles = ADMINS
    queryset = users()
    serializer_class = UserSerializer
    write_serializer_class = UserWriteSerializer
    filterset_class = UserFilter
    search_fields = ["username", "email"]
    ordering_fields = ["username", "created_at", "updated_at"]
    create_action = user_create
    update_action = user_update
    delete_action = user_delete
    momentary = frozenset({"last_login"})
