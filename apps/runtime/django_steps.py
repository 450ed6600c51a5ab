"""``python -m apps.runtime.django_steps <service> <command> ...``: several commands, Django loaded once.

Each command may bring its options (``"collectstatic --noinput"``). A command that the service does not
have is an error, and so is one that fails.
"""

from __future__ import annotations

import os
import sys

from config.services import SERVICES


def main(service: str, commands: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SERVICES[service].settings_module
    import django
    from django.core.management import call_command

    django.setup()
    for command in commands:
        call_command(*command.split())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
