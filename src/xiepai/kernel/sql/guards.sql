-- Audit rows are append-only, and a watched table refuses at commit what left no audit row.

CREATE FUNCTION kernel_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_is_append_only();

-- The mark holds for this transaction only (set_config local), so it costs no query to look it up.
CREATE FUNCTION kernel_mark_audited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('xiepai.audited', pg_current_xact_id()::text, true);
  RETURN NULL;
END $$;

CREATE TRIGGER audit_marks AFTER INSERT ON kernel_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_mark_audited();

CREATE FUNCTION kernel_require_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('xiepai.audited', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION 'a write to % left no audit row', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'write through a service, or call kernel.audit.record in the same transaction';
  END IF;
  RETURN NULL;
END $$;

-- Booking under REPEATABLE READ would check a stale snapshot for counted places: refuse the level.
CREATE FUNCTION kernel_require_read_committed() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'bookings need READ COMMITTED, not %', current_setting('transaction_isolation')
      USING ERRCODE = 'XP001';
  END IF;
END $$;
