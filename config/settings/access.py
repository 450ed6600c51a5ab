"""Tokens: who issues them, for whom, and where the keys are."""

from __future__ import annotations

from datetime import timedelta

from config import env

# What a token must say of who made it.
ACCESS_ISSUER = env.env.str("ACCESS_ISSUER", default="catalog-suite/identity")
# What a token must say of whom it is for.
ACCESS_AUDIENCE = env.env.str("ACCESS_AUDIENCE", default="catalog-suite")
# Where the public keys are that tokens are verified with.
ACCESS_JWKS_URL = env.env.str(
    "ACCESS_JWKS_URL", default=f"{env.service_url('identity')}/.well-known/jwks.json"
)
# Where a service fetches a token for itself.
ACCESS_TOKEN_URL = env.env.str("ACCESS_TOKEN_URL", default=f"{env.service_url('identity')}/api/v1/auth/token")
# Seconds that an access token is good for: whoever lost a role keeps it as long at most.
ACCESS_TOKEN_LIFETIME = timedelta(seconds=env.env.int("ACCESS_TOKEN_SECONDS", default=300))
# Hours without use after which a sign-in ends.
ACCESS_REFRESH_LIFETIME = timedelta(hours=env.env.int("ACCESS_REFRESH_HOURS", default=12))
# Cookies ignore ports, so a second checkout on this machine needs names of its own.
ACCESS_COOKIE = f"catalog_access_{env.port_offset()}"
ACCESS_REFRESH_COOKIE = f"catalog_refresh_{env.port_offset()}"
