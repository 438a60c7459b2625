"""Parts of the S2 CRM source."""
