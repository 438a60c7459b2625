"""What the desk does: pure functions, then `register(app, deps)` that wires them to components."""
