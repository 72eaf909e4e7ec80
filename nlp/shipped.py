"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-cb93de292c21"
MANIFEST_SHA256 = "08fd6a73ef372fb2b11b30a1b035904a1c41f8470eed11cc9c27e87ce8d8ce4e"
