"""One file a step; the number in front is only for people, Alembic follows `down_revision`."""
