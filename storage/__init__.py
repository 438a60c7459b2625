"""The store: SQLAlchemy Core over SQLite or PostgreSQL; takes and gives domain objects."""
