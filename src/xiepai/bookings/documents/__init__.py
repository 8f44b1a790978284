"""Documents of a booking, as PDF (typst) and XLSX. What people typed goes in as data, never as markup."""
