"""Work on a clock, no web: the poller and its supervisor."""
