"""The addresses of Sync Jobs, errors, overview and connections."""

from __future__ import annotations

from django.urls import path

from jobs.views import (
    conflicts,
    errors,
    exchange,
    job_records,
    mending,
    overview,
    policies,
    records,
    repairs,
    sync_job,
    sync_jobs,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("jobs/", sync_jobs.sync_jobs, name="sync-jobs"),
    path("jobs/new/", sync_jobs.sync_job_new, name="sync-job-new"),
    path("jobs/news/", sync_jobs.sync_jobs_news, name="sync-jobs-news"),
    path("jobs/<int:pk>/", sync_job.sync_job, name="sync-job"),
    path("jobs/<int:pk>/row/", sync_jobs.sync_job_row, name="sync-job-row"),
    path("jobs/<int:pk>/live/", sync_job.sync_job_live, name="sync-job-live"),
    path("jobs/<int:pk>/records/", job_records.sync_job_records, name="sync-job-records"),
    path("jobs/<int:pk>/cancel/", sync_job.sync_job_cancel, name="sync-job-cancel"),
    path("jobs/<int:pk>/again/", sync_job.sync_job_again, name="sync-job-again"),
    path("jobs/<int:pk>/exchanges/<int:exchange_pk>/", exchange.exchange, name="exchange"),
    path("queue/sync-now/", records.items_sync_now, name="sync-queue-sync-now"),
    path("records/<slug:kind>/<int:pk>/why/", records.record_why, name="record-why"),
    path("records/<slug:kind>/<int:pk>/sync/", records.record_sync_now, name="record-sync-now"),
    path("records/<slug:kind>/<int:pk>/pull/", records.record_pull, name="record-pull"),
    path("errors/", errors.sync_errors, name="sync-errors"),
    path("errors/retry/", repairs.retry, name="sync-errors-retry"),
    path("errors/hold/", repairs.hold, name="sync-errors-hold"),
    path("errors/release/", repairs.release, name="sync-errors-release"),
    path("errors/skip/", repairs.skip, name="sync-errors-skip"),
    path("errors/done/", repairs.done, name="sync-errors-done"),
    path("errors/assign/", repairs.assign, name="sync-errors-assign"),
    path("errors/redate/", mending.redate, name="sync-errors-redate"),
    path("errors/use-instead/", mending.use_instead, name="sync-errors-use-instead"),
    path("errors/link/", mending.link, name="sync-errors-link"),
    path("errors/<slug:fingerprint>/", errors.sync_errors_cause, name="sync-errors-cause"),
    path("errors/<slug:fingerprint>/comment/", repairs.comment, name="sync-errors-comment"),
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/<slug:kind>/<int:pk>/", conflicts.conflict, name="conflict"),
    path("conflicts/<slug:kind>/<int:pk>/settle/", conflicts.settle, name="conflict-settle"),
    path("conflicts/<slug:kind>/<int:pk>/gone/", conflicts.settle_gone, name="conflict-gone"),
    path("conflicts/<slug:kind>/<int:pk>/follow/", conflicts.follow_merge, name="conflict-follow"),
    path("connections/<int:pk>/policies/", policies.edit_policies, name="policies"),
]
