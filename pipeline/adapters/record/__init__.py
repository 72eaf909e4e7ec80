"""The record on SQL: one module per family of tables, all methods of a transaction on one connection."""
