"""Collects text posts from forums under a mandate, and nothing else."""
