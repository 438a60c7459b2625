"""Reading a CRM whose lists may or may not be sorted and filtered: what it can do is tried out, then used."""
