"""The site's faces over the world: its JSON interface and its pages."""
