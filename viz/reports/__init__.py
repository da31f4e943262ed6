"""Reports in words and tables, for terminals, notebooks and pages."""
