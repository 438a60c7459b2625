"""The cards of the phone page."""
