"""Commands that measure: each prints its figures, ratios measured in one run."""
