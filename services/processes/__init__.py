"""What each process does; a module for each, which imports what that process needs and nothing of the others'."""
