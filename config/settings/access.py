"""Tokens: who issues them, for whom, and where the keys are."""

from __future__ import annotations

from datetime import timedelta

from config import env

ACCESS_ISSUER = env.env.str("ACCESS_ISSUER", default="catalog-suite/identity")
ACCESS_AUDIENCE = env.env.str("ACCESS_AUDIENCE", default="catalog-suite")
ACCESS_JWKS_URL = env.env.str(
    "ACCESS_JWKS_URL", default=f"{env.service_url('identity')}/.well-known/jwks.json"
)
ACCESS_TOKEN_URL = env.env.str("ACCESS_TOKEN_URL", default=f"{env.service_url('identity')}/api/v1/auth/token")
ACCESS_TOKEN_LIFETIME = timedelta(seconds=env.env.int("ACCESS_TOKEN_SECONDS", default=300))
ACCESS_REFRESH_LIFETIME = timedelta(hours=env.env.int("ACCESS_REFRESH_HOURS", default=12))
# A service proves who it is to identity with this; client id = the service's name.
ACCESS_CLIENT_SECRET = env.secret("SERVICE_CLIENT_SECRET")
# Cookies ignore ports, so a second checkout on this machine needs names of its own.
ACCESS_COOKIE = f"catalog_access_{env.port_offset()}"
ACCESS_REFRESH_COOKIE = f"catalog_refresh_{env.port_offset()}"
