"""The rules of selling: plan against fact, pace and rank. Knows no clock, no I/O and no human language."""
