"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-a8029845a369"
MANIFEST_SHA256 = "82930f676faef0fc87dd96288fdec1b4d5eadd5f77bf681033a2787357a5c540"
