"""The faces: pages for the public, crews, keepers and the office. Holds no rules."""
