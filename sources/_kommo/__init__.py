"""How Kommo (amoCRM) is read: one concept a file."""
