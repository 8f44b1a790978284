"""Documents of grants as PDF (typst). What people typed goes in as data, never as markup."""
