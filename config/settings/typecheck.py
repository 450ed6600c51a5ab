"""For mypy's Django plugin only: the applications of every service in one settings module."""

from config.env import BASE_DIR
from config.services import SERVICES
from config.settings.service import write_service

globals().update(write_service("characteristic"))
INSTALLED_APPS = [
    *write_service("characteristic")["INSTALLED_APPS"],
    *(
        service.module
        for service in SERVICES.values()
        if service.name != "characteristic" and (BASE_DIR / "catalog_services" / service.name / "apps.py").exists()
    ),
]
