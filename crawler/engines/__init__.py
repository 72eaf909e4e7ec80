"""One pure module per forum engine: a parsed page in, threads, posts and next pages out."""
