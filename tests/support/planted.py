"""Texts in which somebody says a secret, of one word or of some: whatever masks them leaves nothing of it."""

from __future__ import annotations

SECRET = "hunter2"
"""Part of every word that must not be told."""

KEY = "-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2+/x\nhunter2/8==\n-----END RSA PRIVATE KEY-----"

WORDS = (
    "asked with api_key=hunter2-pw&page=2",
    "X-Api-Key: hunter2-pw",
    'apiKey: "hunter2-one hunter2-two"',
    "the api key: hunter2-pw",
    "Set-Cookie: sessionid=hunter2-pw; Path=/; HttpOnly",
    "Cookie: theme=dark; sessionid=hunter2-one; other=hunter2-two",
    "{'Cookie': 'theme=dark; sessionid=hunter2-pw', 'Host': 'x'}",
    "sessionid=hunter2-pw",
    "ALTER ROLE catalog PASSWORD 'hunter2-one hunter2-two'",
    "ALTER ROLE catalog WITH PASSWORD 'hunter2''s hunter2-two' VALID UNTIL 'infinity'",
    "postgresql://catalog:hunter2/hunter2-pw@db:5432/catalog_pricing",
    "postgresql://catalog:hunter2@hunter2-pw@db:5432/catalog_pricing",
    'password: "hunter2-one, hunter2-two; hunter2-three"',
    'password="hunter2-one \\"hunter2-two\\" hunter2-three"',
    "client_secret='hunter2-one hunter2-two'",
    '{"refresh_token": "hunter2-one hunter2-two"}',
    "private_key = hunter2-pw",
    "<QueryDict: {'username': ['anna'], 'password': ['hunter2-pw']}>",
    "{'password': ['hunter2-one', 'hunter2-two'], 'name': 'x'}",
    '{"password": ["hunter2-one", "hunter2-two"], "name": "x"}',
    "password=b'hunter2-pw'",
    "body b'password=hunter2-pw&x=1'",
    "{'password': {'value': 'hunter2-pw'}, 'name': 'x'}",
    '{"password": {"value": "hunter2-pw"}, "name": "x"}',
    "token=SecretStr('hunter2-pw')",
    "[('username', 'anna'), ('password', 'hunter2-pw')]",
    "[(b'authorization', b'Token hunter2-pw')]",
    '("client_secret", "hunter2-one hunter2-two")',
    "Authorization: Token hunter2-pw",
    "Authorization: hunter2-pw",
    "{'Authorization': 'Token hunter2-pw'}",
    "passphrase=hunter2-pw",
    "{'Cookie': ['theme=dark; sessionid=hunter2-pw']}",
    f"it was {KEY} by then",
    f"private_key={KEY}",
    f"signing failed: {KEY!r}",
    KEY.partition("-----END")[0],
)
