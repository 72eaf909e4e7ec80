"""What runs by itself: each module is one committed step of the line."""
