"""The aggregates whose changes are kept as history; nobody else is told of them."""

from apps.outbox.kinds import AggregateKind, register
from catalog_services.identity.models import User
from catalog_services.identity.selectors.users import user_recorded, users

USER = register(AggregateKind("User", User, state=user_recorded, rows=users))
