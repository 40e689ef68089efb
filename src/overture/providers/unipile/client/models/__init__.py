"""What Unipile answers with, as tolerant models: every field but the key may be missing."""
