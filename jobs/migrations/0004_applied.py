"""Keeps which fields of a record an import changed, for the record's history."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from connectors.models import RECORD_TYPE_CHOICES


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_initial"),
        ("jobs", "0003_alert_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Applied",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_type", models.CharField(choices=RECORD_TYPE_CHOICES, max_length=20)),
                ("record_id", models.BigIntegerField()),
                ("fields", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ("applied_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="companies.company")),
                ("job", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="applied", to="jobs.syncjob")),
            ],
            options={
                "verbose_name": "imported change",
                "verbose_name_plural": "imported changes",
                "indexes": [models.Index(fields=["record_type", "record_id", "-id"], name="applied_to_record")],
            },
        ),
    ]
