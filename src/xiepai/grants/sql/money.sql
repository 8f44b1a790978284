-- What money needs the database itself to hold: balances that follow entries, rows that stay as decided, four eyes.

-- Entries and decisions are only ever added.
CREATE FUNCTION grants_money_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % is never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_kept BEFORE UPDATE OR DELETE ON grants_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION grants_money_is_kept();
CREATE TRIGGER decision_kept BEFORE UPDATE OR DELETE ON grants_decision
  FOR EACH ROW EXECUTE FUNCTION grants_money_is_kept();
CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON grants_applicationevent
  FOR EACH ROW EXECUTE FUNCTION grants_money_is_kept();

-- A balance moves by an entry and by nothing else. Both accounts are locked in the order of their ids, without
-- their keys, so that entries whose foreign keys are being checked do not wait.
CREATE FUNCTION grants_post_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  from_kind text;
  held bigint;
BEGIN
  PERFORM 1 FROM grants_ledgeraccount WHERE id IN (NEW.debit_id, NEW.credit_id) ORDER BY id FOR NO KEY UPDATE;
  IF (SELECT count(DISTINCT (programme_id, measure, year)) FROM grants_ledgeraccount
      WHERE id IN (NEW.debit_id, NEW.credit_id)) <> 1 THEN
    RAISE EXCEPTION 'an entry stays within one budget' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT kind INTO from_kind FROM grants_ledgeraccount WHERE id = NEW.debit_id;
  IF from_kind IN ('reserved', 'committed', 'paid', 'returned') THEN
    -- Nobody gives on what another application holds: this one's own part of the account must suffice.
    SELECT coalesce(sum(CASE WHEN credit_id = NEW.debit_id THEN amount_fen ELSE -amount_fen END), 0) INTO held
      FROM grants_ledgerentry
      WHERE application_id IS NOT DISTINCT FROM NEW.application_id AND NEW.debit_id IN (debit_id, credit_id);
    IF held < 0 THEN  -- the new entry is counted already
      RAISE EXCEPTION 'application % holds too little in account %', NEW.application_id, NEW.debit_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_entry_own_money';
    END IF;
  END IF;
  PERFORM set_config('xiepai.posting', 'on', true);
  UPDATE grants_ledgeraccount
    SET balance_fen = balance_fen + CASE WHEN id = NEW.credit_id THEN NEW.amount_fen ELSE -NEW.amount_fen END
    WHERE id IN (NEW.debit_id, NEW.credit_id);
  PERFORM set_config('xiepai.posting', 'off', true);
  RETURN NULL;
END $$;
CREATE TRIGGER entry_posts AFTER INSERT ON grants_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION grants_post_entry();

CREATE FUNCTION grants_balance_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'INSERT' AND NEW.balance_fen <> 0)
      OR (TG_OP = 'UPDATE' AND (NEW.programme_id, NEW.measure, NEW.year, NEW.kind)
          IS DISTINCT FROM (OLD.programme_id, OLD.measure, OLD.year, OLD.kind))
      OR (TG_OP = 'UPDATE' AND current_setting('xiepai.posting', true) IS DISTINCT FROM 'on') THEN
    RAISE EXCEPTION 'a balance moves by entries only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER balance_follows BEFORE INSERT OR UPDATE OR DELETE ON grants_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION grants_balance_follows();

-- A bank account keeps its number; a changed one is a further row.
CREATE FUNCTION grants_account_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.organisation_id, NEW.holder, NEW.bank, NEW.number, NEW.proposed_by_id)
      IS DISTINCT FROM (OLD.organisation_id, OLD.holder, OLD.bank, OLD.number, OLD.proposed_by_id) THEN
    RAISE EXCEPTION 'a bank account is never changed; a further one takes its place'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER account_kept BEFORE UPDATE OR DELETE ON grants_bankaccount
  FOR EACH ROW EXECUTE FUNCTION grants_account_is_kept();

-- A payment keeps whom it pays and how much; once it has gone it keeps its batch and account too.
CREATE FUNCTION grants_payment_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
      OR (NEW.decision_id, NEW.application_id, NEW.organisation_id, NEW.measure, NEW.milestone, NEW.year,
          NEW.amount_fen, NEW.key)
      IS DISTINCT FROM (OLD.decision_id, OLD.application_id, OLD.organisation_id, OLD.measure, OLD.milestone, OLD.year,
          OLD.amount_fen, OLD.key)
      OR (OLD.state IN ('sent', 'paid', 'failed')
          AND (NEW.batch_id, NEW.account_id) IS DISTINCT FROM (OLD.batch_id, OLD.account_id)) THEN
    RAISE EXCEPTION 'a payment order is never changed; a further one takes its place'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_kept BEFORE UPDATE OR DELETE ON grants_paymentorder
  FOR EACH ROW EXECUTE FUNCTION grants_payment_is_kept();

-- Nothing goes to the bank out of a batch that two people have not put their names to.
CREATE FUNCTION grants_payment_needs_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('sent', 'paid', 'failed') AND NOT EXISTS (
      SELECT 1 FROM grants_paymentbatch WHERE id = NEW.batch_id AND approved_by_id <> prepared_by_id
        AND state IN ('approved', 'sent', 'done')) THEN
    RAISE EXCEPTION 'a payment goes out only with a batch approved by a second person'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_payment_four_eyes';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_needs_batch BEFORE INSERT OR UPDATE OF state ON grants_paymentorder
  FOR EACH ROW EXECUTE FUNCTION grants_payment_needs_batch();
