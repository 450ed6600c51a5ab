"""Stock admin of users and keys, and the one sign-in of the suite."""

from catalog_services.identity.admin import keys, users  # noqa: F401
