"""What Slack tells us. Slack's dicts stop here."""
