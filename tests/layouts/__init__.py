"""What people read, tried out without a browser."""
