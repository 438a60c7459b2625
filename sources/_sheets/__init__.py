"""Reading of spreadsheets for the `files` source: from bytes to tables, from columns to facts."""
