from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0005_how_many_wait'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='outboxevent',
            index=models.Index(fields=['correlation_id', 'id'], name='outbox_event_correlation'),
        ),
        migrations.AlterField(
            model_name='outboxevent',
            name='correlation_id',
            field=models.CharField(max_length=64),
        ),
    ]
