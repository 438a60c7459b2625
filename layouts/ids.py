"""Every id that a callback, a script or a test may name."""

WALL = "wall"
CHART = "wall-chart"
