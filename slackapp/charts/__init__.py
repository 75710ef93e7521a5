"""Values to pictures. Pure."""
