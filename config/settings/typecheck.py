"""For mypy's Django plugin only: the applications of every service in one settings module."""

from config.services import SERVICES
from config.settings.service import write_service

globals().update(write_service("characteristic"))
INSTALLED_APPS = [
    *write_service("characteristic")["INSTALLED_APPS"],
    *(s.module for s in SERVICES.values() if s.name != "characteristic"),
]
