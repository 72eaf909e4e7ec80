"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-0e3a2a2444db"
MANIFEST_SHA256 = "8fe3d2c4bda017def0af0c98100ee7da3adc8900a12ea10777eddebec3854c53"
