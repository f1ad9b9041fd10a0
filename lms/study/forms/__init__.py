"""What is sent to the study room: by the player, and by people."""
