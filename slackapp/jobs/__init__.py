"""What the clock and the queue tell us."""
