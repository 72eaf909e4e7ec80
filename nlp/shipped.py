"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v2-20b2beb080fb"
MANIFEST_SHA256 = "7c4c957c186e802277a1841f3305df5b8e802fdb3923c836f2f5e2a9231765d1"
