-- The journal: entries and their seals are only ever added; the chain is closed at commit, as the last thing.

CREATE FUNCTION kernel_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'journal rows are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_journalentry
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_journal_is_append_only();
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_journalseal
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_journal_is_append_only();

-- One row for each entry between its insert and its seal; never seen by another transaction.
CREATE UNLOGGED TABLE kernel_journalturn (entry_id bigint PRIMARY KEY);

-- Fires at commit in the first round of deferred triggers, among the checks of foreign keys (which may have to
-- wait for another transaction). It only takes a turn: what that sets off fires in the next round, after them.
CREATE FUNCTION kernel_journal_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kernel_journalturn (entry_id) VALUES (NEW.id);
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER journal_takes_turn AFTER INSERT ON kernel_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kernel_journal_take_turn();

-- The second round: one transaction at a time from here to the end of its commit. Nothing is waited for after
-- this lock, so that it can be part of no deadlock. Under REPEATABLE READ the head seen may be old: the unique
-- place in the chain then refuses, and nothing is written.
CREATE FUNCTION kernel_journal_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head kernel_journalseal%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(x'7869656A'::int);
  SELECT * INTO head FROM kernel_journalseal ORDER BY seq DESC LIMIT 1;
  IF NOT FOUND THEN
    head.seq := 0;
    head.hash := decode(repeat('00', 32), 'hex');
  END IF;
  INSERT INTO kernel_journalseal (seq, entry_id, prev_hash, hash)
    SELECT head.seq + 1, id, head.hash, sha256(head.hash || int8send(head.seq + 1) || int8send(id) || digest)
    FROM kernel_journalentry WHERE id = NEW.entry_id;
  DELETE FROM kernel_journalturn WHERE entry_id = NEW.entry_id;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER journal_seals AFTER INSERT ON kernel_journalturn
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kernel_journal_seal();

-- A watched table refuses at commit what left no journal entry about that row in the same transaction.
-- The arguments are the subject's label. Entries of this transaction are marked in a setting local to it.
CREATE FUNCTION kernel_journal_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('xiepai.journalled', pg_current_xact_id()::text, true);
  RETURN NULL;
END $$;

CREATE TRIGGER journal_marks AFTER INSERT ON kernel_journalentry
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_journal_mark();

CREATE FUNCTION kernel_require_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('xiepai.journalled', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION 'a write to % left no journal entry', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'write through a service, or call kernel.journal.append in the same transaction';
  END IF;
  RETURN NULL;
END $$;
