"""The languages of the admin; the REST API speaks English to everybody.

Translations are in ``locale/``; what ``manage.py up`` and ``migrate-all`` compile of them is in the state folder, and
a language is offered when it is there.
"""

from __future__ import annotations

from config import env

LANGUAGE_CODE = "en"
LOCALE_PATHS = [env.state_dir() / "locale"]
LANGUAGES = [
    (LANGUAGE_CODE, "English"),
    *(
        (code, name)
        for code, name in [("de", "German")]
        if (LOCALE_PATHS[0] / code / "LC_MESSAGES" / "django.mo").exists()
    ),
]
FORMAT_MODULE_PATH = ["config.formats"]

# One choice for all five admins and /ops/; nothing else reads it (``AdminLocaleMiddleware``).
LANGUAGE_COOKIE_NAME = f"catalog_language_{env.port_offset()}"
LANGUAGE_COOKIE_PATH = "/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = env.public_url().startswith("https://")
