"""Documents of a shoot, as PDF (typst). What people typed goes in as data, never as markup."""
