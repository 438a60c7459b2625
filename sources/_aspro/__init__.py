"""Parts of the Aspro.Cloud source."""
