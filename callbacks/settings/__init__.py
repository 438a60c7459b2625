"""The pages of the desk at work."""
