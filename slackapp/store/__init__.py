"""SQL. Functions take the caller's connection first and never commit; rows stop here, frozen values travel on."""
