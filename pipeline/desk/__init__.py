"""What people do: every action has an actor, checks its permission here, and leaves an audit event."""
