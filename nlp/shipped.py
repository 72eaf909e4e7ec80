"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v2-0baeaf23fe19"
MANIFEST_SHA256 = "ef0533997ea4e6b0df8473afdb70252d9d7f4dde84536d741cacdd4a4d5311ed"
