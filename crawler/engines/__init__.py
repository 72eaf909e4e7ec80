"""Forum engines: one pure module each, from a parsed page to threads, posts and further pages."""
