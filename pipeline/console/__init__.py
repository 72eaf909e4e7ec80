"""The investigators' console: server-rendered pages and the JSON API."""
