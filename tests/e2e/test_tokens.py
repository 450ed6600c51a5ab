"""Zero trust on the running suite: each service, asked directly and not through the gateway, verifies by itself."""

from __future__ import annotations

import base64
import json
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from config import env
from tests.e2e.conftest import fetched

ENDPOINTS = {
    "identity": "/api/v1/auth/me",
    "characteristic": "/api/v1/characteristics",
    "specification": "/api/v1/specifications",
    "pricing": "/api/v1/prices",
    "offering": "/api/v1/offerings",
    "store": "/api/v1/store/search",
}
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forgeries(genuine: str) -> dict[str, str]:
    """Tokens made from a genuine one, none of which may open a door."""
    header, payload, signature = genuine.split(".")
    claims = jwt.decode(genuine, options={"verify_signature": False})
    kid = jwt.get_unverified_header(genuine)["kid"]
    public = fetched(f"{env.service_url('identity')}/api/v1/auth/public-key").json()["public_key"].encode()

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def hs256() -> str:
        import hashlib
        import hmac

        signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{payload}"
        mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    return {
        "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "HS256 with the public key": hs256(),
        "another's key, our kid": jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": kid}),
        "an unknown kid": jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": uuid4().hex}),
        "claims changed": f"{header}.{part({**claims, 'roles': ['admin'], 'exp': time.time() + 9999})}.{signature}",
        "signature cut": f"{header}.{payload}.",
        "not a token": "letmein",
    }


@pytest.mark.parametrize("service", ENDPOINTS)
def test_a_forged_token_is_refused_by_every_service_itself(service, manager):
    genuine = manager.token
    url = f"{env.service_url(service)}{ENDPOINTS[service]}"
    assert fetched(url, headers={"Authorization": f"Bearer {genuine}"}).status_code == 200
    for name, forged in forgeries(genuine).items():
        response = fetched(url, headers={"Authorization": f"Bearer {forged}"})
        assert response.status_code == 401, (service, name, response.text)
        assert response.headers["Content-Type"].startswith("application/problem+json"), (service, name)
