"""Lets a person move items to the top of their rank."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queue", "0002_capture")]

    operations = [
        # A default of the database: the capture function names its columns and knows nothing of it.
        migrations.AddField(
            model_name="syncqueueitem",
            name="priority",
            field=models.PositiveIntegerField(db_default=0),
        ),
        migrations.RemoveIndex(model_name="syncqueueitem", name="queue_claim"),
        migrations.AddIndex(
            model_name="syncqueueitem",
            index=models.Index(
                condition=models.Q(("finished_at", None), ("state", "waiting")),
                fields=["connection", "rank", "-priority", "id"],
                name="queue_claim",
            ),
        ),
    ]
