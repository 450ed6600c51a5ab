"""The applications and settings of every service in one module, for what looks at all of them without running any:
mypy's plugin, `manage.py messages` and `reference`, a restore that asks for the tables that should be there."""

from importlib import import_module

from config.services import SERVICES
from config.settings.service import write_service

globals().update(write_service("characteristic"))
INSTALLED_APPS = [
    *write_service("characteristic")["INSTALLED_APPS"],
    *(service.module for service in SERVICES.values() if service.name != "characteristic"),
]
# Settings that only one service has.
for _service in SERVICES.values():
    _own = vars(import_module(_service.settings_module))
    globals().update(
        {name: value for name, value in _own.items() if name.isupper() and name not in globals()}
    )
