"""Which model the package ships; written by `nightlight train --ship`."""

MODEL_ID = "v1-87ab9cfd53c5"
MANIFEST_SHA256 = "f622f0a302a9d7d36000359116dd093bd42195e5ffbb7546885bccef7e795e46"
