"""Self-written labelled examples."""
