"""The commands of ``xiepai script``: they read files, call the script core and print. No rule lives here."""
