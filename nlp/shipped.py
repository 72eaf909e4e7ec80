"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-f04abd39ce35"
MANIFEST_SHA256 = "22c1a7c581567e44ddfe5ac6457b6246ad5afb9251c2de7bff2035476e474b24"
