"""What comes in and what goes out: requests, responses, ready answers, sessions and contexts."""
