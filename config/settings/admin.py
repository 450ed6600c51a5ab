"""How the admin looks: django-unfold's settings, the same in every service, so that the five sites are one."""

from __future__ import annotations

from typing import Any

# Of one form. The largest is a specification's: 200 characteristics, each with 500 chosen values and 8 inputs more.
MOST_FIELDS = 200 * (500 + 10)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Catalog Suite",
    "SITE_HEADER": "Catalog Suite",
    "SITE_SUBHEADER": "apps.admin_kit.navigation.subheader",
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(68% .128 183.5)",
            "600": "oklch(51.1% .096 186.391)",
            "700": "oklch(43.7% .078 188.216)",
            "800": "oklch(38.6% .063 188.416)",
            "900": "oklch(33% .053 188.6)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
    "STYLES": ["apps.admin_kit.navigation.stylesheet"],
    "SCRIPTS": ["apps.admin_kit.navigation.script", "apps.admin_kit.navigation.script_of_forms"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "apps.admin_kit.navigation.favicon"}],
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {"navigation": "apps.admin_kit.navigation.account"},
    "SIDEBAR": {"show_search": False, "navigation": "apps.admin_kit.navigation.sidebar"},
}
