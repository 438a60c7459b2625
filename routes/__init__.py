"""Plain Flask: what scripts, screens and operations ask for."""
