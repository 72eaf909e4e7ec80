"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v2-4dcc372a8714"
MANIFEST_SHA256 = "cf5fd362c669202c40eb767bb38db4c801c597c4423dfd66224db02084c5000d"
