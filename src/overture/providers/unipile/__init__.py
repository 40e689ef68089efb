"""LinkedIn by way of Unipile's API v1; `client` is a client of that API usable by itself."""
