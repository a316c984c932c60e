"""Ads that won, and a registry for all that is learned, with its audit."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.learning.contracts
import kairo.stages.learning.contracts.registry
import kairo.stages.learning.contracts.winners
import pgvector.django.vector
from django.db import migrations, models

from kairo.platform.database.rls import isolate

_ID = {'default': kairo.platform.database.ids.new_id, 'primary_key': True, 'serialize': False}
_TENANT = {
    'db_index': False,
    'default': kairo.platform.database.sessions.current_tenant,
    'on_delete': django.db.models.deletion.PROTECT,
    'related_name': '+',
    'to': 'tenancy.tenant',
}
_KINDS = list(kairo.stages.learning.contracts.ModelKind)
_ORIGINS = list(kairo.stages.learning.contracts.winners.WinnerOrigin)
_ACTIONS = list(kairo.stages.learning.contracts.registry.PromotionAction)
_STAYS = """
CREATE FUNCTION model_promotion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what was promoted stays written down' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER model_promotion_append_only BEFORE UPDATE OR DELETE ON model_promotion
    FOR EACH ROW EXECUTE FUNCTION model_promotion_stays();
"""


class Migration(migrations.Migration):

    dependencies = [('learning', '0002_budgets'), ('tenancy', '0002_chats')]

    operations = [
        migrations.AlterField(
            model_name='learnedmodel',
            name='brand',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand'),
        ),
        migrations.AddField(model_name='learnedmodel', name='subject', field=models.TextField(default='')),
        migrations.RemoveConstraint(model_name='learnedmodel', name='model_registry_once'),
        migrations.RemoveConstraint(model_name='learnedmodel', name='model_registry_one_champion'),
        migrations.RemoveConstraint(model_name='learnedmodel', name='model_registry_kind_known'),
        migrations.AddConstraint(
            model_name='learnedmodel',
            constraint=models.UniqueConstraint(fields=('tenant', 'brand', 'kind', 'subject', 'version'), name='model_registry_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='learnedmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('status', kairo.stages.learning.contracts.ModelStatus['CHAMPION'])), fields=('tenant', 'brand', 'kind', 'subject'), name='model_registry_one_champion', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='learnedmodel',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', _KINDS)), name='model_registry_kind_known'),
        ),
        migrations.CreateModel(
            name='Winner',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('ad_id', models.TextField()),
                ('variant_id', models.UUIDField(null=True)),
                ('text', models.TextField()),
                ('embedder', models.TextField()),
                ('is_given', models.BooleanField(default=False)),
                ('dimension', models.PositiveSmallIntegerField()),
                ('embedding', pgvector.django.vector.VectorField()),
                ('origin', models.TextField()),
                ('metrics', models.JSONField(default=dict)),
                ('metadata', models.JSONField(default=dict)),
                ('why', models.TextField()),
                ('added_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'ad_winner',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id'), name='ad_winner_once'), models.CheckConstraint(condition=models.Q(('origin__in', _ORIGINS)), name='ad_winner_origin_known')],
            },
        ),
        migrations.CreateModel(
            name='ModelPromotion',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('model_id', models.UUIDField()),
                ('replaced_id', models.UUIDField(null=True)),
                ('brand_id', models.UUIDField(null=True)),
                ('kind', models.TextField()),
                ('subject', models.TextField(default='')),
                ('version', models.PositiveIntegerField()),
                ('action', models.TextField()),
                ('by', models.TextField()),
                ('reason', models.TextField(default='')),
                ('evidence', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'model_promotion',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'model_id', '-id'], name='model_promotion_of_model')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', _KINDS)), name='model_promotion_kind_known'), models.CheckConstraint(condition=models.Q(('action__in', _ACTIONS)), name='model_promotion_action_known')],
            },
        ),
        # Every search reads all vectors of a tenant: they lie in the rows, and no row is fetched from elsewhere.
        migrations.RunSQL(
            'ALTER TABLE ad_winner ALTER COLUMN embedding SET STORAGE PLAIN', migrations.RunSQL.noop
        ),
        *isolate('ad_winner'),
        *isolate('model_promotion'),
        migrations.RunSQL(
            _STAYS,
            'DROP TRIGGER model_promotion_append_only ON model_promotion; DROP FUNCTION model_promotion_stays()',
        ),
    ]
