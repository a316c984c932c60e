"""Which ads that won a package was shaped by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('content', '0001_initial')]

    operations = [
        migrations.AddField(model_name='contentpackage', name='winners', field=models.JSONField(default=list)),
    ]
