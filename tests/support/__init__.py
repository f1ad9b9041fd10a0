"""What the tests share: databases, a browser without a window, invented people."""
