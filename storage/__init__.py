"""What must be remembered: tables, queries as functions, migrations."""
