from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from catalog_services.identity.models import Client


@transaction.atomic
def clients_ensure(*, secrets: Mapping[str, str]) -> list[str]:
    """Make every service (client id -> secret) known, with this secret; the ids of those made or changed.

    Raises ``ValidationFailed`` when a secret is empty.
    """
    if empty := [name for name, secret in secrets.items() if not secret]:
        raise ValidationFailed(
            Message("No client secret for: {names}. Set SERVICE_CLIENT_SECRET.", names=", ".join(empty)),
            errors={name: [Message("The secret is empty.")] for name in empty},
        )
    changed = []
    known = {
        client.client_id: client
        for client in Client.objects.select_for_update().filter(client_id__in=secrets)
    }
    hashes: dict[str, str] = {}
    for name, secret in secrets.items():
        client = known.get(name)
        if client is not None and check_password(secret, client.secret_hash):
            continue
        # One secret shared by all services is one hash: it costs 100 MB and some 50 ms each.
        if secret not in hashes:
            hashes[secret] = make_password(secret)
        Client.objects.update_or_create(client_id=name, defaults={"secret_hash": hashes[secret]})
        changed.append(name)
    return changed
