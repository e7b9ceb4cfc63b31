"""Finds records by the beginning of their name or number."""

from __future__ import annotations

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

LABELS = {
    "customer": "name",
    "vendor": "name",
    "item": "name",
    "invoice": "number",
    "creditmemo": "number",
    "bill": "number",
    "vendorcredit": "number",
    "payment": "reference",
}


class Migration(migrations.Migration):
    dependencies = [("records", "0002_triggers")]

    operations = [
        migrations.AddIndex(
            model_name=model,
            index=models.Index(
                models.F("company"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper(label), name="text_pattern_ops"
                ),
                name=f"{model}_search",
            ),
        )
        for model, label in LABELS.items()
    ]
