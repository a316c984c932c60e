"""No network around an address is kept: nothing compares by it, and what is not needed is not stored of a visitor."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('revenue', '0003_views')]

    operations = [
        migrations.RemoveField(model_name='click', name='net_key'),
        migrations.RemoveField(model_name='conversion', name='net_key'),
    ]
