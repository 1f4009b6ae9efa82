"""What was planted, and how an answer is scored against it."""
