"""The command line: `python app.py …`, one subject a file."""
