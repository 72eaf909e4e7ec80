"""From posts to people and case systems: record, alerts, index, deliveries, console."""
