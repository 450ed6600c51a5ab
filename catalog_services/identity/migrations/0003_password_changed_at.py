from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0002_search_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='password_changed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
