from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offering', '0005_search_indexes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['state', 'ended_at'], name='publication_by_state'),
        ),
    ]
