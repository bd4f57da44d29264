"""What moderation claims, measured again, in parts that run alone or all together."""
