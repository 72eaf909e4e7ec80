"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-5e7f53168407"
MANIFEST_SHA256 = "59d1aa3c290843f4ea67920c664da6e7138a6c132d4f61d3bd2bf04a8f6568bb"
