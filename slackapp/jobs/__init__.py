"""What the clock and the queue tell us. A job may run late, twice, or beside itself; its name says what is true after it."""
