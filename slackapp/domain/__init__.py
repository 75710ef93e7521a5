"""The pure core: values and decisions. Nothing here waits, reads a clock, knows Slack or speaks SQL."""
