"""Component trees as pure functions: the only room with words, numbers and CSS classes for people."""
