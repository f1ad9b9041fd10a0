"""Pages of study: the player, refused seconds and their appeals, classes, findings."""
