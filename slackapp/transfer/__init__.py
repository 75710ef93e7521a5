"""Files in and out: what other tools and spreadsheets know about gestures."""
