"""Who was a user before changes of users were kept gets one event, of the version that there is: history begins there.

Each batch is a transaction of its own, and who has an event already is left out: it may be broken off and run again.
"""

from django.db import migrations, transaction

from apps.core import clock
from apps.core.ids import uuid7_text
from apps.outbox.envelope import CloudEvent

BATCH = 500


def begin_histories(apps, schema_editor):
    User, OutboxEvent = apps.get_model("identity", "User"), apps.get_model("outbox", "OutboxEvent")
    correlation_id, rest = uuid7_text(), User.objects.order_by("pk")
    while True:
        with transaction.atomic():
            users = list(rest.select_for_update()[:BATCH])
            subjects = OutboxEvent.objects.filter(subject__in=[str(user.pk) for user in users])
            known = set(subjects.values_list("subject", flat=True))
            OutboxEvent.objects.bulk_create(
                _event(OutboxEvent, user, correlation_id) for user in users if str(user.pk) not in known
            )
        if len(users) < BATCH:
            return
        rest = rest.filter(pk__gt=users[-1].pk)


def _event(OutboxEvent, user, correlation_id):
    event = CloudEvent(
        type="catalog.identity.UserUpdated.v1",
        source="identity",
        subject=str(user.pk),
        aggregateversion=user.version,
        data=_state(user),
        actor="system",
        correlationid=correlation_id,
    )
    return OutboxEvent(
        event_id=event.id,
        type=event.type,
        subject=event.subject,
        correlation_id=correlation_id,
        envelope=event.to_wire(),
    )


def _state(user):
    return {
        "id": str(user.pk),
        "external_id": user.external_id,
        "version": user.version,
        "created_at": clock.iso(user.created_at),
        "updated_at": clock.iso(user.updated_at),
        "username": user.username,
        "email": user.email,
        "roles": user.roles,
        "is_active": user.is_active,
        "password_changed_at": clock.iso(user.password_changed_at),
    }


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("identity", "0003_password_changed_at"),
        ("outbox", "0006_by_correlation_in_order"),
    ]
    operations = [migrations.RunPython(begin_histories, migrations.RunPython.noop)]
