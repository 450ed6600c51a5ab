from django.apps import AppConfig


class AdminListsConfig(AppConfig):
    """Lists of the admin: quick however long they are, arranged by each person, edited in bulk, used by keys."""

    name = "apps.admin_lists"
    label = "admin_lists"
