"""Installs the function by which the triggers of `records` queue what changed.

The text lives here and not in a module, because an installed function must not change behind the
migration that installed it: a new version is a new migration.
"""

from __future__ import annotations

from django.db import migrations

# Each element of the arrays is one changed record; `fields` are names joined by commas, or null.
# Sorted by key, so that two statements which queue the same records cannot lock each other out.
CREATE = """
CREATE FUNCTION syncqueue_capture(
    of_type text, usual_rank integer, companies bigint[], ids bigint[],
    labels text[], amounts numeric[], operations text[], fields text[]
) RETURNS void LANGUAGE plpgsql AS $function$
DECLARE
    muted bigint := nullif(current_setting('sync.muted', true), '')::bigint;
    actor bigint := nullif(current_setting('sync.user', true), '')::bigint;
    how text := coalesce(nullif(current_setting('sync.origin', true), ''), 'database');
    moment timestamptz := statement_timestamp();
BEGIN
    -- A user who is gone by now must not make the write of a record fail.
    actor := (SELECT u.id FROM auth_user u WHERE u.id = actor);

    INSERT INTO queue_syncqueueitem AS item (
        connection_id, company_id, record_type, record_id, label, amount,
        first_operation, operation, changed_fields, generation, rank,
        state, attempts, next_attempt_at,
        blocked_by_type, blocked_by_id, blocked_by_need, reason, refusal,
        first_changed_at, changed_at, changed_by_id, origin, hold_reason
    )
    SELECT
        c.id, c.company_id, of_type, changed.id, left(coalesce(changed.label, ''), 500), changed.amount,
        changed.operation, changed.operation,
        coalesce(string_to_array(nullif(changed.fields, ''), ','), '{}'), 1,
        -- What depends on others is created after them and removed before them.
        CASE WHEN changed.operation IN ('delete', 'void') THEN 90 - usual_rank
             ELSE usual_rank END,
        'waiting', 0, moment,
        '', NULL, '', '', '',
        moment, moment, actor, left(how, 20), ''
    FROM unnest(companies, ids, labels, amounts, operations, fields)
         AS changed (company_id, id, label, amount, operation, fields)
    JOIN connectors_connection c
      ON c.company_id = changed.company_id
     AND c.state <> 'closed'
     AND c.id IS DISTINCT FROM muted
    ORDER BY c.id, changed.id
    ON CONFLICT (connection_id, record_type, record_id) WHERE finished_at IS NULL
    DO UPDATE SET
        generation = item.generation + 1,
        operation = excluded.operation,
        label = excluded.label,
        amount = excluded.amount,
        rank = excluded.rank,
        changed_fields = CASE
            WHEN item.changed_fields @> excluded.changed_fields THEN item.changed_fields
            ELSE ARRAY(
                SELECT DISTINCT unnest(item.changed_fields || excluded.changed_fields) ORDER BY 1
            ) END,
        changed_at = excluded.changed_at,
        changed_by_id = excluded.changed_by_id,
        origin = excluded.origin,
        -- An edit is a retry, except of what is under way: there the answer decides.
        state = CASE WHEN item.state IN ('sending', 'unknown') THEN item.state
                     ELSE excluded.state END,
        attempts = CASE WHEN item.state IN ('sending', 'unknown') THEN item.attempts
                        ELSE excluded.attempts END,
        next_attempt_at = CASE WHEN item.state IN ('sending', 'unknown') THEN item.next_attempt_at
                               ELSE excluded.next_attempt_at END,
        blocked_by_type = excluded.blocked_by_type,
        blocked_by_id = excluded.blocked_by_id,
        blocked_by_need = excluded.blocked_by_need,
        reason = excluded.reason,
        refusal = excluded.refusal;
END
$function$;
"""

DROP = (
    "DROP FUNCTION syncqueue_capture"
    "(text, integer, bigint[], bigint[], text[], numeric[], text[], text[]);"
)


class Migration(migrations.Migration):
    dependencies = [("queue", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
