"""Who is owed is found and paid: programmes, facts, entitlements, applications, review, public notice, payment."""
