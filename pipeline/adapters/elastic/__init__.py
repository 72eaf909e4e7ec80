"""The index on Elasticsearch 9. Imported only when `index_url` is set: the client is in the extra `servers`."""
