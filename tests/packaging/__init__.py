"""What is shipped, and how the repository itself is kept."""
