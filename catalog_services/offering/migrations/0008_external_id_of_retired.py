from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offering', '0007_named_states'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='offering',
            constraint=models.UniqueConstraint(condition=models.Q(('lifecycle_status', 'RETIRED'), _negated=True), fields=('external_id',), name='offering_once_by_external_id'),
        ),
        migrations.AlterField(
            model_name='offering',
            name='external_id',
            field=models.CharField(blank=True, db_index=True, max_length=200, null=True),
        ),
    ]
