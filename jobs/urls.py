"""The addresses of Sync Jobs, errors, overview and connections."""

from __future__ import annotations

from django.urls import path

from jobs.views import errors, overview, records, sync_job, sync_jobs

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("connections/", overview.connections, name="connections"),
    path("jobs/", sync_jobs.sync_jobs, name="sync-jobs"),
    path("jobs/new/", sync_jobs.sync_job_new, name="sync-job-new"),
    path("jobs/<int:pk>/", sync_job.sync_job, name="sync-job"),
    path("jobs/<int:pk>/row/", sync_jobs.sync_job_row, name="sync-job-row"),
    path("jobs/<int:pk>/live/", sync_job.sync_job_live, name="sync-job-live"),
    path("jobs/<int:pk>/cancel/", sync_job.sync_job_cancel, name="sync-job-cancel"),
    path("jobs/<int:pk>/again/", sync_job.sync_job_again, name="sync-job-again"),
    path("jobs/<int:pk>/exchanges/<int:exchange_pk>/", sync_job.exchange, name="exchange"),
    path("queue/sync-now/", records.items_sync_now, name="sync-queue-sync-now"),
    path("records/<slug:kind>/<int:pk>/why/", records.record_why, name="record-why"),
    path("records/<slug:kind>/<int:pk>/sync/", records.record_sync_now, name="record-sync-now"),
    path("records/<slug:kind>/<int:pk>/pull/", records.record_pull, name="record-pull"),
    path("errors/", errors.sync_errors, name="sync-errors"),
    path("errors/retry/", errors.retry, name="sync-errors-retry"),
    path("errors/hold/", errors.hold, name="sync-errors-hold"),
]
