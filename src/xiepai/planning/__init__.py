"""Planning cores: plain Python, frozen problems in, checked results out. No framework, no database, no clock."""
