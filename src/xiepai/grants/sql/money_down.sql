-- The reverse of money.sql.

DROP TRIGGER payment_needs_batch ON grants_paymentorder;
DROP TRIGGER payment_kept ON grants_paymentorder;
DROP TRIGGER account_kept ON grants_bankaccount;
DROP TRIGGER balance_follows ON grants_ledgeraccount;
DROP TRIGGER entry_posts ON grants_ledgerentry;
DROP TRIGGER event_kept ON grants_applicationevent;
DROP TRIGGER decision_kept ON grants_decision;
DROP TRIGGER entry_kept ON grants_ledgerentry;
DROP FUNCTION grants_payment_needs_batch, grants_payment_is_kept, grants_account_is_kept, grants_balance_follows,
  grants_post_entry, grants_money_is_kept;
