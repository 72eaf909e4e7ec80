"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-5f6f8530d707"
MANIFEST_SHA256 = "5c5ef9da59ff44e1ad231968a550c12bf5b52eb6240330718c675b13b19b21df"
