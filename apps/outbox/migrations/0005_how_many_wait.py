"""How many deliveries are pending changes within a second, so that what ``ANALYZE`` saw of it misleads: a burst that it
happens to meet has every later claim read the whole table. Without statistics of ``state`` the planner takes each
state for rare and goes by its index, which is right however many there are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_dead_letters")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE outbox_delivery ALTER COLUMN state SET STATISTICS 0",
            "ALTER TABLE outbox_delivery ALTER COLUMN state SET STATISTICS -1",
        )
    ]
