"""One module per receiver: how an event looks on the wire."""
