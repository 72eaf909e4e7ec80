"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v2-48d7de34fb9f"
MANIFEST_SHA256 = "52c1e260f9579f120092054913884701dfb2c28c82176fe7e0249204aa90c91c"
