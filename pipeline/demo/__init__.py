"""A small forum of our own, its posts with known answers, and a webhook receiver."""
