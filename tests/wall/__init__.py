"""The wall in a real browser, on boards made by hand."""
