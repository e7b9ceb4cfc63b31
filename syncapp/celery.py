"""The Celery application: workers find their tasks in the installed apps."""

from __future__ import annotations

import os

from celery import Celery
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncapp.settings")

# A message is a doorbell, and beat rings again: nobody has to put back what was not answered. When
# Redis restarts, kombu would try so before it has a connection, and the worker would end (5.7.0).
Channel.do_restore = False

app = Celery("syncapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
