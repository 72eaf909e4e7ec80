"""Alembic runs the revisions on the connection the record hands over, inside its transaction."""

from alembic import context

from pipeline.adapters.record.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
