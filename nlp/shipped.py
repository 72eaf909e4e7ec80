"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v2-81227432c4ae"
MANIFEST_SHA256 = "4de2db3d5c0540c2fea749607f534aed36450efadb4fcc095f57bf2d8b06e798"
