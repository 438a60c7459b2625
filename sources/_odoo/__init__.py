"""What Odoo tells and how it is asked; sources/odoo.py puts it together."""
