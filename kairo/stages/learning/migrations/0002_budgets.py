"""What ads were told to have done, and the budgets that were recommended."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("learning", "0001_initial")]

    operations = []
