import django.db.models.deletion
import django.db.models.functions.datetime
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate, lookup_function


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='WsTicket',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('token_sha256', models.TextField(unique=True)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ws_ticket',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'expires_at'], name='ws_ticket_expired')],
            },
        ),
        *isolate("ws_ticket"),
        lookup_function(
            "live_redeem_ticket",
            "hash text",
            "uuid",
            "DELETE FROM ws_ticket WHERE token_sha256 = hash AND expires_at > now() RETURNING tenant_id",
        ),
    ]
