"""The end-to-end suite: the product through its API alone, and its programs as a user starts them."""
