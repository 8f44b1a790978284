"""The commands of ``xiepai policy``: they read files, call the policy package and print. No rule lives here."""
