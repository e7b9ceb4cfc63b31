"""Lists what is done as quickly as what is open."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queue", "0003_priority")]

    operations = [
        migrations.AddIndex(
            model_name="syncqueueitem",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["company", "-id"],
                name="queue_done_latest",
            ),
        ),
    ]
