"""From files to clauses, to evidence on a date, to an answer in quotations."""
