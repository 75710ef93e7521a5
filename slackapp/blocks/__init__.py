"""Values to Block Kit. Pure: one function a screen, reading top to bottom as the screen does."""
