from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offering', '0006_publications_by_state'),
    ]

    operations = [
        migrations.AlterField(
            model_name='offering',
            name='lifecycle_status',
            field=models.CharField(choices=[('DRAFT', 'Draft'), ('PUBLISHING', 'Being published'), ('PUBLISHED', 'Published'), ('RETIRED', 'Retired')], db_index=True, default='DRAFT', editable=False, max_length=10),
        ),
        migrations.AlterField(
            model_name='publication',
            name='state',
            field=models.CharField(choices=[('REQUESTED', 'Requested'), ('RUNNING', 'Running'), ('CONFIRMED', 'Confirmed'), ('DONE', 'Done'), ('FAILING', 'Being undone'), ('FAILED', 'Failed'), ('UNDO_FAILED', 'Undo failed')], default='REQUESTED', max_length=12),
        ),
        migrations.AlterField(
            model_name='scheduledchange',
            name='kind',
            field=models.CharField(choices=[('PUBLISH', 'Publish'), ('RETIRE', 'Retire')], max_length=10),
        ),
        migrations.AlterField(
            model_name='scheduledchange',
            name='state',
            field=models.CharField(choices=[('PENDING', 'Scheduled'), ('CARRIED_OUT', 'Carried out'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='PENDING', max_length=12),
        ),
    ]
